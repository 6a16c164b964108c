"""Leads: opened, disposed of in one of four ways, finished; and the petitions that they come from."""

from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError

from chishang.core.dates import refuse_future
from chishang.core.guards import told_in_words
from discipline.enums import Disposal
from discipline.models import Case, Lead, LeadPetition, Petition
from discipline.services.corrections import take_over
from discipline.services.handling import check_handler, check_order, check_person, check_place, check_texts, lock_row
from discipline.services.people import require_place
from organizations.models import User

DATES = ("received_on", "proposed_on", "finished_on")
CORRECTABLE = frozenset(
    ("number", "source", "organization", "person", "content", "disposal", "outcome", "case", *DATES)
)
ONLY_BY_VERIFICATION = "只有经初步核实的线索才能立案；这条线索的处置方式不是初步核实，请不要选案件。"


def open_lead(*, actor: User, lead: Lead, petition: Petition | None = None) -> Lead:
    """Store a new lead, with the petition that it comes from, and return it.

    A handler may be given at once by whoever hands leads out. Raises PermissionDenied without the right to add,
    ValidationError (by field) for what is missing, in the future, of another place, or about the actor.
    """
    with told_in_words():
        check_place(actor, lead, "add")
        if lead.handler is not None or lead.handler_only:
            check_handler(actor, lead)
        _check(actor, lead)
        lead.save()
        if petition is not None:
            _link(actor, lead, petition)
    return lead


def correct_lead(*, actor: User, lead: Lead, changed: Collection[str]) -> Lead:
    """Put right the columns and texts ``changed`` of a stored lead and return it; what others did meanwhile stays.

    Raises PermissionDenied, or ValidationError (by field) as ``open_lead`` and ``finish_lead``.
    """
    with told_in_words():
        locked: Lead = lock_row(actor, lead)
        take_over(locked, lead, CORRECTABLE.intersection(changed))
        check_place(actor, locked, "change")
        _check(actor, locked)
        if "case" in changed:
            _check_case(actor, locked)
        if locked.case_id and Case.objects.filter(pk=locked.case_id, filed_on__lt=locked.received_on).exists():
            raise ValidationError({"received_on": "收到日期晚于立案日期，请核对。"})
        locked.save()
    return locked


def link_petition(*, actor: User, lead: Lead, petition: Petition) -> LeadPetition:
    """Note that the lead comes from the petition, too, and return the link.

    Raises PermissionDenied for a lead that one may not change, ValidationError at ``petition`` for one that the actor
    does not see or that is linked already.
    """
    with told_in_words():
        return _link(actor, lock_row(actor, lead), petition)


def propose_disposal(*, actor: User, lead: Lead, disposal: str, proposed_on: date) -> Lead:
    """Note in which of the four ways the lead is to be disposed of, and return it.

    Raises ValidationError when that was noted already, for an unknown way, a day in the future or before receipt.
    """
    with told_in_words():
        locked: Lead = lock_row(actor, lead)
        if locked.proposed_on:
            raise ValidationError(
                f"已于 {locked.proposed_on:%Y-%m-%d} 提出“{locked.get_disposal_display()}”；填错的，请在线索页面改正。"
            )
        if disposal not in Disposal.values:
            raise ValidationError({"disposal": "请从四种处置方式中选一种。"})
        locked.disposal, locked.proposed_on = disposal, proposed_on
        _check(actor, locked)
        locked.save()
    return locked


def finish_lead(*, actor: User, lead: Lead, finished_on: date, outcome: str, case: Case | None = None) -> Lead:
    """Finish a lead with its outcome and return it; one disposed of by verification may have led to a case.

    Raises ValidationError before a disposal was proposed, without an outcome, for a day in the future or before an
    earlier step, and for a case that the actor does not see, that is older than the lead, or without verification.
    """
    with told_in_words():
        locked: Lead = lock_row(actor, lead)
        if locked.finished_on:
            raise ValidationError(f"已于 {locked.finished_on:%Y-%m-%d} 办结；填错的，请在线索页面改正。")
        locked.finished_on, locked.outcome = finished_on, outcome.strip()
        if case is not None:
            locked.case = case
            _check_case(actor, locked)
        _check(actor, locked)
        locked.save()
    return locked


def _link(actor: User, lead: Lead, petition: Petition) -> LeadPetition:
    require_place(actor, "discipline.add_leadpetition", lead.organization_id)
    if not Petition.objects.visible_to(actor).filter(pk=petition.pk).exists():
        raise ValidationError({"petition": "请从列表里选择信访件。"})
    if lead.petition_links.filter(petition=petition).exists():
        raise ValidationError({"petition": "该信访件已关联到这条线索。"})
    link = LeadPetition(lead=lead, petition=petition)
    link.save()
    return link


def _check_case(actor: User, lead: Lead) -> None:
    if lead.case_id is None:
        return
    case = Case.objects.visible_to(actor).filter(pk=lead.case_id).first()
    if case is None:
        raise ValidationError({"case": "请从列表里选择案件。"})
    if lead.disposal != Disposal.VERIFICATION:
        raise ValidationError({"case": ONLY_BY_VERIFICATION})
    if case.filed_on < lead.received_on:
        raise ValidationError({"case": "该案立案日期早于线索收到日期，请核对案号。"})


def _check(actor: User, lead: Lead) -> None:
    check_texts(lead)
    refuse_future(lead, *DATES)
    check_order(lead, *DATES)
    if lead.finished_on and not lead.proposed_on:
        raise ValidationError({"finished_on": "先提出处置意见，再办结：请先登记处置方式和日期。"})
    if lead.finished_on and not lead.outcome.strip():
        raise ValidationError({"outcome": "办结的线索必须写明处置结果，请填写处置结果。"})
    check_person(actor, lead)
    lead.full_clean()
