"""Recording a visit with its issues: one transaction, idempotent by the operation id."""

from typing import Any
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction

from chishang.core.dates import today
from organizations.models import Appointment, Organization, User, Village
from organizations.models.appointments import AppointmentQuerySet
from visits.enums import OperationKind, OperationState, Source
from visits.models import Campaign, Household, Issue, IssueCategory, IssueEvent, Operation, Visit
from visits.services.drafts import IssueDraft, VisitDraft, key_of
from visits.services.issues import raise_issue

RECORD = "visits.add_visit"
OTHER_HOUSEHOLD = "这一户现在不归提交人负责，或门户里没有这一户，由镇党建办核对。"
NOT_JUDGED = "还没有核对"
"""Why a row is held that goes in before it is judged; nobody sees it."""


class OperationReused(ValidationError):
    """The operation id was used before, by another account or with another body."""

    def __init__(self, operation: Operation | None = None) -> None:
        self.operation = operation
        super().__init__("同一张表单已经提交过，内容不同。原记录没有改动；如果是另一次走访，请重新填一张。")


class NotTakenIn(ValidationError):
    """The very same was received before and waits for the office, or was dismissed by it."""

    def __init__(self, operation: Operation) -> None:
        held = operation.state == OperationState.HELD
        result = "等镇党建办处理" if held else f"镇党建办没有采用：{operation.decision}"
        super().__init__({NON_FIELD_ERRORS: f"这张表单已经收到，{result}。不用再报。"})


def record_visit(*, actor: User, op_id: UUID, draft: VisitDraft, source: Source) -> tuple[Visit, bool]:
    """Store a visit with its issues, once for ever under ``op_id``; return it and whether it is new.

    The operation's row goes in first: a second request with the same id waits for it at the unique key and then gets
    the stored visit. Raises OperationReused when the id came before from another account or with another content,
    NotTakenIn when the same came by phone and is no visit (yet), and ValidationError (by field) when the draft is
    wrong; then nothing is stored.
    """
    digest = draft.sha256
    try:
        with transaction.atomic():
            operation = Operation.objects.create(
                op_id=op_id,
                user=actor,
                kind=OperationKind.VISIT,
                payload=draft.as_payload(),
                payload_sha256=digest,
                organization=organization_concerned(actor, draft.household_id),
                state=OperationState.HELD,
                reason=NOT_JUDGED,
            )
            operation.visit = store_visit(gate=actor, sender=actor, draft=draft, source=source)
            operation.state, operation.reason = OperationState.APPLIED, ""
            operation.save(update_fields=["visit", "state", "reason"])
            return operation.visit, True
    except IntegrityError as error:
        stored = Operation.objects.select_related("visit").filter(op_id=op_id).first()
        if stored is None:  # some other constraint refused
            raise
        if stored.user_id != actor.pk:
            raise OperationReused from error
        if stored.payload_sha256 != digest:
            raise OperationReused(stored) from error
        if stored.visit is None:
            raise NotTakenIn(stored) from error
        return stored.visit, False


def appointments_to_record() -> AppointmentQuerySet:
    """Return all appointments, past and future ones too, whose duty is to record visits."""
    app_label, codename = RECORD.split(".")
    permission = {"codename": codename, "content_type__app_label": app_label}
    return Appointment.objects.filter(**{f"duty__group__permissions__{name}": one for name, one in permission.items()})


def organization_concerned(user: User, household_id: Any) -> Organization:
    """Return the body to which an operation belongs: that of the household it names, else the sender's own.

    That is where he is appointed, or the branch of the village; the town's committee for any other duty, or none.
    """
    village = Village.objects.filter(households__pk=key_of(household_id) or 0).first()
    if village is not None:
        return village.branch
    appointed = user.appointments.in_force().exclude(organization=None, village=None).order_by("pk").first()
    if appointed is None:
        return Organization.objects.get(parent__isnull=True)
    return appointed.organization or appointed.village.branch


def store_visit(*, gate: User, sender: User, draft: VisitDraft, source: Source) -> Visit:
    """Store a visit with its issues. The household must be one that ``gate`` may record visits to.

    ``sender`` typed it in, and made the visit unless the draft names somebody else. ``gate`` is another account where
    the office takes in what ``sender`` may no longer record; then it may name a visitor of another place, and
    categories that are no longer in use. Raises ValidationError by field.
    """
    by_office = gate != sender
    household = _household(gate, draft, source)
    named = draft.visitor_id not in {None, sender.pk}
    visitor = _visitor(draft.visitor_id, household, by_office=by_office) if named else sender
    if draft.visited_on > today():
        raise ValidationError({"visited_on": "走访日期不能晚于今天。"})
    visit = Visit(
        campaign=_campaign(draft),
        household=household,
        visited_on=draft.visited_on,
        visitor=visitor,
        companions=draft.companions.strip(),
        entered_by=sender,
        content=draft.content.strip(),
        remark=draft.remark.strip(),
        source=source,
    )
    visit.full_clean()
    visit.save()
    categories = IssueCategory.objects.all() if by_office else IssueCategory.objects.in_use()
    for number, issue in enumerate(draft.issues):
        _raise(sender, visit, issue, number, categories)
    return visit


def _raise(actor: User, visit: Visit, draft: IssueDraft, number: int, categories: Any) -> None:
    try:
        category = _one_of(categories, draft.category_id, "category", "请选择问题类别。")
        raise_issue(actor=actor, visit=visit, category=category, description=draft.description, urgency=draft.urgency)
    except ValidationError as error:
        raise ValidationError({f"issues.{number}.{name}": told for name, told in error.error_dict.items()}) from error


def _one_of(rows: Any, key: int | None, name: str, message: str) -> Any:
    row = rows.filter(pk=key).first()
    if row is None:
        raise ValidationError({name: message})
    return row


def _household(gate: User, draft: VisitDraft, source: Source) -> Household:
    """Whoever has the form before him can choose another one; what a phone sent is for the office to check."""
    message = OTHER_HOUSEHOLD if source == Source.PHONE else "请选择本村的农户或企业。"
    return _one_of(Household.objects.visible_to(gate, RECORD), draft.household_id, "household", message)


def _campaign(draft: VisitDraft) -> Campaign:
    if draft.campaign_id:
        return _one_of(Campaign.objects.all(), draft.campaign_id, "campaign", "没有这个走访活动。")
    campaign = Campaign.objects.running_on(draft.visited_on).first()
    if campaign is None:
        raise ValidationError({"visited_on": "这一天没有进行中的走访活动，请核对日期或请镇党建办先建立活动。"})
    return campaign


def _visitor(key: int | None, household: Household, *, by_office: bool) -> User:
    visitor, place = User.objects.filter(pk=key).first(), Household.objects.filter(pk=household.pk)
    if visitor is None or not (by_office or place.visible_to(visitor, RECORD).exists()):
        raise ValidationError({"visitor": "走访人应是负责这个村的人员。"})
    return visitor


FIELDS = {field.name: str(field.verbose_name) for model in (IssueEvent, Issue, Visit) for field in model._meta.fields}


def with_fields(error: ValidationError) -> ValidationError:
    """Return the error so that it can be told without a form: what any field may say comes with the field's name."""
    if not hasattr(error, "error_dict"):
        return error
    return ValidationError({name: [_with_field(name, one) for one in told] for name, told in error.error_dict.items()})


def _with_field(name: str, error: ValidationError) -> str:
    *issue, field = name.split(".")
    names = [f"第 {int(issue[1]) + 1} 个问题"] if issue else []
    if error.code and field in FIELDS:
        names.append(FIELDS[field])
    return "：".join(["的".join(names), *error.messages]) if names else "".join(error.messages)
