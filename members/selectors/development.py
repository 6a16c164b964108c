"""Where an applicant's file stands: which step comes next, from when, until when (发展党员工作细则)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby

from django.db.models import TextChoices

from chishang.core.dates import add_months, today
from members.enums import DevelopmentStage, FileState, StepCode
from members.models import DevelopmentFile, DevelopmentRecord, DevelopmentStep
from organizations.models import User

SOON_DAYS = 30
"""So many days before it is due, a step is reminded of."""
LATEST_APPROVAL_MONTHS = 6
"""An approval comes within three months of the vote, for special reasons within six; later, one votes again."""

LASTING = (StepCode.APPLICATION, StepCode.ADMISSION_APPROVAL, StepCode.CONFIRMATION_APPROVAL)
"""Steps that are not withdrawn."""


class DueState(TextChoices):
    """How a step that is to be taken stands."""

    OVERDUE = "overdue", "已超期"
    SOON = "soon", "将到期"
    READY = "ready", "可以办"
    LATER = "later", "未到时间"


class StepState(TextChoices):
    """Where a step lies on the way."""

    DONE = "done", "已办"
    NEXT = "next", "现在办"
    LATER = "later", "以后办"


@dataclass
class Course:
    """A file with its records (by day) and all steps (in their order): what may be recorded, and when."""

    file: DevelopmentFile
    steps: list[DevelopmentStep]
    records: list[DevelopmentRecord] = field(default_factory=list)
    """The valid ones."""
    withdrawn: list[DevelopmentRecord] = field(default_factory=list)
    """Those recorded by mistake, to be shown and not counted."""

    @cached_property
    def taken(self) -> dict[int, list[DevelopmentRecord]]:
        """The records of each step taken, by its key, the newest last."""
        found: dict[int, list[DevelopmentRecord]] = defaultdict(list)
        for record in self.records:
            found[record.step_id].append(record)
        return dict(found)

    @cached_property
    def reached(self) -> int:
        """The sequence of the furthest step taken; 0 before the first."""
        return max((step.sequence for step in self.steps if step.pk in self.taken), default=0)

    @property
    def is_under_way(self) -> bool:
        """Whether steps may still be recorded."""
        return self.file.state in {FileState.OPEN, FileState.ADMITTED}

    @property
    def last_day(self) -> date | None:
        """The day of the newest record."""
        return max((record.occurred_on for record in self.records), default=None)

    @property
    def voidable(self) -> DevelopmentRecord | None:
        """The last record, if it is one that can be withdrawn: it has taken no effect beyond the file.

        The application is what the file begins with; approvals have changed the member register.
        """
        last = self.records[-1] if self.records and self.file.state != FileState.STOPPED else None
        return last if last and last.step.code not in LASTING else None

    @property
    def following(self) -> DevelopmentStep | None:
        """The step after the furthest one taken."""
        return next((step for step in self.steps if step.sequence > self.reached), None)

    @property
    def repeatable(self) -> list[DevelopmentStep]:
        """Steps that may be taken once more.

        A repeated examination while it is the last step taken, a vote while its approval is not given.
        """
        waiting = {step.after_id for step in self.steps if step.within_months and step.pk not in self.taken}
        return [
            step
            for step in self.steps
            if step.pk in self.taken
            and ((step.repeats_months and step.sequence == self.reached) or (step.needs_vote and step.pk in waiting))
        ]

    @property
    def open_steps(self) -> list[DevelopmentStep]:
        """What may be recorded now, the following step first."""
        if not self.is_under_way:
            return []
        return [*([self.following] if self.following else []), *self.repeatable]

    def day_of(self, step_id: int | None) -> date | None:
        """Return the newest day on which a step was taken."""
        records = self.taken.get(step_id or 0)
        return records[-1].occurred_on if records else None

    def earliest(self, step: DevelopmentStep) -> date | None:
        """Return the day from which a step may be taken by its waiting time; None where there is none to wait for.

        Probation that was extended counts to its new end.
        """
        start = self.day_of(step.after_id)
        if start is None or not (step.wait_months or step.wait_days):
            return None
        waited = add_months(start, step.wait_months) + timedelta(days=step.wait_days)
        member = self.file.member
        extended = member.probation_ends_on if member and step.needs_vote else None
        return max(waited, extended or waited)

    def due(self, step: DevelopmentStep) -> date | None:
        """Return the day by which a step is due: its own, or that of the next later step whose time runs."""
        found = self._clock(step)
        return found[1] if found else None

    def _clock(self, step: DevelopmentStep) -> tuple[DevelopmentStep, date] | None:
        """Return the step whose time runs for ``step``, and its due day."""
        if step.pk in self.taken and not step.repeats_months:
            return None
        later = ((one, self._own_due(one)) for one in self.steps if one.sequence >= step.sequence)
        return next(((one, day) for one, day in later if day), None)

    def _own_due(self, step: DevelopmentStep) -> date | None:
        start = self.day_of(step.after_id)
        if start is None:
            return None
        if step.within_months:
            return add_months(start, step.within_months)
        if step.repeats_months:
            return add_months(self.day_of(step.pk) or start, step.repeats_months)
        return self.earliest(step) if step.needs_vote else None

    def state(self, step: DevelopmentStep, day: date) -> DueState:
        """Return how a step to be taken stands on ``day``.

        What prepares a step that has to wait (the request before the vote at the end of probation) waits with it.
        """
        clock = self._clock(step)
        if clock and clock[1] < day:
            return DueState.OVERDUE
        if clock and clock[1] - timedelta(days=SOON_DAYS) <= day:
            return DueState.SOON
        waits = clock and clock[0].wait_months
        earliest = self.earliest(step)
        return DueState.LATER if waits or (earliest and earliest > day) else DueState.READY

    def task(self, day: date) -> DevelopmentStep | None:
        """Return the step that is to be taken: the following one, or the examination while one waits for that."""
        step = self.following if self.is_under_way else None
        if step is None or self.state(step, day) != DueState.LATER:
            return step
        begins = self.earliest(step) or self.due(step) or day
        repeated = (one for one in self.repeatable if one.repeats_months)
        return next((one for one in repeated if (self.due(one) or day) <= begins), step)

    def must_vote_again(self, step: DevelopmentStep, day: date) -> bool:
        """Say whether so long has passed since the vote that ``step``, its approval, is no longer possible."""
        vote = next((one for one in self.steps if one.pk == step.after_id and one.needs_vote), None)
        voted_on = self.day_of(vote.pk) if vote and step.within_months else None
        return voted_on is not None and day > add_months(voted_on, LATEST_APPROVAL_MONTHS)


@dataclass(frozen=True)
class Task:
    """The step to be taken in one file."""

    file: DevelopmentFile
    step: DevelopmentStep
    state: DueState
    earliest: date | None
    due: date | None
    must_vote_again: bool


@dataclass(frozen=True)
class StepLine:
    """A step on the timeline of a file."""

    step: DevelopmentStep
    state: StepState
    records: list[DevelopmentRecord]
    """By day, with those withdrawn."""
    earliest: date | None
    due: date | None
    due_state: DueState | None
    """How it stands, where it may be recorded now."""


def course_of(file: DevelopmentFile) -> Course:
    """Return the course of a file (fetched through the gate): two queries, and one for its member."""
    rows = file.records.select_related("step", "recorded_by", "voided_by", "meeting").order_by("occurred_on", "pk")
    valid: list[DevelopmentRecord] = []
    withdrawn: list[DevelopmentRecord] = []
    for record in rows:
        (withdrawn if record.voided_at else valid).append(record)
    return Course(file, list(DevelopmentStep.objects.order_by("sequence")), valid, withdrawn)


def steps_due(user: User, day: date | None = None) -> list[Task]:
    """Return the step to be taken in each file under way that ``user`` sees, as of ``day`` (default today).

    The most urgent first; three queries.
    """
    now = day or today()
    files = DevelopmentFile.objects.visible_to(user).under_way().select_related("branch", "member")
    steps = list(DevelopmentStep.objects.order_by("sequence"))
    courses = {file.pk: Course(file, steps) for file in files}
    for record in DevelopmentRecord.objects.valid().filter(file__in=list(courses)).order_by("occurred_on", "pk"):
        courses[record.file_id].records.append(record)
    tasks = []
    for course in courses.values():
        step = course.task(now)
        if step is not None:
            tasks.append(_task(course, step, now))
    order = list(DueState)
    return sorted(tasks, key=lambda task: (order.index(task.state), task.due or task.earliest or date.max))


def _task(course: Course, step: DevelopmentStep, day: date) -> Task:
    return Task(
        file=course.file,
        step=step,
        state=course.state(step, day),
        earliest=course.earliest(step),
        due=course.due(step),
        must_vote_again=course.must_vote_again(step, day),
    )


def timeline(course: Course, day: date | None = None) -> list[tuple[str, list[StepLine]]]:
    """Return all steps of a course, grouped by stage (its label), as of ``day`` (default today)."""
    now = day or today()
    lines = [_line(course, step, now) for step in course.steps]
    stages = groupby(lines, key=lambda line: line.step.stage)
    return [(DevelopmentStage(stage).label, list(found)) for stage, found in stages]


def _line(course: Course, step: DevelopmentStep, day: date) -> StepLine:
    records = course.taken.get(step.pk, [])
    shown = [*records, *(record for record in course.withdrawn if record.step_id == step.pk)]
    is_open = step in course.open_steps
    state = StepState.DONE if records else StepState.NEXT if is_open else StepState.LATER
    is_running = course.is_under_way and (is_open or not records)
    return StepLine(
        step=step,
        state=state,
        records=sorted(shown, key=lambda record: (record.occurred_on, record.pk)),
        earliest=course.earliest(step) if is_running and not records else None,
        due=course.due(step) if is_open else None,
        due_state=course.state(step, day) if is_open else None,
    )
