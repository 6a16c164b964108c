"""Development of members: steps in order and in time, votes, and what they do to the register."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from chishang.core.dates import today
from members.enums import ChangeKind, FileState, Standing
from members.models import DevelopmentFile, DevelopmentRecord, Meeting, Member
from members.services import (
    ChangeFacts,
    StepRefused,
    correct_file,
    open_file,
    record_change,
    register_member,
    stop_file,
)
from organizations.enums import DutyCode
from organizations.models import User
from tests.factories import Town
from tests.members.course import APPLIED_ON, DAYS, applicant, begin, id_number, take, walk
from tests.members.life import make_meeting


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[DutyCode.OFFICE_CLERK]


@pytest.fixture
def file(clerk: User, town: Town) -> DevelopmentFile:
    return begin(clerk, town.own.branch)


def refused(call: Any, *arguments: Any, **named: Any) -> dict[str, list[str]]:
    """The messages with which a call is refused; nothing may be stored."""
    before = [model.objects.count() for model in (DevelopmentFile, DevelopmentRecord, Member)]
    with pytest.raises(ValidationError) as caught:
        call(*arguments, **named)
    assert [model.objects.count() for model in (DevelopmentFile, DevelopmentRecord, Member)] == before
    error = caught.value
    return error.message_dict if hasattr(error, "error_dict") else {"": error.messages}


def test_open_file_records_the_application_and_keeps_the_number_encrypted(clerk: User, file: DevelopmentFile) -> None:
    record = file.records.get()
    assert (record.step.code, record.occurred_on, record.recorded_by) == ("application", APPLIED_ON, clerk)
    stored = DevelopmentFile.objects.get()
    assert stored.read_id_number() == id_number()
    assert id_number().encode() not in bytes(stored.id_number_cipher)


def test_open_file_takes_one_who_is_18_on_the_day_and_not_the_day_before(clerk: User, town: Town) -> None:
    born_on = date(1997, 1, 5)
    young = applicant(town.own.branch, born_on=born_on)
    told = refused(open_file, actor=clerk, file=young, applied_on=date(2015, 1, 4))
    assert told == {"born_on": ["申请入党时不满 18 周岁（2015年1月5日才满），请核对出生日期和申请日期。"]}
    assert open_file(actor=clerk, file=young, applied_on=date(2015, 1, 5)).pk


@pytest.mark.parametrize(
    ("fields", "number", "applied_on", "field"),
    [
        ({}, "", today() + timedelta(days=1), "applied_on"),
        ({}, id_number()[:-1], APPLIED_ON, "id_number"),
        ({}, id_number(date(1990, 5, 2)), APPLIED_ON, "born_on"),
        ({}, id_number(sequence=12), APPLIED_ON, "sex"),
        ({"name": ""}, "", APPLIED_ON, "name"),
    ],
    ids=["future", "short", "born", "sex", "no name"],
)
def test_open_file_is_refused_with_its_reason(
    clerk: User, town: Town, fields: Any, number: str, applied_on: date, field: str
) -> None:
    wrong = applicant(town.own.branch, **fields)
    told = refused(open_file, actor=clerk, file=wrong, applied_on=applied_on, id_number=number)
    assert list(told) == [field]
    assert id_number()[:-1] not in str(told)


def test_open_file_refuses_a_number_of_another_branch_without_telling_whose(clerk: User, town: Town) -> None:
    known = Member(branch=town.foreign.branch, name="钱西明", sex="1", joined_on=date(2012, 7, 1))
    register_member(actor=None, member=known, id_number=id_number())
    told = refused(begin, clerk, town.own.branch)
    assert told == {"id_number": ["该身份证号码已经登记过，请核对号码，或与镇党建办联系。"]}
    begin(clerk, town.foreign.branch, number=id_number(sequence=13))
    told = refused(begin, clerk, town.own.branch, number=id_number(sequence=13))
    assert "钱" not in str(told)
    assert "外村" not in str(told)


def test_correct_file_keeps_the_number_when_none_is_typed(clerk: User, file: DevelopmentFile) -> None:
    file.address = "测试村13号"
    correct_file(actor=clerk, file=file)
    stored = DevelopmentFile.objects.get()
    assert (stored.address, stored.read_id_number()) == ("测试村13号", id_number())


def test_second_file_of_a_namesake_born_on_the_same_day_needs_a_number(clerk: User, town: Town) -> None:
    begin(clerk, town.own.branch, number="")
    told = refused(open_file, actor=clerk, file=applicant(town.own.branch), applied_on=APPLIED_ON)
    assert "两名同名申请人请填身份证号码以区分" in told["id_number"][0]
    begin(clerk, town.own.branch)
    begin(clerk, town.foreign.branch, number="")
    assert DevelopmentFile.objects.count() == 3


def test_correct_file_leaves_what_a_step_moved_meanwhile(clerk: User, file: DevelopmentFile) -> None:
    seen = DevelopmentFile.objects.get(pk=file.pk)
    walk(clerk, file, until="admission_approval")
    seen.phone = "15400000078"
    correct_file(actor=clerk, file=seen)
    stored = DevelopmentFile.objects.get()
    assert (stored.phone, stored.state, stored.member) == ("15400000078", FileState.ADMITTED, Member.objects.get())


def test_file_that_went_to_another_branch_meanwhile_is_opened_anew(
    clerk: User, file: DevelopmentFile, town: Town
) -> None:
    seen = DevelopmentFile.objects.get(pk=file.pk)
    DevelopmentFile.objects.filter(pk=file.pk).update(branch=town.foreign.branch)
    moved = "该党员的组织关系刚才有变动，请重新打开再办。"
    assert refused(take, clerk, seen, "talk") == {"": [moved]}
    assert refused(correct_file, actor=clerk, file=seen) == {"": [moved]}


def test_correct_file_checks_the_age_again(clerk: User, town: Town) -> None:
    file = begin(clerk, town.own.branch, number="")
    file.born_on = date(1999, 1, 1)
    assert list(refused(correct_file, actor=clerk, file=file)) == ["born_on"]


def test_the_whole_course_makes_a_full_member(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "archive")
    assert (file.state, file.records.count()) == (FileState.COMPLETED, 25)
    member = file.member
    assert member is not None
    assert (member.joined_on, member.full_member_on) == (DAYS["admission_vote"], DAYS["confirmation_vote"])
    kinds = member.changes.order_by("pk").values_list("kind", "occurred_on")
    assert list(kinds) == [("joined", DAYS["admission_vote"]), ("became_full", DAYS["confirmation_vote"])]


def test_admission_carries_the_file_over_with_the_number_encrypted_anew(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "admission_vote")
    assert Member.objects.count() == 0
    walk(clerk, file, "admission_approval")
    member = Member.objects.get()
    assert (file.member, file.state) == (member, FileState.ADMITTED)
    assert (member.name, member.branch, member.address) == (file.name, file.branch, "测试村12号")
    assert member.read_id_number() == id_number()
    assert bytes(member.id_number_cipher) != bytes(DevelopmentFile.objects.get().id_number_cipher)
    assert member.probation_ends_on == date(2017, 6, 1)


def test_admission_names_what_the_file_lacks(clerk: User, town: Town) -> None:
    file = begin(clerk, town.own.branch, number="", phone="", introducers="")
    walk(clerk, file, "admission_talk")
    told = refused(take, clerk, file, "admission_approval")
    assert told == {"": ["接收为预备党员前，请先在档案里补全：公民身份号码、手机号、入党介绍人。"]}
    file.refresh_from_db()
    assert file.state == FileState.OPEN


def test_admission_of_one_who_was_registered_meanwhile_is_refused(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "admission_talk")
    known = Member(branch=file.branch, name="孙东升", sex="1", joined_on=date(2016, 6, 1))
    register_member(actor=None, member=known, id_number=id_number())
    told = refused(take, clerk, file, "admission_approval")
    assert list(told) == ["id_number"]
    assert file.records.count() == 16


@pytest.mark.parametrize(
    ("until", "code", "words"),
    [
        ("talk", "contacts", "请先登记第 3 步“推荐和确定入党积极分子”"),
        ("talk", "talk", "已经登记过"),
        ("contacts", "candidate", "请先登记第 6 步“培养教育考察”"),
        ("candidate", "education", "已经登记过"),
        ("oath", "confirmation_request", "请先登记第 21 步“继续教育考察”"),
        ("admission_approval", "admission_vote", "已经登记过"),
    ],
)
def test_step_out_of_order_is_refused(clerk: User, file: DevelopmentFile, until: str, code: str, words: str) -> None:
    walk(clerk, file, until)
    with pytest.raises(StepRefused, match=words):
        take(clerk, file, code, date(2017, 9, 1))


def test_examination_is_repeated_while_it_is_the_last_step(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "education")
    take(clerk, file, "education", date(2016, 2, 25))
    assert file.records.filter(step__code="education").count() == 2
    assert list(refused(take, clerk, file, "education", date(2016, 2, 25))) == ["__all__"]
    take(clerk, file, "candidate")


def test_step_before_the_last_one_is_refused(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "activist")
    told = refused(take, clerk, file, "activist_filing", date(2015, 2, 28))
    assert told == {"occurred_on": ["日期早于上一步（推荐和确定入党积极分子，2015年3月1日），请核对。"]}
    take(clerk, file, "activist_filing", date(2015, 3, 1))


def test_step_in_the_future_is_refused(clerk: User, file: DevelopmentFile) -> None:
    assert list(refused(take, clerk, file, "talk", today() + timedelta(days=1))) == ["occurred_on"]
    take(clerk, file, "talk", today())


@pytest.mark.parametrize(
    ("before", "code", "words"),
    [
        ("education", "candidate", "“确定发展对象”要在“推荐和确定入党积极分子”满 12 个月后办理"),
        ("confirmation_request", "confirmation_vote", "“支部大会讨论转正”要在“支部大会讨论”满 12 个月后办理"),
    ],
)
def test_step_too_early_is_refused_with_rule_and_day(
    clerk: User, file: DevelopmentFile, before: str, code: str, words: str
) -> None:
    walk(clerk, file, before)
    day = DAYS[code]  # exactly a year after
    told = refused(take, clerk, file, code, day - timedelta(days=1))["occurred_on"][0]
    assert words in told
    assert "发展党员工作细则" in told
    assert told.endswith(f"最早{day.year}年{day.month}月{day.day}日。")
    take(clerk, file, code, day)


def test_confirmation_waits_for_an_extended_probation(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "confirmation_request")
    assert file.member is not None
    facts = ChangeFacts(until=date(2017, 12, 1))
    kind = ChangeKind.PROBATION_EXTENDED
    record_change(actor=clerk, member=file.member, kind=kind, occurred_on=date(2017, 5, 30), facts=facts)
    told = refused(take, clerk, file, "confirmation_vote", date(2017, 11, 30))
    assert "最早2017年12月1日" in told["occurred_on"][0]
    take(clerk, file, "confirmation_vote", date(2017, 12, 1))


@pytest.mark.parametrize(
    ("votes", "field", "words"),
    [
        ({"present": 5, "due": 10, "in_favour": 5, "abstained": 0}, "present", "应到 10 人、实到 5 人，没有超过半数"),
        ({"present": 9, "due": 10, "in_favour": 5}, "in_favour", "赞成 5 票，没有超过应到 10 人的半数"),
        ({"due": None}, "due", "请填写应到有表决权人数"),
        ({"in_favour": None}, "in_favour", "请填写赞成票"),
        ({"present": 10, "due": 9}, "__all__", "实到人数不能多于应到人数"),
        ({"present": 7, "in_favour": 7, "against": 1, "abstained": 0}, "__all__", "票数加起来不能多于实到人数"),
    ],
    ids=["quorum", "majority", "no due", "no votes", "present", "sum"],
)
def test_vote_is_refused_with_its_reason(
    clerk: User, file: DevelopmentFile, votes: dict[str, Any], field: str, words: str
) -> None:
    walk(clerk, file, "form")
    told = refused(take, clerk, file, "admission_vote", **votes)
    assert field in told
    assert words in str(told)


def test_vote_passes_with_one_more_than_half_of_those_due(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "form")
    votes = {"due": 10, "present": 6, "in_favour": 6, "against": None, "abstained": None}
    record = take(clerk, file, "admission_vote", **votes)
    assert (record.in_favour, record.against, record.abstained) == (6, 0, 0)


@pytest.mark.parametrize(("vote", "approval"), [("admission_vote", "admission_approval")])
def test_approval_within_three_months_of_the_vote_needs_no_reason(
    clerk: User, file: DevelopmentFile, vote: str, approval: str
) -> None:
    walk(clerk, file, "admission_talk")
    told = refused(take, clerk, file, approval, date(2016, 9, 2))
    assert told == {"decision": ["审批应在表决后 3 个月内（期限2016年9月1日）作出，请写明延长的原因。"]}
    take(clerk, file, approval, date(2016, 9, 1))


def test_approval_within_six_months_needs_a_reason_and_later_a_new_vote(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "admission_talk")
    told = refused(take, clerk, file, "admission_approval", date(2016, 12, 2), decision="党委会延期")
    assert "请支部大会重新讨论表决" in told["occurred_on"][0]
    take(clerk, file, "admission_vote", date(2016, 12, 10))
    take(clerk, file, "admission_approval", date(2017, 1, 10))
    assert file.member is not None
    assert file.member.joined_on == date(2016, 12, 10)


def test_approval_on_the_last_day_of_six_months_with_a_reason(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "admission_talk")
    record = take(clerk, file, "admission_approval", date(2016, 12, 1), decision="党委会延期")
    assert record.decision == "党委会延期"


def test_meeting_must_be_of_the_branch_and_the_day(clerk: User, file: DevelopmentFile, town: Town) -> None:
    walk(clerk, file, "form")
    day = DAYS["admission_vote"]
    own: Meeting = make_meeting(town.own.branch, day, "members_meeting")
    for wrong in (make_meeting(town.foreign.branch, day), make_meeting(town.own.branch, day - timedelta(days=1))):
        assert list(refused(take, clerk, file, "admission_vote", meeting=wrong)) == ["meeting"]
    assert take(clerk, file, "admission_vote", meeting=own).meeting == own


def test_confirmation_of_one_who_was_confirmed_on_another_day_is_refused(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "confirmation_vote")
    assert file.member is not None
    kind = ChangeKind.BECAME_FULL
    record_change(actor=clerk, member=file.member, kind=kind, occurred_on=date(2017, 6, 2))
    assert "党员登记里的转正日期是2017年6月2日" in str(refused(take, clerk, file, "confirmation_approval"))


def test_no_step_for_one_who_is_no_longer_a_member(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "oath")
    assert file.member is not None
    kind = ChangeKind.PROBATION_CANCELLED
    record_change(actor=clerk, member=file.member, kind=kind, occurred_on=date(2016, 10, 1))
    assert "现在是“已出党”" in refused(take, clerk, file, "probation")[""][0]
    stop_file(actor=clerk, file=file, stopped_on=date(2016, 10, 1), reason="取消预备党员资格")
    assert file.state == FileState.STOPPED


@pytest.mark.parametrize(
    ("day", "reason", "field"),
    [
        (date(2015, 1, 19), "本人撤回", "stopped_on"),
        (today() + timedelta(days=1), "本人撤回", "stopped_on"),
        (date(2015, 2, 1), " ", "reason"),
    ],
    ids=["before the last step", "future", "no reason"],
)
def test_stop_file_is_refused_with_its_reason(
    clerk: User, file: DevelopmentFile, day: date, reason: str, field: str
) -> None:
    walk(clerk, file, "talk")
    assert list(refused(stop_file, actor=clerk, file=file, stopped_on=day, reason=reason)) == [field]


def test_stopped_file_takes_no_more_steps_nor_corrections(clerk: User, file: DevelopmentFile) -> None:
    stop_file(actor=clerk, file=file, stopped_on=date(2015, 2, 1), reason="本人撤回")
    assert (file.state, file.stop_reason) == (FileState.STOPPED, "本人撤回")
    assert "已终止" in refused(take, clerk, file, "talk")[""][0]
    assert "已终止" in refused(correct_file, actor=clerk, file=file)[""][0]
    assert "已终止" in refused(stop_file, actor=clerk, file=file, stopped_on=today(), reason="再次")[""][0]


def test_stop_file_of_a_probationary_member_asks_for_the_change_first(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "oath")
    assert "请先在党员登记里办理变动" in str(
        refused(stop_file, actor=clerk, file=file, stopped_on=today(), reason="x")
    )
    assert file.member is not None
    assert file.member.standing == Standing.NORMAL
