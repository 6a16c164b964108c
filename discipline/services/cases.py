"""Cases: filing, the steps in their order, the persons involved, and who may read them until when."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError

from chishang.core.dates import add_months, in_words, refuse_future, today
from chishang.core.guards import told_in_words
from discipline.enums import Disposal
from discipline.models import Case, CaseAccess, Involvement, Lead, Person
from discipline.models.cases import STEPS
from discipline.models.petitions import ASSIGN
from discipline.selectors.cases import STEP_NAMES, next_step
from discipline.services.corrections import take_over
from discipline.services.people import PersonFacts, find_or_make_person, require_place
from organizations.models import Appointment, User

CHANGE, VIEW = "discipline.change_case", "discipline.view_case"
USUAL_MONTHS, MOST_MONTHS = 12, 24
"""How long one is named on a case unless told otherwise, and at most."""
RECUSED = "此人须回避本案，请指定其他纪检人员。"


@dataclass(frozen=True)
class Naming:
    """Who may read a case that is filed, beside its handler, and until when (default: one year)."""

    users: tuple[User, ...] = ()
    until: date | None = None


def file_case(
    *, actor: User, case: Case, people: Iterable[PersonFacts], naming: Naming | None = None, leads: Iterable[Lead] = ()
) -> Case:
    """File a case about ``people`` and return it; its handler and the users of ``naming`` are named on it.

    ``leads`` that the actor may change, proposed for verification, are linked to it. Raises ValidationError (by field)
    for a day in the future, without a person or without anybody who may read it, for one named who may not read it;
    whoever may not assign cases names nobody but himself.
    """
    naming = naming or Naming()
    facts = list(people)
    if not facts:
        raise ValidationError({"people": "请写明涉案人员，至少一人。"})
    require_place(actor, "discipline.add_case", case.organization_id)
    with told_in_words():
        refuse_future(case, *STEPS)
        case.full_clean()
        case.save()
        for one in facts:
            _involve(case, find_or_make_person(actor=actor, facts=one))
        _name_readers(actor, case, naming)
        for lead in leads:
            _link(actor, case, lead)
    return case


def correct_case(*, actor: User, case: Case, changed: Collection[str]) -> Case:
    """Put right the columns and texts ``changed`` of a case and return it; what others did meanwhile stays.

    Steps not taken yet stay so (``take_step``); one is taken back only when no later one was taken.

    Raises ValidationError (by field) for dates out of their order or in the future, PermissionDenied where the actor
    may not change the case.
    """
    with told_in_words():
        locked = _locked(actor, case)
        if any(getattr(locked, name) is None and getattr(case, name) for name in STEPS if name in changed):
            raise ValidationError("还没有办的步骤，请用“登记步骤”办理。")
        if "handler" in changed:
            raise ValidationError({"handler": "改派承办人请用“分派”。"})
        take_over(locked, case, changed)
        _refuse_gaps(locked, changed)
        require_place(actor, CHANGE, locked.organization_id)
        refuse_future(locked, *STEPS)
        if locked.leads.filter(received_on__gt=locked.filed_on).exists():
            raise ValidationError({"filed_on": "立案日期早于本案线索的收到日期，请核对。"})
        locked.full_clean()
        locked.save()
    return locked


def _refuse_gaps(case: Case, changed: Collection[str]) -> None:
    """Refuse to take back a step that was followed by another."""
    for number, name in enumerate(STEPS):
        if name in changed and getattr(case, name) is None and any(getattr(case, later) for later in STEPS[number:]):
            raise ValidationError(
                {name: f"后面的步骤已经办理，不能清空“{STEP_NAMES[name]}”的日期，请改成正确的日期。"}
            )


def take_step(*, actor: User, case: Case, step: str, day: date) -> Case:
    """Date the next step of a case (a name of ``STEPS``) and return it.

    Raises ValidationError (by field) for a step that is taken already or not next, for a day in the future or before
    an earlier step.
    """
    with told_in_words():
        locked = _locked(actor, case)
        expected = next_step(locked)
        if step not in STEP_NAMES or getattr(locked, step):
            raise ValidationError({"step": "这一步已经登记过了。日期登记错的，请在本案页面更正。"})
        if step != expected:
            told = f"还不能登记“{STEP_NAMES[step]}”，请先登记“{STEP_NAMES[expected or step]}”。"
            raise ValidationError({"step": told})
        _check_day(locked, step, day)
        setattr(locked, step, day)
        locked.full_clean()
        locked.save()
    return locked


def involve_person(*, actor: User, case: Case, facts: PersonFacts) -> Involvement:
    """Add a person to a case and return the row.

    Raises ValidationError (by field) for one who is in it already, and for one who is, or may be, the actor.
    """
    with told_in_words():
        locked = _locked(actor, case)
        return _involve(locked, find_or_make_person(actor=actor, facts=facts))


def grant_access(*, actor: User, case: Case, user: User, until: date | None = None) -> CaseAccess:
    """Name ``user`` on a case from today until a day (default: one year; at most two), and return the row.

    One who is named already gets the new last day. Raises PermissionDenied for an actor who does not assign cases or
    whom the case is about, ValidationError (by field) for a user without a duty in the office or whom it is about.
    """
    with told_in_words():
        _assignable(actor, case)
        return _grant(actor, case, user, until)


def assign_handler(*, actor: User, case: Case, user: User, until: date | None = None) -> CaseAccess:
    """Give a case to ``user``, who is named on it, too, as by ``grant_access``; return the row."""
    with told_in_words():
        locked = _assignable(actor, case)
        access = _grant(actor, locked, user, until)
        locked.handler = user
        locked.save(update_fields=["handler"])
    return access


def end_access(*, actor: User, access: CaseAccess) -> CaseAccess:
    """End a grant, with all others of that user on the case, at once; the rows stay, with their history.

    Raises as ``grant_access``, and for one that is over.

    The last day of a grant counts, so it ends with yesterday; one that began today is dated back to before the first.
    """
    with told_in_words():
        case = _assignable(actor, access.case)
        of_user = CaseAccess.objects.filter(case=case, user=access.user_id).order_by("since")
        running = list(of_user.filter(until__gte=today()).select_for_update(no_key=True))
        if access.pk not in {one.pk for one in running}:
            raise ValidationError("这项授权已经到期。")
        for one in running:
            _end(one, of_user.first() or one)
    return CaseAccess.objects.get(pk=access.pk)


def _end(access: CaseAccess, first: CaseAccess) -> None:
    access.until = today() - timedelta(days=1)
    if access.since > access.until:
        access.since = access.until = min(access.until, first.since - timedelta(days=1))
    access.save()


def office_holders() -> list[User]:
    """Return the active accounts that may read cases today by a duty, in the order of names."""
    rights = Appointment.objects.in_force().filter(
        duty__group__permissions__codename="view_case", duty__group__permissions__content_type__app_label="discipline"
    )
    return list(User.objects.filter(is_active=True, pk__in=rights.order_by().values("user")))


def _involve(case: Case, person: Person) -> Involvement:
    involvement = Involvement(case=case, person=person)
    try:
        involvement.full_clean()
    except ValidationError as error:
        raise ValidationError({"people": error.messages}) from error
    involvement.save()
    return involvement


def _name_readers(actor: User, case: Case, naming: Naming) -> None:
    named = {user.pk: user for user in (case.handler, *naming.users) if user}
    if not named:
        raise ValidationError({"handler": "请指定承办人或可查阅的人，否则谁也看不到本案。"})
    if set(named) != {actor.pk} and not actor.has_perm(ASSIGN):
        raise ValidationError({"handler": "您只能指定自己；需要他人承办或查阅的，请由纪委书记分派。"})
    for user in named.values():
        _grant(actor, case, user, naming.until)


def _grant(actor: User, case: Case, user: User, until: date | None) -> CaseAccess:
    until = until or add_months(today(), USUAL_MONTHS)
    _check_reader(case, user, until)
    access = CaseAccess.objects.in_force().filter(case=case, user=user).order_by("-until").first()
    access = access or CaseAccess(case=case, user=user)
    if until > add_months(access.since, MOST_MONTHS):
        # What runs longer than two years in all starts anew, so that the beginning is known.
        CaseAccess.objects.filter(pk=access.pk).update(until=today() - timedelta(days=1))
        access = CaseAccess(case=case, user=user)
    access.until, access.granted_by = until, actor
    access.full_clean()
    access.save()
    return access


def _check_reader(case: Case, user: User, until: date) -> None:
    if until < today():
        raise ValidationError({"until": "截止日期不能早于今天。"})
    if until > add_months(today(), MOST_MONTHS):
        raise ValidationError({"until": "查阅授权最长两年，到期请重新指定。"})
    scope = user.scope_for(VIEW)
    if not (scope.everything or case.organization_id in scope.organization_ids):
        raise ValidationError({"user": "只能指定现任纪检职务的人。"})
    if not Case.not_about(Case.objects.filter(pk=case.pk), user).exists():
        raise ValidationError({"user": RECUSED})


def _link(actor: User, case: Case, lead: Lead) -> None:
    rows = Lead.objects.visible_to(actor, "discipline.change_lead").select_for_update(no_key=True, of=("self",))
    locked = rows.filter(pk=lead.pk).first()
    if locked is None:
        raise ValidationError({"leads": "请从列表里选择线索。"})
    if locked.disposal != Disposal.VERIFICATION:
        raise ValidationError({"leads": f"线索 {locked}：只有经初步核实的线索才能立案。"})
    if case.filed_on < locked.received_on:
        raise ValidationError({"leads": f"线索 {locked}：收到日期晚于立案日期，请核对。"})
    if locked.case_id is not None:
        raise ValidationError({"leads": f"线索 {locked} 已经立案。"})
    locked.case = case
    locked.full_clean()
    locked.save()


def _locked(actor: User, case: Case) -> Case:
    """Lock and return a case that the actor may change; raise PermissionDenied for others."""
    rows = Case.objects.visible_to(actor, CHANGE).select_for_update(no_key=True, of=("self",))
    locked: Case | None = rows.filter(pk=case.pk).first()
    if locked is None:
        raise PermissionDenied
    return locked


def _assignable(actor: User, case: Case) -> Case:
    """Lock and return a case that the actor may hand out, though he may not read it; raise PermissionDenied."""
    scope = actor.scope_for(ASSIGN)
    rows = Case.not_about(Case.objects.within(scope), actor)
    locked: Case | None = rows.select_for_update(no_key=True, of=("self",)).filter(pk=case.pk).first()
    if locked is None:
        raise PermissionDenied
    return locked


def _check_day(case: Case, step: str, day: date) -> None:
    if day > today():
        raise ValidationError({"day": "日期不能晚于今天。"})
    before = STEPS[STEPS.index(step) - 1]
    earlier = getattr(case, before)
    if earlier and day < earlier:
        told = f"{STEP_NAMES[step]}日期不能早于{STEP_NAMES[before]}日期（{in_words(earlier)}）。"
        raise ValidationError({"day": told})
