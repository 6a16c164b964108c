"""Developing a member (发展党员工作细则): opening a file, taking its steps in order and in time, ending it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from chishang.core.dates import add_months, in_words, today
from members.enums import ChangeKind, FileState, Standing, StepCode
from members.models import DevelopmentFile, DevelopmentRecord, DevelopmentStep, Meeting, Member
from members.models.id_numbers import TAKEN
from members.selectors.development import LATEST_APPROVAL_MONTHS, Course, course_of
from members.services.locking import MOVED, lock_branch, lock_row_of
from members.services.people import correct_member, register_member, set_id_number
from members.services.standing import record_change, rejoin_member, rejoining_refusal
from organizations.models import User

ADULT_MONTHS = 18 * 12
"""党章 art. 1: whoever has completed the eighteenth year may apply."""
FIELDS_OF_A_MEMBER = ("education", "occupation", "phone", "address", "introducers")
"""What the national form and the register want of a member, and a file may still lack."""

CARRIED_OVER = (
    *("name", "sex", "ethnic_group", "born_on", "born_precision", "id_override_reason", "education", "occupation"),
    *("phone", "address"),
)
"""What the register takes from the file at the admission."""
BY_STEPS = ("state", "member_id", "stopped_on", "stop_reason")
"""Columns of a file that only its steps and its end move."""
CHANGED = "这份档案刚才有变动，请重新打开再办。"


class StepRefused(ValidationError):
    """A step that comes out of order, too early or too late; the message names the rule."""


@dataclass(frozen=True)
class StepFacts:
    """What a step brings beside its day: the decision; where one votes, the members with a vote and their votes."""

    decision: str = ""
    meeting: Meeting | None = None
    due: int | None = None
    present: int | None = None
    in_favour: int | None = None
    against: int | None = None
    abstained: int | None = None


@transaction.atomic
def open_file(
    *, actor: User | None, file: DevelopmentFile, applied_on: date, id_number: str = "", decision: str = ""
) -> DevelopmentFile:
    """Store an unsaved ``file`` with its first step, the application of ``applied_on``.

    Raises ValidationError by field: under 18 on that day, a day in the future, an ID number that is wrong or taken,
    and without a number a namesake born on the same day (a second press, mostly).
    """
    lock_branch(file.branch_id)
    check_file(file, applied_on=applied_on, id_number=id_number)
    _check_namesake(file)
    file.full_clean()
    file.save()
    step = DevelopmentStep.objects.get(code=StepCode.APPLICATION)
    _write(actor, file, step, applied_on, StepFacts(decision=decision))
    return file


@transaction.atomic
def correct_file(*, actor: User | None, file: DevelopmentFile, id_number: str = "") -> DevelopmentFile:
    """Store corrections to a file under way; an empty ``id_number`` leaves the number as it is.

    Raises ValidationError by field.
    """
    locked = _lock(file)
    for name in BY_STEPS:
        setattr(file, name, getattr(locked, name))
    if file.state not in {FileState.OPEN, FileState.ADMITTED}:
        raise ValidationError(f"这份档案{file.get_state_display()}，不能再改。")
    check_file(file, applied_on=_applied_on(file), id_number=id_number)
    file.full_clean()
    file.save()
    return file


def check_file(file: DevelopmentFile, *, applied_on: date | None = None, id_number: str = "") -> None:
    """Refuse an applicant under 18, and an ID number that is wrong, taken or disagrees (ValidationError by field).

    Puts the number on ``file``; stores nothing. Whoever stands in the member register is no applicant, unless he was
    removed and may join again; where he stands there is not told to one who may not see that branch.
    """
    day = applied_on or _applied_on(file)
    if day and day > today():
        raise ValidationError({"applied_on": "申请日期不能晚于今天。"})
    if day and file.born_on and add_months(file.born_on, ADULT_MONTHS) > day:
        adult_on = in_words(add_months(file.born_on, ADULT_MONTHS))
        raise ValidationError({"born_on": f"申请入党时不满 18 周岁（{adult_on}才满），请核对出生日期和申请日期。"})
    number = id_number or file.read_id_number()
    if not number:
        return
    set_id_number(file, number)
    known = _known_member(file)
    if known and known.pk != file.member_id and rejoining_refusal(known, day or today()):
        raise ValidationError({"id_number": TAKEN})


def _check_namesake(file: DevelopmentFile) -> None:
    same = DevelopmentFile.objects.under_way().filter(branch=file.branch_id, name=file.name, born_on=file.born_on)
    if not file.has_id_number and same.exists():
        told = f"该党支部已有同日出生的“{file.name}”在办的档案，不要重复建档；两名同名申请人请填身份证号码以区分。"
        raise ValidationError({"id_number": told})


def _known_member(file: DevelopmentFile) -> Member | None:
    """Return whoever stands in the register with the applicant's number."""
    known: Member | None = Member.objects.filter(id_number_index=file.id_number_index or "").first()
    return known


def _applied_on(file: DevelopmentFile) -> date | None:
    first = file.records.valid().filter(step__code=StepCode.APPLICATION).first() if file.pk else None
    return first.occurred_on if first else None


@transaction.atomic
def record_step(
    *,
    actor: User,
    file: DevelopmentFile,
    step: DevelopmentStep,
    occurred_on: date,
    facts: StepFacts | None = None,
) -> DevelopmentRecord:
    """Write the next step of ``file`` on its day; return the record.

    With the approval of the admission the applicant becomes a probationary member as of the vote, with that of the
    confirmation a full one; the last step closes the file. Raises StepRefused for a step out of order, too early or
    too late, ValidationError (by field) when votes or the file are not as they must be; then nothing is stored.
    """
    facts = facts or StepFacts()
    locked = _lock(file)
    course = course_of(locked)
    _check_order(course, step)
    _check_member(locked)
    _check_day(course, step, occurred_on, facts)
    _check_meeting(locked, occurred_on, facts)
    if step.needs_vote:
        _check_votes(facts)
    record = _write(actor, locked, step, occurred_on, facts)
    _take_effect(actor, course, step)
    locked.full_clean()
    locked.save()
    file.refresh_from_db()
    return record


@transaction.atomic
def stop_file(*, actor: User, file: DevelopmentFile, stopped_on: date, reason: str) -> DevelopmentFile:
    """End a file that leads no further (withdrawn, not admitted, probation cancelled); it stays in the register.

    Raises ValidationError by field; while the applicant is a probationary member, his standing comes first.
    """
    locked = _lock(file)
    course = course_of(locked)
    if not course.is_under_way:
        raise ValidationError(f"这份档案{locked.get_state_display()}，不用再终止。")
    if not reason.strip():
        raise ValidationError({"reason": "请写明终止的原因。"})
    if stopped_on > today():
        raise ValidationError({"stopped_on": "终止日期不能晚于今天。"})
    if course.last_day and stopped_on < course.last_day:
        raise ValidationError({"stopped_on": f"终止日期早于最后一步（{in_words(course.last_day)}），请核对。"})
    if locked.member and locked.member.standing == Standing.NORMAL:
        raise ValidationError("该同志现在是预备党员，请先在党员登记里办理变动（如取消预备党员资格），再终止档案。")
    locked.state, locked.stopped_on, locked.stop_reason = FileState.STOPPED, stopped_on, reason.strip()[:200]
    locked.full_clean()
    locked.save()
    file.refresh_from_db()
    return locked


@transaction.atomic
def void_record(*, actor: User, record: DevelopmentRecord, reason: str) -> None:
    """Withdraw the file's last step as recorded by mistake; it stays in the register, marked.

    Withdrawing the last step of all opens the file again. Raises StepRefused for one that is not the last, the
    application, an approval, in a stopped file, or without a reason.
    """
    file = _lock(record.file)
    course = course_of(file)
    if file.state == FileState.STOPPED:
        raise StepRefused("这份档案已终止，不能再撤回步骤。")
    if not course.records or course.records[-1].pk != record.pk:
        raise StepRefused("只能撤回最近登记的一步，请先撤回后面的。")
    if course.voidable is None:
        raise StepRefused("递交申请书和上级党委审批不能撤回；登记错的请更正档案或党员信息，或终止档案。")
    if not reason.strip():
        raise StepRefused({"reason": "请写明撤回的理由。"})
    file.records.filter(pk=record.pk).update(
        voided_at=timezone.now(), voided_by=actor, void_reason=reason.strip()[:200]
    )
    if file.state == FileState.COMPLETED:
        file.state = FileState.ADMITTED
        file.full_clean()
        file.save()


def _lock(file: DevelopmentFile) -> DevelopmentFile:
    """Lock the file, and before it the member whom it is about; return it as it is now.

    Raises StepRefused when it went to another branch since ``file`` was read, or to another person meanwhile.
    """
    seen = DevelopmentFile.objects.get(pk=file.pk)
    person = seen.member or _known_member(seen)
    if person:
        lock_row_of(person.pk)
    locked: DevelopmentFile = DevelopmentFile.objects.select_for_update(no_key=True).get(pk=file.pk)
    if locked.branch_id != file.branch_id:
        raise StepRefused(MOVED)
    if (locked.member_id, locked.id_number_index) != (seen.member_id, seen.id_number_index):
        raise StepRefused(CHANGED)
    return locked


def _check_order(course: Course, step: DevelopmentStep) -> None:
    if not course.is_under_way:
        raise StepRefused(f"这份档案{course.file.get_state_display()}，不能再登记步骤。")
    if step in course.open_steps:
        return
    if step.pk in course.taken:
        raise StepRefused(f"“{step.name}”已经登记过，不能重复登记。")
    following = course.following
    hint = f"请先登记第 {following.sequence} 步“{following.name}”" if following else "所有步骤都已登记"
    raise StepRefused(f"发展党员要按顺序办理：还没到第 {step.sequence} 步“{step.name}”，{hint}。")


def _check_member(file: DevelopmentFile) -> None:
    if file.member and file.member.standing != Standing.NORMAL:
        label = Standing(file.member.standing).label
        raise StepRefused(f"该同志在党员登记里现在是“{label}”，不能再往下办，请终止档案。")


def _check_day(course: Course, step: DevelopmentStep, day: date, facts: StepFacts) -> None:
    if day > today():
        raise StepRefused({"occurred_on": "日期不能晚于今天。"})
    if course.last_day and day < course.last_day:
        last = course.records[-1]
        told = f"日期早于上一步（{last.step.name}，{in_words(last.occurred_on)}），请核对。"
        raise StepRefused({"occurred_on": told})
    earliest = course.earliest(step)
    if earliest and day < earliest:
        raise StepRefused({"occurred_on": _too_early(course, step, earliest)})
    _check_approval(course, step, day, facts)


def _too_early(course: Course, step: DevelopmentStep, earliest: date) -> str:
    after = next(one for one in course.steps if one.pk == step.after_id)
    span = f"{step.wait_months} 个月" if step.wait_months else f"{step.wait_days} 天"
    source = f"（{step.source}）" if step.source else ""
    return f"“{step.name}”要在“{after.name}”满 {span}后办理{source}，最早{in_words(earliest)}。"


def _check_approval(course: Course, step: DevelopmentStep, day: date, facts: StepFacts) -> None:
    """Refuse an approval six months after its vote, and after three without a reason."""
    due = course.due(step)
    if (
        due is None
        or not step.within_months
        or not any(one.pk == step.after_id and one.needs_vote for one in course.steps)
    ):
        return
    if course.must_vote_again(step, day):
        raise StepRefused(
            {
                "occurred_on": f"距支部大会表决已超过 {LATEST_APPROVAL_MONTHS} 个月，不能再审批，"
                "请支部大会重新讨论表决后再报批。"
            }
        )
    if day > due and not facts.decision.strip():
        raise StepRefused(
            {"decision": f"审批应在表决后 {step.within_months} 个月内（期限{in_words(due)}）作出，请写明延长的原因。"}
        )


def _check_meeting(file: DevelopmentFile, day: date, facts: StepFacts) -> None:
    meeting = facts.meeting
    if meeting and (meeting.organization_id != file.branch_id or meeting.held_on != day):
        raise ValidationError({"meeting": "请选本支部这一天的会议；没有登记的可以不选。"})


def _check_votes(facts: StepFacts) -> None:
    """Refuse a vote without quorum or majority: both are more than half of those with a vote who were due."""
    labels = {"due": "应到有表决权人数", "present": "实到有表决权人数", "in_favour": "赞成票"}
    missing = {name: f"请填写{label}。" for name, label in labels.items() if getattr(facts, name) is None}
    if missing:
        raise ValidationError(missing)
    due, present, in_favour = facts.due or 0, facts.present or 0, facts.in_favour or 0
    if present * 2 <= due:
        raise ValidationError({"present": f"应到 {due} 人、实到 {present} 人，没有超过半数，会议不能表决。"})
    if in_favour * 2 <= due:
        raise ValidationError(
            {"in_favour": f"赞成 {in_favour} 票，没有超过应到 {due} 人的半数，不能通过；没有通过的不登记这一步。"}
        )


def _write(
    actor: User | None, file: DevelopmentFile, step: DevelopmentStep, day: date, facts: StepFacts
) -> DevelopmentRecord:
    votes: dict[str, Any] = {}
    if step.needs_vote:
        votes = {"due": facts.due, "present": facts.present, "in_favour": facts.in_favour}
        votes |= {"against": facts.against or 0, "abstained": facts.abstained or 0}
    record = DevelopmentRecord(
        file=file,
        step=step,
        occurred_on=day,
        decision=facts.decision.strip(),
        meeting=facts.meeting,
        recorded_by=actor,
        **votes,
    )
    record.full_clean()
    record.save()
    return record


def _take_effect(actor: User, course: Course, step: DevelopmentStep) -> None:
    """Do what a step means for the register and for the file's state."""
    file = course.file
    if step.code == StepCode.ADMISSION_APPROVAL:
        file.member = _admit(actor, file, _voted_on(course, StepCode.ADMISSION_VOTE))
        file.state = FileState.ADMITTED
    elif step.code == StepCode.CONFIRMATION_APPROVAL:
        _confirm(actor, file, _voted_on(course, StepCode.CONFIRMATION_VOTE))
    elif step == course.steps[-1]:
        file.state = FileState.COMPLETED


def _voted_on(course: Course, code: StepCode) -> date:
    return next(record.occurred_on for record in reversed(course.records) if record.step.code == code)


def _admit(actor: User, file: DevelopmentFile, voted_on: date) -> Member:
    """Take the applicant into the register; membership counts from the vote (党员教育管理工作条例)."""
    missing = [] if file.has_id_number else ["公民身份号码"]
    labels = {field.name: str(field.verbose_name) for field in file._meta.fields}
    missing += [labels[name] for name in FIELDS_OF_A_MEMBER if not getattr(file, name)]
    if missing:
        raise ValidationError(f"接收为预备党员前，请先在档案里补全：{'、'.join(missing)}。")
    known = _known_member(file)
    if known and known.standing == Standing.LEFT:
        rejoin_member(actor=actor, member=known, branch=file.branch, joined_on=voted_on)
        return correct_member(actor=actor, member=_carry_over(file, known))
    member = _carry_over(file, Member(branch=file.branch, joined_on=voted_on))
    return register_member(actor=actor, member=member, id_number=file.read_id_number(), kind=ChangeKind.JOINED)


def _carry_over(file: DevelopmentFile, member: Member) -> Member:
    for name in CARRIED_OVER:
        setattr(member, name, getattr(file, name))
    return member


def _confirm(actor: User, file: DevelopmentFile, voted_on: date) -> None:
    member = file.member
    if member is None or member.full_member_on == voted_on:
        return
    if member.full_member_on:
        known = in_words(member.full_member_on, member.full_member_precision)
        raise ValidationError(f"党员登记里的转正日期是{known}，与支部大会表决的日期不一致，请先更正。")
    record_change(actor=actor, member=member, kind=ChangeKind.BECAME_FULL, occurred_on=voted_on)
