"""Withdrawing steps, files that disagree with the ID number, and applicants who were members before."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from members.enums import ChangeKind, FileState, Standing
from members.models import DevelopmentFile, Member
from members.selectors import course_of, steps_due, timeline
from members.services import (
    StepRefused,
    correct_file,
    open_file,
    record_change,
    register_member,
    stop_file,
    void_record,
)
from organizations.enums import DutyCode
from organizations.models import Organization, User
from tests.factories import Town
from tests.members.course import DAYS, applicant, begin, id_number, take, walk


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[DutyCode.OFFICE_CLERK]


@pytest.fixture
def file(clerk: User, town: Town) -> DevelopmentFile:
    return begin(clerk, town.own.branch)


def test_last_step_is_withdrawn_stays_marked_and_may_be_recorded_anew(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "talk")
    wrong = take(clerk, file, "activist")
    void_record(actor=clerk, record=wrong, reason=" 人弄错 ")
    wrong.refresh_from_db()
    assert (wrong.voided_by, wrong.void_reason, wrong.voided_at is None) == (clerk, "人弄错", False)
    course = course_of(file)
    assert (course.reached, course.last_day) == (2, DAYS["talk"])
    assert [task.step.code for task in steps_due(clerk)] == ["activist"]
    line = next(line for _, lines in timeline(course) for line in lines if line.step.code == "activist")
    assert (line.state, line.records) == ("next", [wrong])
    assert take(clerk, file, "activist").pk != wrong.pk
    take(clerk, file, "activist_filing")


def test_steps_are_withdrawn_one_after_the_other_from_the_last(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "activist")
    talk, activist = file.records.order_by("pk")[1:]
    with pytest.raises(StepRefused, match="只能撤回最近登记的一步"):
        void_record(actor=clerk, record=talk, reason="错")
    with pytest.raises(StepRefused, match="请写明撤回的理由"):
        void_record(actor=clerk, record=activist, reason=" ")
    void_record(actor=clerk, record=activist, reason="错")
    with pytest.raises(StepRefused, match="只能撤回最近登记的一步"):
        void_record(actor=clerk, record=activist, reason="再")
    void_record(actor=clerk, record=talk, reason="错")
    with pytest.raises(StepRefused, match="递交申请书和上级党委审批不能撤回"):
        void_record(actor=clerk, record=file.records.valid().get(), reason="错")


@pytest.mark.parametrize("until", ["admission_approval", "confirmation_approval"])
def test_approval_that_took_effect_is_not_withdrawn(clerk: User, file: DevelopmentFile, until: str) -> None:
    walk(clerk, file, until)
    with pytest.raises(StepRefused, match="审批不能撤回"):
        void_record(actor=clerk, record=file.records.get(step__code=until), reason="错")
    assert not file.records.filter(voided_at__isnull=False).exists()


def test_vote_repeated_by_mistake_is_withdrawn_and_the_first_counts(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "admission_talk")
    again = take(clerk, file, "admission_vote", date(2016, 6, 25))
    void_record(actor=clerk, record=again, reason="重复登记")
    walk(clerk, file, "admission_approval")
    assert file.member is not None
    assert file.member.joined_on == DAYS["admission_vote"]


def test_withdrawn_archive_opens_the_file_again(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "archive")
    void_record(actor=clerk, record=file.records.get(step__code="archive"), reason="材料未齐")
    file.refresh_from_db()
    assert file.state == FileState.ADMITTED
    take(clerk, file, "archive")
    assert file.state == FileState.COMPLETED


def test_nothing_is_withdrawn_in_a_stopped_file(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "talk")
    stop_file(actor=clerk, file=file, stopped_on=DAYS["talk"], reason="本人撤回")
    assert course_of(file).voidable is None
    with pytest.raises(StepRefused, match="已终止"):
        void_record(actor=clerk, record=file.records.get(step__code="talk"), reason="错")


def test_file_may_disagree_with_the_number_for_a_reason_which_goes_to_the_register(clerk: User, town: Town) -> None:
    born_on = date(1990, 4, 30)
    with pytest.raises(ValidationError, match="确有原因的，写明理由"):
        begin(clerk, town.own.branch, born_on=born_on)
    file = begin(clerk, town.own.branch, born_on=born_on, id_override_reason="档案审核认定")
    file.id_override_reason = ""
    with pytest.raises(ValidationError, match="确有原因的，写明理由"):
        correct_file(actor=clerk, file=file)
    file.refresh_from_db()
    walk(clerk, file, "admission_approval")
    member = Member.objects.get()
    assert (member.born_on, member.id_override_reason) == (born_on, "档案审核认定")


def former(branch: Organization, kind: ChangeKind = ChangeKind.WITHDREW, day: date = date(2012, 3, 1)) -> Member:
    """Somebody with the applicant's number who was a full member and left."""
    joined = {"joined_on": date(2008, 7, 1), "full_member_on": date(2009, 7, 1)}
    member = Member(branch=branch, name="孙升", sex="1", born_on=date(1990, 5, 1), **joined)
    register_member(actor=None, member=member, id_number=id_number())
    record_change(actor=None, member=member, kind=kind, occurred_on=day)
    return member


def test_removed_member_of_another_branch_is_developed_anew(clerk: User, town: Town) -> None:
    member = former(town.foreign.branch)
    file = begin(clerk, town.own.branch)
    correct_file(actor=clerk, file=file)
    walk(clerk, file, "admission_approval")
    assert (file.member, Member.objects.count()) == (member, 1)
    member.refresh_from_db()
    assert (member.standing, member.branch, member.name) == (Standing.NORMAL, town.own.branch, "孙东升")
    assert (member.joined_on, member.full_member_on) == (DAYS["admission_vote"], None)
    assert (member.phone, member.address, member.read_id_number()) == ("15400000077", "测试村12号", id_number())
    walk(clerk, file, "archive")
    member.refresh_from_db()
    assert member.full_member_on == DAYS["confirmation_vote"]
    kinds = member.changes.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["joined", "became_full", "withdrew", "joined", "became_full"]


@pytest.mark.parametrize(
    ("kind", "day"),
    [
        (ChangeKind.DIED, date(2012, 3, 1)),
        (ChangeKind.SUSPENDED, date(2012, 3, 1)),
        (ChangeKind.EXPELLED, date(2010, 1, 6)),
        (ChangeKind.WITHDREW, date(2015, 1, 6)),
    ],
    ids=["dead", "suspended", "expelled within five years", "left after the application"],
)
def test_others_of_the_register_are_no_applicants_and_where_they_stand_is_not_told(
    clerk: User, town: Town, kind: ChangeKind, day: date
) -> None:
    former(town.foreign.branch, kind, day)
    with pytest.raises(ValidationError) as caught:
        begin(clerk, town.own.branch)
    assert caught.value.message_dict == {"id_number": ["该身份证号码已经登记过，请核对号码，或与镇党建办联系。"]}
    assert not DevelopmentFile.objects.exists()


def test_one_who_was_expelled_more_than_five_years_ago_is_an_applicant(clerk: User, town: Town) -> None:
    former(town.foreign.branch, ChangeKind.EXPELLED, date(2010, 1, 5))
    assert begin(clerk, town.own.branch).pk


def test_whose_probation_was_cancelled_has_a_new_file_beside_the_ended_one(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "oath")
    member, cancelled_on = file.member, date(2016, 10, 1)
    assert member is not None
    record_change(actor=clerk, member=member, kind=ChangeKind.PROBATION_CANCELLED, occurred_on=cancelled_on)
    with pytest.raises(ValidationError, match="已经登记过"):
        again(clerk, file.branch)
    stop_file(actor=clerk, file=file, stopped_on=cancelled_on, reason="取消预备党员资格")
    second = again(clerk, file.branch)
    walk_later(clerk, second)
    assert (second.member, second.state) == (member, FileState.ADMITTED)
    member.refresh_from_db()
    assert (member.standing, member.joined_on) == (Standing.NORMAL, date(2018, 6, 1))
    assert set(member.development_files.all()) == {file, second}


def test_applicant_who_withdrew_applies_anew_and_not_twice_at_a_time(clerk: User, file: DevelopmentFile) -> None:
    with pytest.raises(ValidationError, match="已经登记过"):
        again(clerk, file.branch)
    stop_file(actor=clerk, file=file, stopped_on=date(2016, 1, 1), reason="本人撤回")
    assert again(clerk, file.branch).pk


def again(clerk: User, branch: Organization) -> DevelopmentFile:
    day = date(2016, 11, 1)
    return open_file(actor=clerk, file=applicant(branch), applied_on=day, id_number=id_number())


def walk_later(clerk: User, file: DevelopmentFile) -> None:
    """The faultless course up to the admission, two years later."""
    codes = list(DAYS)
    for code in codes[: codes.index("admission_approval") + 1]:
        take(clerk, file, code, DAYS[code].replace(year=DAYS[code].year + 2))
