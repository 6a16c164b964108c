"""Who attended a training, and who stands in the talent register: finding the member behind a name."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from chishang.core.dates import refuse_future
from members.enums import TrainingKind
from members.models import Member, MemberChange, Talent, TrainingAttendance


def check_attendee(attendance: TrainingAttendance) -> None:
    """Fill in the member where the branch has one of that name; raise ValidationError by field when it cannot be.

    A member who is chosen must belong to the branch, on the day of the training or now. In a rotation training
    (党员轮训) everybody is a member; elsewhere a name alone will do.
    """
    training = attendance.training
    here = _members_of(attendance.branch_id, training.started_on)
    if attendance.member_id:
        _check_chosen(attendance, here)
        return
    if not attendance.name:
        raise ValidationError({"name": "请填写参训人姓名。"})
    found = list(here.filter(name=attendance.name)[:2])
    if len(found) == 1:
        attendance.member = found[0]
    elif found:
        raise ValidationError(
            {"name": f"该党支部有多位“{attendance.name}”，请在“参训人员”台账里登记，并选明是哪一位。"}
        )
    elif training.kind == TrainingKind.ROTATION:
        raise ValidationError({"name": f"该党支部没有党员“{attendance.name}”，请核对姓名和党支部。"})


def check_talent(talent: Talent) -> None:
    """Fill in the member where the village's branch has one of that name; raise ValidationError by field."""
    refuse_future(talent, "recorded_on")
    if talent.member_id:
        _check_name(talent)
        return
    found = list(Member.objects.filter(branch=talent.village.branch_id, name=talent.name)[:2])
    if len(found) == 1:
        talent.member = found[0]


def _members_of(branch_id: int, day: date) -> Any:
    """Return who belonged to the branch on ``day``, or belongs to it now."""
    counted = MemberChange.objects.counted_on(day).filter(branch=branch_id).values("member")
    return Member.objects.filter(Q(branch=branch_id) | Q(pk__in=counted))


def _check_chosen(attendance: TrainingAttendance, here: Any) -> None:
    if not here.filter(pk=attendance.member_id).exists():
        raise ValidationError({"member": "选的党员不属于这个党支部，请核对。"})
    _check_name(attendance)


def _check_name(row: Any) -> None:
    row.name = row.name or row.member.name
    if row.member.name != row.name:
        raise ValidationError({"member": f"选的党员与姓名“{row.name}”不一致，请核对。"})
