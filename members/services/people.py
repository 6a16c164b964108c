"""Taking a member into the register, correcting the file, and looking at an ID number."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from chishang.core.dates import Precision, add_months, in_words, today
from chishang.core.encryption import DecryptionError
from chishang.core.id_numbers import IdNumber, parse_id_number
from members.enums import DECISIVE_KINDS, LEAVING_KINDS, ChangeKind, Sex, Standing
from members.models import Member, MemberChange
from members.models.id_numbers import TAKEN, id_number_index
from members.models.people import probation_end
from members.services.locking import lock_branch, lock_row_of
from organizations.enums import JournalAction
from organizations.models import JournalEntry, User
from organizations.services import write_journal

LOOKS_AN_HOUR = 20
"""How many ID numbers one account may search, or look at, within an hour."""
REVEAL = "members.reveal_member"
REASON_LENGTH = 200
UNREADABLE = "身份证号码解不开：存储的内容被改动过，或密钥文件已更换。请与系统管理员联系。"
DERIVED = ("standing", "lost_since", "floating_since", "floating_to", "hardship_since", "probation_ends_on")
"""Columns of the register that only changes move."""
FROM_THE_FILE = (ChangeKind.JOINED, ChangeKind.BECAME_FULL)
"""Changes whose days the file itself gives."""
EXPELLED_MONTHS = 60
"""中国共产党纪律处分条例: who was expelled cannot join again within five years."""
PROBATION_SINCE = date(1978, 1, 1)
"""From here on everybody had a probation; earlier there were years without (党章 of 1969 and 1973)."""


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
    archive review fixed it). Where the file has no birth date, the number gives it. The number that is there already
    is not encrypted anew, so that the history shows a change only where there is one.
    """
    number = _parse(text)
    if member.born_on is None and hasattr(member, "joined_on"):
        member.born_on, member.born_precision = number.born_on, Precision.DAY
    wrong = disagreements(number, sex=member.sex, born_on=member.born_on, born_precision=member.born_precision)
    if wrong and not getattr(member, "id_override_reason", ""):
        raise ValidationError(
            {name: f"{text}，请核对；确有原因的，写明理由后再保存。" for name, text in wrong.items()}
        )
    if member.id_number_index == id_number_index(number.text):
        return
    if member.holders(id_number_index(number.text)).exclude(pk=member.pk).exists():
        raise ValidationError({"id_number": TAKEN})
    member.set_id_number(number.text)


def read_id_number(member: Any) -> str:
    """Return the whole number of a file, empty when there is none, for checks and for those who may see it.

    Raises ValidationError with a plain message when what is stored was tampered with, or the key is lost.
    """
    try:
        return str(member.read_id_number())
    except DecryptionError as error:
        raise ValidationError({"id_number": UNREADABLE}) from error


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
    ValidationError by field when something is wrong; then nothing is stored. Pressed twice, the second one is refused:
    the number is taken, or without a number there is a namesake of the same day.
    """
    lock_branch(member.branch_id)
    if id_number:
        set_id_number(member, id_number)
    check_dates(member)
    member.standing = Standing.NORMAL
    if member.joined_on and not member.full_member_on:
        member.probation_ends_on = probation_end(member.joined_on)
    member.full_clean()
    _check_namesake(member)
    arrived_on = _arrival(member, kind, occurred_on)
    member.save()
    _write(actor, member, kind, arrived_on, from_standing="", place=place)
    if member.full_member_on and member.full_member_on >= arrived_on:
        _write(actor, member, ChangeKind.BECAME_FULL, member.full_member_on, from_standing=Standing.NORMAL)
    return member


@transaction.atomic
def correct_member(*, actor: User | None, member: Member, id_number: str | None = None) -> Member:
    """Store corrections to a file, and keep the days of joining and full membership in its course in step.

    ``id_number`` None leaves the number as it is, empty takes it off. The branch is not corrected but transferred; the
    standing and the circumstances come from changes alone. Raises ValidationError by field, also where a recorded full
    membership would be taken back: that is withdrawn with a reason (``void_change``).
    """
    stored = lock_row_of(member.pk)
    if member.branch_id != stored.branch_id:
        raise ValidationError({"branch": "换党支部请办理组织关系转接。"})
    for name in DERIVED:
        setattr(member, name, getattr(stored, name))
    if id_number:
        set_id_number(member, id_number)
    elif id_number is not None:
        member.set_id_number("")
    elif member.has_id_number:
        set_id_number(member, read_id_number(member))
    check_dates(member)
    member.full_clean()
    _check_full(member, stored)
    _check_course(member, stored)
    if (
        member.full_member_on is None
        and not member.changes.valid().of_this_membership().filter(kind=ChangeKind.PROBATION_EXTENDED).exists()
    ):
        member.probation_ends_on = probation_end(member.joined_on)
    member.save()
    _move_course(actor, member)
    return member


def _check_namesake(member: Member) -> None:
    """Refuse one without a number whom nothing tells from a member who stands in the register of the branch."""
    same = Member.objects.filter(branch=member.branch_id, name=member.name, joined_on=member.joined_on)
    if not member.has_id_number and same.exists():
        raise ValidationError(
            {"id_number": f"该党支部已有同一天入党的“{member.name}”，不要重复登记；两名同名党员请填身份证号码以区分。"}
        )


def _check_full(member: Member, stored: Member) -> None:
    """Refuse to empty the day of a full membership that was recorded: a form opened before would do it unnoticed."""
    taken_back = stored.full_member_on is not None and member.full_member_on is None
    course = member.changes.valid().of_this_membership()
    if taken_back and course.filter(kind=ChangeKind.BECAME_FULL).exists():
        raise ValidationError({"full_member_on": "该党员已转正；登记错了请在党员页面撤回“转为正式党员”。"})


def _arrival(member: Member, kind: ChangeKind, occurred_on: date | None) -> date:
    """Return the day from which a new member counts here; raise ValidationError when a transfer's day does not fit."""
    if kind != ChangeKind.TRANSFERRED_IN:
        return member.joined_on
    if occurred_on is None:
        raise ValidationError({"occurred_on": "请填写转入日期。"})
    if occurred_on < member.joined_on:
        raise ValidationError({"occurred_on": "转入日期早于入党日期，请核对。"})
    return occurred_on


def _check_course(member: Member, stored: Member) -> None:
    """Refuse corrected days that would come into conflict with the member's other changes, or shorten a probation."""
    course = member.changes.valid().of_this_membership().order_by("occurred_on", "pk")
    _check_readmission(member, stored, course.first())
    earlier = course.exclude(kind__in=FROM_THE_FILE).filter(occurred_on__lt=member.joined_on).first()
    if earlier and member.joined_on != stored.joined_on:
        raise ValidationError({"joined_on": f"入党日期晚于已登记的“{_in_words(earlier)}”，请核对。"})
    full = member.full_member_on
    if full is None or full == stored.full_member_on:
        return
    ends = stored.probation_ends_on
    if stored.full_member_on is None and ends and stored.joined_on >= PROBATION_SINCE and full < ends:
        raise ValidationError({"full_member_on": f"预备期到{in_words(ends)}才满，请核对转正日期。"})
    before = course.filter(kind__in=DECISIVE_KINDS, occurred_on__lte=full).last()
    if before and before.to_standing != Standing.NORMAL:
        raise ValidationError({"full_member_on": f"转正日期晚于已登记的“{_in_words(before)}”，请核对。"})


def _check_readmission(member: Member, stored: Member, first: MemberChange | None) -> None:
    """Refuse to move the day of one who joined again to before his removal, or into the years closed to him."""
    if first is None or first.from_standing != Standing.LEFT or member.joined_on == stored.joined_on:
        return
    refusal = readmission_refusal(last_removal(member, until=first.occurred_on), member.joined_on)
    if refusal:
        raise ValidationError({"joined_on": refusal})


def last_removal(member: Member, *, until: date | None = None) -> MemberChange | None:
    """Return the change by which the member last lost his membership, up to a day where one is given."""
    removals = member.changes.valid().filter(kind__in=LEAVING_KINDS)
    found = removals.filter(occurred_on__lte=until) if until else removals
    change: MemberChange | None = found.order_by("occurred_on", "pk").last()
    return change


def readmission_refusal(removal: MemberChange | None, day: date) -> str:
    """Return why one who was removed cannot join again on ``day``; empty when he can."""
    if removal is None:
        return "没有登记出党，不能重新入党。"
    if removal.kind == ChangeKind.EXPELLED:
        earliest = add_months(removal.occurred_on, EXPELLED_MONTHS)
        if day < earliest:
            return f"被开除党籍的，五年内（{in_words(earliest)}以前）不能重新入党。"
    if day < removal.occurred_on:
        return f"入党日期早于已登记的“{_in_words(removal)}”，请核对。"
    return ""


def _move_course(actor: User | None, member: Member) -> None:
    """Bring the changes that say when the member joined and became full into line with the file."""
    course = member.changes.valid().of_this_membership()
    joined = course.filter(kind=ChangeKind.JOINED).order_by("occurred_on", "pk").last()
    if joined and joined.occurred_on != member.joined_on:
        course.filter(pk=joined.pk).update(occurred_on=member.joined_on)
    became_full = course.filter(kind=ChangeKind.BECAME_FULL)
    if member.full_member_on is None:
        return
    if became_full.exists():
        became_full.exclude(occurred_on=member.full_member_on).update(occurred_on=member.full_member_on)
    elif not course.filter(kind=ChangeKind.TRANSFERRED_IN, occurred_on__gt=member.full_member_on).exists():
        _write(actor, member, ChangeKind.BECAME_FULL, member.full_member_on, from_standing=Standing.NORMAL)


def _in_words(change: MemberChange) -> str:
    return f"{change.get_kind_display()}（{in_words(change.occurred_on)}）"


def _parse(text: str) -> IdNumber:
    try:
        return parse_id_number(text)
    except ValueError as error:
        raise ValidationError({"id_number": f"{error}。"}) from error


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

    Raises PermissionDenied without the right ``members.reveal_member`` there, ValidationError without a reason, when
    there is no number or it cannot be read, or after ``LOOKS_AN_HOUR`` looks within an hour.
    """
    if not Member.objects.visible_to(actor, REVEAL).filter(pk=member.pk).exists():
        raise PermissionDenied
    reason = _reason(reason)
    if not member.has_id_number:
        raise ValidationError("该党员没有登记身份证号码。")
    _limit_looks(actor, JournalAction.REVEAL_ID_NUMBER)
    number = read_id_number(member)
    write_journal(
        actor=actor,
        action=JournalAction.REVEAL_ID_NUMBER,
        subject=f"党员 {member.pk}",
        reason=reason,
        organization_id=member.branch_id,
    )
    return number


def take_id_numbers(*, actor: User, members: Any, reason: str) -> Any:
    """Return those of ``members`` (a queryset) whose whole ID numbers ``actor`` may take out, for an export.

    The journal keeps who took how many and why. Raises PermissionDenied without the right ``members.reveal_member``,
    ValidationError without a reason.
    """
    if not actor.has_perm(REVEAL):
        raise PermissionDenied
    reason = _reason(reason)
    taken = members.visible_to(actor, REVEAL)
    count = taken.filter(id_number_index__isnull=False).count()
    write_journal(
        actor=actor, action=JournalAction.EXPORT_ID_NUMBERS, subject=f"党员身份证号码 {count} 个", reason=reason
    )
    return taken


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValidationError({"reason": "请写明查看的理由。"})
    if len(text) > REASON_LENGTH:
        raise ValidationError({"reason": f"理由最多 {REASON_LENGTH} 个字，请写短些。"})
    return text


def find_by_id_number(*, actor: User, text: str) -> Member | None:
    """Return the member with this ID number, if ``actor`` may see it, else None; every search is in the journal.

    Raises ValidationError when the number does not pass the check, or after ``LOOKS_AN_HOUR`` searches within an hour.
    """
    number = _parse(text)
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
