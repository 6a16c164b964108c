"""Taking a member into the register, correcting the file, and looking at an ID number."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from chishang.core.dates import Precision, today
from chishang.core.id_numbers import IdNumber, parse_id_number
from members.enums import ChangeKind, Sex, Standing
from members.models import Member, MemberChange
from members.models.id_numbers import id_number_index
from members.models.people import probation_end
from organizations.enums import JournalAction
from organizations.models import JournalEntry, User
from organizations.services import write_journal

LOOKS_AN_HOUR = 20
"""How many ID numbers one account may search, or look at, within an hour."""


def disagreements(number: IdNumber, *, sex: str, born_on: date | None, born_precision: str) -> dict[str, str]:
    """Return what of a file disagrees with the ID number, as field → message; neither repeats the number.

    A birth date known to the month or year is compared as far as it is known.
    """
    found = {}
    if sex and (sex == Sex.MALE) != number.is_male:
        found["sex"] = "性别与身份证号码不一致"
    length = {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4}[Precision(born_precision)]
    if born_on and born_on.isoformat()[:length] != number.born_on.isoformat()[:length]:
        found["born_on"] = "出生日期与身份证号码不一致"
    return found


def set_id_number(member: Any, text: str) -> None:
    """Put a checked ID number on a file; raise ValidationError when it is wrong, taken, or disagrees with the file.

    A file may disagree with the number when ``id_override_reason`` says why (the Party file's birth date counts as the
    archive review fixed it). Where the file has no birth date, the number gives it.
    """
    try:
        number = parse_id_number(text)
    except ValueError as error:
        raise ValidationError({"id_number": f"{error}。"}) from error
    if member.born_on is None and hasattr(member, "joined_on"):
        member.born_on, member.born_precision = number.born_on, Precision.DAY
    wrong = disagreements(number, sex=member.sex, born_on=member.born_on, born_precision=member.born_precision)
    if wrong and not getattr(member, "id_override_reason", ""):
        raise ValidationError(
            {name: f"{text}，请核对；确有原因的，写明理由后再保存。" for name, text in wrong.items()}
        )
    taken = type(member).objects.filter(id_number_index=id_number_index(number.text)).exclude(pk=member.pk)
    if taken.exists():  # whose it is, is nobody's business who may not see that branch
        raise ValidationError({"id_number": "该身份证号码已经登记过，请核对号码，或与镇党建办联系。"})
    member.set_id_number(number.text)


@transaction.atomic
def register_member(
    *,
    actor: User | None,
    member: Member,
    id_number: str = "",
    kind: ChangeKind = ChangeKind.JOINED,
    occurred_on: date | None = None,
    place: str = "",
) -> Member:
    """Take an unsaved ``member`` into the register, with the dated changes that brought him there.

    ``kind`` is JOINED (on ``joined_on``) or TRANSFERRED_IN (on ``occurred_on``, from ``place``). Raises
    ValidationError by field when something is wrong; then nothing is stored.
    """
    if id_number:
        set_id_number(member, id_number)
    check_dates(member)
    member.standing = Standing.NORMAL
    member.probation_ends_on = None if member.full_member_on else probation_end(member.joined_on)
    member.full_clean()
    arrived_on = occurred_on if kind == ChangeKind.TRANSFERRED_IN and occurred_on else member.joined_on
    if arrived_on < member.joined_on:
        raise ValidationError({"joined_on": "转入日期早于入党日期，请核对。"})
    member.save()
    _write(actor, member, kind, arrived_on, from_standing="", place=place)
    if member.full_member_on and member.full_member_on >= arrived_on:
        _write(actor, member, ChangeKind.BECAME_FULL, member.full_member_on, from_standing=Standing.NORMAL)
    return member


@transaction.atomic
def correct_member(*, actor: User | None, member: Member, id_number: str | None = None) -> Member:
    """Store corrections to a file, and keep the days of joining and full membership in its course in step.

    ``id_number`` None leaves the number as it is, empty takes it off. Raises ValidationError by field.
    """
    if id_number:
        set_id_number(member, id_number)
    elif id_number is not None:
        member.set_id_number("")
    elif member.has_id_number:
        set_id_number(member, member.read_id_number())
    check_dates(member)
    if member.full_member_on is None and member.probation_ends_on is None:
        member.probation_ends_on = probation_end(member.joined_on)
    member.full_clean()
    member.save()
    course = member.changes.valid()
    course.filter(kind=ChangeKind.JOINED).update(occurred_on=member.joined_on)
    became_full = course.filter(kind=ChangeKind.BECAME_FULL)
    if member.full_member_on is None:
        became_full.update(voided_at=timezone.now(), voided_by=actor, void_reason="更正：尚未转正")
    elif became_full.exists():
        became_full.update(occurred_on=member.full_member_on)
    elif not course.filter(kind=ChangeKind.TRANSFERRED_IN, occurred_on__gt=member.full_member_on).exists():
        _write(actor, member, ChangeKind.BECAME_FULL, member.full_member_on, from_standing=Standing.NORMAL)
    return member


def check_dates(member: Member) -> None:
    """Refuse days of joining or full membership in the future (ValidationError by field)."""
    labels = {"joined_on": "入党日期", "full_member_on": "转正日期"}
    late = {
        name: f"{label}不能晚于今天。"
        for name, label in labels.items()
        if (getattr(member, name) or today()) > today()
    }
    if late:
        raise ValidationError(late)


def reveal_id_number(*, actor: User, member: Member, reason: str) -> str:
    """Return the whole ID number, and note in the journal who looked at whose and why.

    Raises PermissionDenied without the right ``members.reveal_member`` there, ValidationError without a reason or
    after ``LOOKS_AN_HOUR`` looks within an hour.
    """
    if not Member.objects.visible_to(actor, "members.reveal_member").filter(pk=member.pk).exists():
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": "请写明查看的理由。"})
    _limit_looks(actor, JournalAction.REVEAL_ID_NUMBER)
    write_journal(
        actor=actor,
        action=JournalAction.REVEAL_ID_NUMBER,
        subject=f"党员 {member.pk}",
        reason=reason.strip(),
        organization_id=member.branch_id,
    )
    return member.read_id_number()


def find_by_id_number(*, actor: User, text: str) -> Member | None:
    """Return the member with this ID number, if ``actor`` may see it, else None; every search is in the journal.

    Raises ValidationError when the number does not pass the check, or after ``LOOKS_AN_HOUR`` searches within an hour.
    """
    try:
        number = parse_id_number(text)
    except ValueError as error:
        raise ValidationError({"id_number": f"{error}。"}) from error
    _limit_looks(actor, JournalAction.SEARCH_ID_NUMBER)
    member = Member.objects.visible_to(actor).filter(id_number_index=id_number_index(number.text)).first()
    write_journal(
        actor=actor,
        action=JournalAction.SEARCH_ID_NUMBER,
        subject=f"党员 {member.pk}" if member else "没有找到",
        organization_id=member.branch_id if member else None,
    )
    return member


def _limit_looks(actor: User, action: JournalAction) -> None:
    since = timezone.now() - timedelta(hours=1)
    looks = JournalEntry.objects.filter(user=actor, action=action, occurred_at__gte=since).count()
    if looks >= LOOKS_AN_HOUR:
        raise ValidationError(f"一小时内最多{action.label} {LOOKS_AN_HOUR} 次，请稍后再试。")


def _write(
    actor: User | None, member: Member, kind: ChangeKind, occurred_on: date, *, from_standing: str, place: str = ""
) -> None:
    change = MemberChange(
        member=member,
        kind=kind,
        from_standing=from_standing,
        to_standing=Standing.NORMAL,
        branch=member.branch,
        occurred_on=occurred_on,
        place=place,
        actor=actor,
    )
    change.full_clean()
    change.save()
