"""What happens to a member: every change is checked against the table, dated, and written as a row."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from chishang.core.dates import Precision, add_months, in_words, today
from members.enums import CHANGES, DECISIVE_KINDS, ChangeKind, Standing, TransferState
from members.models import DevelopmentFile, Member, MemberChange, Transfer
from members.models.people import probation_end
from members.services.locking import lock_member, lock_row_of
from members.services.people import last_removal, readmission_refusal
from organizations.enums import OrganizationKind
from organizations.models import Organization, User

LOST_MONTHS_BEFORE_STOP = 6
"""党员教育管理工作条例 art. 25: lost for six months, then 停止党籍."""
SUSPENDED_MONTHS_BEFORE_REMOVAL = 24
"""The same: still not to be reached two years after, then 按自行脱党除名."""
EXTENSION_MONTHS = (6, 12)
"""发展党员工作细则: probation may be extended once, by six months to a year."""
LETTER_DAYS = 90
"""A letter of transfer is valid for at most so many days."""
BEGINS = {
    ChangeKind.FLOATED: "floating_since",
    ChangeKind.LOST: "lost_since",
    ChangeKind.HARDSHIP: "hardship_since",
}
ENDS = {
    ChangeKind.FLOAT_ENDED: "floating_since",
    ChangeKind.FOUND: "lost_since",
    ChangeKind.HARDSHIP_ENDED: "hardship_since",
}
"""Which column says since when a circumstance lasts."""
BY_OWN_SERVICE = (ChangeKind.JOINED, ChangeKind.TRANSFERRED_IN, ChangeKind.TRANSFERRED_OUT)


class ChangeRefused(ValidationError):
    """A change that the table, a date or a rule does not allow; the message says why and what to do."""


@dataclass(frozen=True)
class ChangeFacts:
    """What a change brings beside its day: where to or from, document number, note, end of an extended probation."""

    place: str = ""
    document: str = ""
    note: str = ""
    until: date | None = None


def changes_open_to(member: Member) -> list[ChangeKind]:
    """Return the kinds that ``record_change`` would take for the member as he stands, in the order of the table."""
    return [
        kind
        for kind, change in CHANGES.items()
        if kind not in BY_OWN_SERVICE and member.standing in change.sources and not _circumstance(member, kind)
    ]


@transaction.atomic
def record_change(
    *, actor: User | None, member: Member, kind: ChangeKind, occurred_on: date, facts: ChangeFacts | None = None
) -> MemberChange:
    """Write one change of ``member`` on its day, and bring the register's columns into line; return the change.

    Raises ChangeRefused when the standing does not allow it, the day lies before the last change, or a rule is against
    it. Joining and transfers have services of their own.
    """
    facts = facts or ChangeFacts()
    locked = lock_member(member)
    if kind in BY_OWN_SERVICE:
        raise ChangeRefused({"kind": "入党、转入和转出请在登记党员或组织关系转接里办理。"})
    refusal = _circumstance(locked, kind)
    if refusal:
        raise ChangeRefused({"kind": refusal})
    if locked.transfers.in_transit().exists() and kind in DECISIVE_KINDS and kind != ChangeKind.DIED:
        raise ChangeRefused({"kind": "该党员的组织关系正在转接，请先接收或退回。"})
    _check_rules(locked, kind, occurred_on, facts)
    note = facts.note
    if kind == ChangeKind.PROBATION_EXTENDED and facts.until:
        locked.probation_ends_on = facts.until
        note = f"延长至{in_words(facts.until)}。{note}"
    change = _append(actor, locked, kind, occurred_on, place=facts.place, document=facts.document, note=note)
    _refresh(locked)
    if kind == ChangeKind.DIED:
        _end_transfers(actor, locked, occurred_on)
    _copy(locked, member)
    return change


def voidable_change(member: Member) -> MemberChange | None:
    """Return the change of ``member`` that may be withdrawn: the last one, unless that is a joining or a transfer.

    Where it is a transfer, becoming a full member may be withdrawn all the same: nothing rests on it, and nothing else
    would take back one that never was.
    """
    changes = member.changes.valid().order_by("-occurred_on", "-pk")
    last: MemberChange | None = changes.first()
    if last is None or last.kind not in BY_OWN_SERVICE:
        return last
    full: MemberChange | None = changes.of_this_membership().filter(kind=ChangeKind.BECAME_FULL).first()
    return full if member.standing == Standing.NORMAL else None


@transaction.atomic
def void_change(*, actor: User, change: MemberChange, reason: str) -> None:
    """Withdraw the member's last change (``voidable_change``) as recorded by mistake; it stays, marked.

    Raises ChangeRefused for one that is not the last, for joining and transfers, or without a reason.
    """
    locked = lock_member(change.member)
    voidable = voidable_change(locked)
    if voidable is None or voidable.pk != change.pk:
        if change.kind not in BY_OWN_SERVICE:
            raise ChangeRefused("只能撤回最近的一次变动，请先撤回后面的。")
        raise ChangeRefused("入党和转接不能撤回；转错的请再办一次转接，登记错的请更正党员信息。")
    if not reason.strip():
        raise ChangeRefused({"reason": "请写明撤回的理由。"})
    if locked.transfers.in_transit().exists() and change.kind in DECISIVE_KINDS:
        raise ChangeRefused("该党员的组织关系正在转接，请先接收或退回。")
    locked.changes.filter(pk=change.pk).update(
        voided_at=timezone.now(), voided_by=actor, void_reason=reason.strip()[:200]
    )
    if change.kind == ChangeKind.BECAME_FULL:
        locked.full_member_on = None
    if change.kind == ChangeKind.PROBATION_EXTENDED or locked.probation_ends_on is None:
        locked.probation_ends_on = probation_end(locked.joined_on)
    _refresh(locked)


@transaction.atomic
def start_transfer(*, actor: User, transfer: Transfer) -> Transfer:
    """Store an unsaved ``transfer`` as on its way; the member stays with the old branch until it is received.

    ``from_branch`` is the member's own; ``valid_until`` is 90 days on when not given. Raises ValidationError by field.
    """
    member = lock_member(transfer.member)
    if member.standing != Standing.NORMAL:
        raise ValidationError({"member": f"该党员现在是“{Standing(member.standing).label}”，不能转接组织关系。"})
    transfer.from_branch, transfer.started_by, transfer.state = member.branch, actor, TransferState.IN_TRANSIT
    if transfer.started_on > today():
        raise ValidationError({"started_on": "转出日期不能晚于今天。"})
    if transfer.started_on < member.joined_on:
        raise ValidationError({"started_on": "转出日期早于入党日期，请核对。"})
    if transfer.to_branch and transfer.to_branch.kind != OrganizationKind.BRANCH:
        raise ValidationError({"to_branch": "组织关系只能转入党支部，请选择党支部。"})
    latest = transfer.started_on + timedelta(days=LETTER_DAYS)
    transfer.valid_until = transfer.valid_until or latest
    if transfer.valid_until > latest:
        raise ValidationError({"valid_until": f"介绍信有效期最长 {LETTER_DAYS} 天。"})
    transfer.full_clean()
    transfer.save()
    return transfer


def may_receive(actor: User, transfer: Transfer) -> bool:
    """Say whether ``actor`` may note that the member was received.

    Within the town that is for the new branch to say (条例 art. 24: until then the old one answers for him); where a
    member goes beyond it, the old branch notes the receipt that came back.
    """
    end = transfer.to_branch_id or transfer.from_branch_id
    scope = actor.scope_for("members.receive_transfer")
    return scope.everything or end in scope.organization_ids


@transaction.atomic
def receive_transfer(*, actor: User, transfer: Transfer, received_on: date) -> Transfer:
    """The new organization has received the member: within the town he changes branch, beyond it he leaves.

    Raises PermissionDenied for one who may not speak for the receiving side, ChangeRefused when the transfer is over
    already, or the day does not fit.
    """
    locked, member = _lock_transfer(transfer, received_on)
    if not may_receive(actor, locked):
        raise PermissionDenied
    target = locked.to_branch
    place = locked.destination
    _append(
        actor, member, ChangeKind.TRANSFERRED_OUT, received_on, place=place, document=locked.letter_no, other=target
    )
    if target:
        member.standing, member.branch = Standing.TRANSFERRED, target
        _append(
            actor, member, ChangeKind.TRANSFERRED_IN, received_on, document=locked.letter_no, other=locked.from_branch
        )
        _take_file_along(member)
    _refresh(member)
    return _end(locked, actor, TransferState.RECEIVED, received_on)


@transaction.atomic
def return_transfer(*, actor: User, transfer: Transfer, returned_on: date, note: str = "") -> Transfer:
    """End a transfer without effect: the member stays where he is. Raises ChangeRefused as ``receive_transfer``."""
    locked, _ = _lock_transfer(transfer, returned_on)
    locked.note = note or locked.note
    return _end(locked, actor, TransferState.RETURNED, returned_on)


@transaction.atomic
def take_back(*, actor: User, member: Member, branch: Organization, occurred_on: date, place: str) -> MemberChange:
    """Take in one who had left for elsewhere (已转出) and comes from ``place`` again. Raises ChangeRefused."""
    locked = lock_member(member)
    if locked.standing != Standing.TRANSFERRED:
        raise ChangeRefused("只有已转出的党员才能再转入。")
    if not place.strip():
        raise ChangeRefused({"place": "请写明从哪里转入。"})
    locked.branch = branch
    change = _append(actor, locked, ChangeKind.TRANSFERRED_IN, occurred_on, place=place)
    _take_file_along(locked)
    _refresh(locked)
    _copy(locked, member)
    return change


def rejoining_refusal(member: Member, day: date) -> str:
    """Return why the member cannot join the Party again on ``day``; empty when he can.

    One who was removed (除名, 取消预备党员资格) may; one who was expelled not within five years.
    """
    if member.standing != Standing.LEFT:
        return f"该同志现在是“{Standing(member.standing).label}”，只有已出党的才能重新入党。"
    return readmission_refusal(last_removal(member), day)


@transaction.atomic
def rejoin_member(*, actor: User | None, member: Member, branch: Organization, joined_on: date) -> MemberChange:
    """Take in anew, on probation, one who was removed: he counts from ``joined_on``, his former years do not.

    Raises ChangeRefused by field when he was not removed, was expelled within five years, or the day does not fit.
    """
    locked = lock_member(member)
    refusal = rejoining_refusal(locked, joined_on)
    if refusal:
        raise ChangeRefused({"joined_on": refusal})
    if branch.kind != OrganizationKind.BRANCH:
        raise ChangeRefused({"branch": "请选择党支部。"})
    if DevelopmentFile.objects.under_way().filter(member=locked).exists():
        raise ChangeRefused("该同志原来的发展党员档案还没有终止，请先终止那份档案。")
    locked.branch, locked.joined_on, locked.joined_precision = branch, joined_on, Precision.DAY
    locked.full_member_on, locked.full_member_precision, locked.party_age_from = None, Precision.DAY, None
    locked.probation_ends_on = probation_end(joined_on)
    change = _append(actor, locked, ChangeKind.JOINED, joined_on)
    _refresh(locked)
    _copy(locked, member)
    return change


def _take_file_along(member: Member) -> None:
    """Let the file of a member on probation follow him to his branch, which educates and confirms him from now on."""
    DevelopmentFile.objects.under_way().filter(member=member).update(branch=member.branch)


def _lock_transfer(transfer: Transfer, day: date) -> tuple[Transfer, Member]:
    member = lock_row_of(transfer.member_id)  # not where the caller saw him: the transfer itself says between whom
    locked: Transfer = Transfer.objects.select_for_update(no_key=True).get(pk=transfer.pk)
    locked.member = member
    if locked.state != TransferState.IN_TRANSIT:
        raise ChangeRefused(f"这次转接{locked.get_state_display()}，不用再办。")
    if day < locked.started_on:
        raise ChangeRefused({"ended_on": "接收或退回日期不能早于转出日期。"})
    if day > today():
        raise ChangeRefused({"ended_on": "接收或退回日期不能晚于今天。"})
    return locked, member


def _end(transfer: Transfer, actor: User | None, state: TransferState, day: date) -> Transfer:
    transfer.state, transfer.ended_on, transfer.ended_by = state, day, actor
    transfer.full_clean()
    transfer.save(update_fields=["state", "ended_on", "ended_by", "note"])
    return transfer


def _end_transfers(actor: User | None, member: Member, day: date) -> None:
    """A member who died on the way goes nowhere."""
    for transfer in member.transfers.in_transit():
        transfer.note = transfer.note or "该党员已去世"
        _end(transfer, actor, TransferState.RETURNED, max(day, transfer.started_on))


def _circumstance(member: Member, kind: ChangeKind) -> str:
    """Return why the member as he is cannot have this change now; empty when he can."""
    if member.standing not in CHANGES[kind].sources:
        return f"该党员现在是“{Standing(member.standing).label}”，不能办理“{kind.label}”。"
    on_probation = member.full_member_on is None
    reasons = {
        ChangeKind.BECAME_FULL: "" if on_probation else "该党员已经转正。",
        ChangeKind.PROBATION_EXTENDED: _extension_refusal(member),
        ChangeKind.PROBATION_CANCELLED: "" if on_probation else "该党员已经转正，没有预备资格可取消。",
        ChangeKind.FLOATED: "该党员已登记为流动党员。" if member.floating_since else "",
        ChangeKind.FLOAT_ENDED: "" if member.floating_since else "该党员不是流动党员。",
        ChangeKind.LOST: "该党员已登记为失联。" if member.lost_since else "",
        ChangeKind.FOUND: "" if member.lost_since else "该党员没有失联。",
        ChangeKind.HARDSHIP: "该党员已列为困难党员。" if member.hardship_since else "",
        ChangeKind.HARDSHIP_ENDED: "" if member.hardship_since else "该党员不是困难党员。",
    }
    return reasons.get(kind, "")


def _extension_refusal(member: Member) -> str:
    if member.full_member_on is not None:
        return "该党员已经转正，不能延长预备期。"
    ordinary = probation_end(member.joined_on)
    return "预备期只能延长一次。" if member.probation_ends_on and member.probation_ends_on > ordinary else ""


def _check_rules(member: Member, kind: ChangeKind, day: date, facts: ChangeFacts) -> None:
    """Refuse what a rule about this kind is against."""
    if kind == ChangeKind.BECAME_FULL and member.probation_ends_on and day < member.probation_ends_on:
        raise ChangeRefused({"occurred_on": f"预备期到{in_words(member.probation_ends_on)}才满，不能提前转正。"})
    if kind == ChangeKind.SUSPENDED and member.lost_since:
        earliest = add_months(member.lost_since, LOST_MONTHS_BEFORE_STOP)
        if day < earliest:
            raise ChangeRefused({"occurred_on": f"失去联系满 6 个月（{in_words(earliest)}）才能停止党籍。"})
    if kind == ChangeKind.LEFT_BY_ABSENCE and member.standing == Standing.SUSPENDED:
        _check_suspension(member, day)
    if kind == ChangeKind.PROBATION_EXTENDED:
        ordinary = probation_end(member.joined_on)
        least, most = (add_months(ordinary, months) for months in EXTENSION_MONTHS)
        if facts.until is None or not least <= facts.until <= most:
            raise ChangeRefused({"until": f"延长后的届满日期应在{in_words(least)}到{in_words(most)}之间。"})


def _check_suspension(member: Member, day: date) -> None:
    suspended = member.changes.valid().filter(kind=ChangeKind.SUSPENDED).order_by("-occurred_on", "-pk").first()
    earliest = add_months(suspended.occurred_on, SUSPENDED_MONTHS_BEFORE_REMOVAL) if suspended else day
    if day < earliest:
        raise ChangeRefused({"occurred_on": f"停止党籍满 2 年（{in_words(earliest)}）才能按自行脱党除名。"})


def _append(  # noqa: PLR0913  the columns of a change
    actor: User | None,
    member: Member,
    kind: ChangeKind,
    day: date,
    *,
    place: str = "",
    document: str = "",
    note: str = "",
    other: Organization | None = None,
) -> MemberChange:
    """Write a change after the member's last one."""
    last = member.changes.valid().order_by("-occurred_on", "-pk").first()
    if last is not None and day < last.occurred_on:
        raise ChangeRefused(
            {"occurred_on": f"日期早于上一次变动（{last.get_kind_display()}，{in_words(last.occurred_on)}），请核对。"}
        )
    change = MemberChange(
        member=member,
        kind=kind,
        from_standing=member.standing,
        to_standing=CHANGES[kind].target,
        branch=member.branch,
        other_branch=other,
        occurred_on=day,
        place=place.strip(),
        document=document.strip(),
        note=note.strip(),
        actor=actor,
    )
    if change.occurred_on > today():
        raise ChangeRefused({"occurred_on": "发生日期不能晚于今天。"})
    change.full_clean()
    change.save()
    return change


def _refresh(member: Member) -> None:
    """Bring the columns that say how the member stands today into line with the valid changes, and store them."""
    columns: dict[str, Any] = {**dict.fromkeys(BEGINS.values()), "floating_to": ""}
    course = member.changes.valid().of_this_membership()
    for change in course.select_related("branch").order_by("occurred_on", "pk"):
        columns |= {"standing": change.to_standing, "branch": change.branch}
        if change.kind in BEGINS:
            columns[BEGINS[change.kind]] = change.occurred_on
        elif change.kind in ENDS:
            columns[ENDS[change.kind]] = None
        elif change.kind == ChangeKind.RESTORED:
            columns["lost_since"] = None  # whose membership is restored has been found
        if change.kind in {ChangeKind.FLOATED, ChangeKind.FLOAT_ENDED}:
            columns["floating_to"] = change.place if change.kind == ChangeKind.FLOATED else ""
        if change.kind == ChangeKind.BECAME_FULL and member.full_member_on != change.occurred_on:
            columns |= {"full_member_on": change.occurred_on, "full_member_precision": Precision.DAY}
    for name, value in columns.items():
        setattr(member, name, value)
    member.full_clean(exclude=["branch"])
    member.save()


def _copy(source: Member, target: Member) -> None:
    """Give the caller's object the stored values."""
    for field in Member._meta.concrete_fields:
        setattr(target, field.attname, getattr(source, field.attname))
