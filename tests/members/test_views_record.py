"""Recording a meeting on the phone: stored once, counted from the list, refused at the field with the words kept."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chishang.core.dates import today
from members.enums import ChangeKind, Presence
from members.models import Meeting, MeetingAttendance, Member
from members.services import record_change
from organizations.enums import DutyCode
from tests.factories import OrganizationFactory, Town, appoint
from tests.members.life import kind, make_meeting, make_member

SECRETARY = DutyCode.BRANCH_SECRETARY
RECORD = "/members/meetings/record/"


@pytest.fixture
def secretary(client: Client, town: Town) -> Client:
    client.force_login(town.people[SECRETARY])
    return client


def typed(town: Town, *members: Member, **more: Any) -> dict[str, Any]:
    """What the browser sends when kind and topic are filled in, with everybody present."""
    sheet = {"branch": town.own.branch.pk, "kind": kind().pk, "topic": "学习党章", "held_on": today().isoformat()}
    sheet |= {"by": "list" if members else "numbers", "due": "", "present": "", "also_kind": "", "minutes": ""}
    sheet |= {"place": "村委会", "host": "赵东强"}
    sheet |= {f"presence-{member.pk}": Presence.PRESENT for member in members}
    return {**sheet, **more}


def by_numbers(town: Town, **more: Any) -> dict[str, Any]:
    return typed(town, **{"due": "10", "present": "9", **more})


def test_record_lists_the_members_of_the_branch_all_present(secretary: Client, town: Town) -> None:
    make_member(town.own.branch, "赵东强")
    make_member(town.own.branch, "孙北华")
    gone = make_member(town.own.branch, "赵已故")
    record_change(actor=None, member=gone, kind=ChangeKind.DIED, occurred_on=today())
    make_member(town.foreign.branch, "钱西明")

    response = secretary.get(RECORD)

    sheet = response.context["sheet"]
    assert [(row.member.name, row.presence) for row in sheet.rows] == [("孙北华", "present"), ("赵东强", "present")]
    assert "钱西明" not in response.text
    assert sheet.form["held_on"].value() == today()
    assert sheet.form["by"].value() == "list"


def test_record_proposes_place_and_host_of_the_last_meeting_and_the_kind_asked_for(
    secretary: Client, town: Town
) -> None:
    make_meeting(town.own.branch, date(2017, 1, 5), place="旧址", host="李一")
    make_meeting(town.own.branch, date(2017, 2, 5), place="新党员活动室", host="李二")
    make_meeting(town.foreign.branch, today(), place="外村", host="李三")

    response = secretary.get(RECORD, {"kind": kind("party_lesson").pk})

    form = response.context["sheet"].form
    assert (form["place"].value(), form["host"].value()) == ("新党员活动室", "李二")
    assert f'value="{kind("party_lesson").pk}" id="id_kind_3" checked' in response.text
    assert "外村" not in response.text


def test_record_proposes_the_topics_of_the_year(secretary: Client, town: Town) -> None:
    for branch in OrganizationFactory.create_batch(3, parent=town.root):
        make_meeting(branch, today(), topic="全镇的主题")
    make_meeting(town.foreign.branch, today(), topic="外村的主题")

    text = secretary.get(RECORD).text

    assert f'<option value="全镇的主题" data-kind="{kind().pk}">' in text
    assert "外村的主题" not in text


def test_meeting_is_recorded_by_the_list_and_leads_to_its_page(secretary: Client, town: Town) -> None:
    here, ill, away = (make_member(town.own.branch, name) for name in ("赵东", "赵南", "赵西"))
    sheet = typed(town, here, ill, away)
    sheet |= {f"presence-{ill.pk}": "excused", f"presence-{away.pk}": "absent", "minutes": "学了第一章"}

    response = secretary.post(RECORD, sheet, follow=True)

    meeting = Meeting.objects.get()
    assert response.redirect_chain == [(reverse("members:meeting", args=[meeting.pk]), 302)]
    assert (meeting.organization, meeting.held_on, meeting.topic) == (town.own.branch, today(), "学习党章")
    assert (meeting.due, meeting.present, meeting.excused) == (3, 1, 1)
    assert (meeting.place, meeting.host, meeting.minutes) == ("村委会", "赵东强", "学了第一章")
    assert dict(meeting.attendances.values_list("member__name", "presence")) == {
        "赵东": "present",
        "赵南": "excused",
        "赵西": "absent",
    }
    for shown in ("已登记", "应到 3，实到 1，请假 1", "赵西", "缺席", "学了第一章"):
        assert shown in response.text


def test_meeting_is_recorded_by_numbers_whatever_the_list_says(secretary: Client, town: Town) -> None:
    member = make_member(town.own.branch)
    sheet = by_numbers(town, **{f"presence-{member.pk}": "present", "also_kind": kind("party_lesson").pk})

    response = secretary.post(RECORD, sheet, follow=True)

    meeting = Meeting.objects.get()
    assert (meeting.due, meeting.present, meeting.also_kind) == (10, 9, kind("party_lesson"))
    assert meeting.attendances.count() == 0
    assert "没有名单" in response.text


def test_list_counts_whatever_stands_in_the_folded_numbers(secretary: Client, town: Town) -> None:
    secretary.post(RECORD, typed(town, make_member(town.own.branch), due="x", present="99"))

    assert (Meeting.objects.get().due, Meeting.objects.get().present) == (1, 1)


def test_pressing_twice_stores_one_meeting_and_says_so(secretary: Client, town: Town) -> None:
    sheet = typed(town, make_member(town.own.branch))

    first, second = (secretary.post(RECORD, sheet, follow=True) for _ in range(2))

    assert (Meeting.objects.count(), MeetingAttendance.objects.count()) == (1, 1)
    assert "已登记。" in first.text
    assert "已经登记过，没有重复登记" in second.text


def test_same_meeting_with_other_content_is_refused_and_the_words_are_kept(secretary: Client, town: Town) -> None:
    secretary.post(RECORD, by_numbers(town))

    response = secretary.post(RECORD, by_numbers(town, present="8", minutes="另一份记录"))

    assert response.status_code == 422
    assert f"编号 {Meeting.objects.get().pk}，应到 10 人，实到 9 人" in response.text
    assert "另一份记录" in response.text
    assert Meeting.objects.get().present == 9


def test_another_day_shows_the_list_of_that_day_first(secretary: Client, town: Town) -> None:
    """The day decides whose names stand there; a list of other people is shown anew before anything is stored."""
    stays, leaves = make_member(town.own.branch, "赵东"), make_member(town.own.branch, "赵南")
    record_change(actor=None, member=leaves, kind=ChangeKind.DIED, occurred_on=today())
    sheet = typed(town, stays, held_on="2017-03-05", **{f"presence-{stays.pk}": "absent"})

    response = secretary.post(RECORD, sheet)

    assert response.status_code == 422
    assert "2017年3月5日的党员名单和刚才的不一样" in response.text
    assert [(row.member, row.presence) for row in response.context["sheet"].rows] == [
        (stays, "absent"),
        (leaves, "present"),
    ]
    assert Meeting.objects.count() == 0

    secretary.post(RECORD, {**sheet, f"presence-{leaves.pk}": "present"})

    assert (Meeting.objects.get().due, Meeting.objects.get().present) == (2, 1)


def test_member_of_another_branch_in_the_list_is_refused_and_not_shown(secretary: Client, town: Town) -> None:
    own, foreign = make_member(town.own.branch), make_member(town.foreign.branch, "钱西明")

    response = secretary.post(RECORD, typed(town, own, foreign))

    assert response.status_code == 422
    assert "党员名单和刚才的不一样" in response.text
    assert "钱西明" not in response.text
    assert (Meeting.objects.count(), MeetingAttendance.objects.count()) == (0, 0)


def test_committee_meeting_takes_numbers_only(secretary: Client, town: Town) -> None:
    member, committee = make_member(town.own.branch), kind("committee_meeting").pk

    refused = secretary.post(RECORD, typed(town, member, kind=committee))
    taken = secretary.post(RECORD, by_numbers(town, kind=committee, due="5", present="5"))

    assert refused.status_code == 422
    assert "不是全体党员参加，请选“只填人数”" in refused.text
    assert taken.status_code == 302
    assert Meeting.objects.get().due == 5


def test_branch_without_members_is_recorded_by_numbers(secretary: Client, town: Town) -> None:
    assert secretary.get(RECORD).context["sheet"].form["by"].value() == "numbers"

    refused = secretary.post(RECORD, typed(town, by="list"))

    assert "没有登记党员，请选“只填人数”" in refused.text
    assert Meeting.objects.count() == 0


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "future": ({"held_on": (today() + timedelta(days=1)).isoformat()}, "日期不能晚于今天。"),
    "no day": ({"held_on": ""}, "请填写日期。"),
    "no such day": ({"held_on": "2017-02-30"}, "“2017-02-30”不是存在的日期"),
    "before the branch": ({"held_on": "1980-01-01"}, "没有这个党支部"),
    "no kind": ({"kind": ""}, "请选择活动类型。"),
    "unknown kind": ({"kind": "987654"}, "没有这种活动类型"),
    "malformed kind": ({"kind": "x"}, "没有这种活动类型"),
    "same kind twice": ({"also_kind": "same"}, "“同时也是”要选另一种活动类型"),
    "no topic": ({"topic": "  "}, "请填写主题"),
    "topic too long": ({"topic": "长" * 201}, "主题最多 200 个字，现在有 201 个"),
    "null character": ({"topic": "学\x00习"}, "不允许"),
    "place too long": ({"place": "长" * 101}, "地点最多 100 个字"),
    "minutes too long": ({"minutes": "长" * 5001}, "5000 个字，现在有 5001 个"),
    "no numbers": ({"due": "", "present": ""}, "请填写实到人数。"),
    "more than due": ({"present": "11"}, "实到 11 人，多于应到 10 人"),
    "negative": ({"present": "-1"}, "实到人数不能是负数。"),
    "no number": ({"due": "十"}, "应到人数请填整数。"),
    "huge": ({"due": "9" * 30}, "应到人数太大，请核对。"),
    "no way of counting": ({"by": ""}, "请选择怎么记人数。"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_at_the_field_and_stores_nothing(secretary: Client, town: Town, case: str) -> None:
    wrong, message = BAD[case]
    wrong = {name: kind().pk if value == "same" else value for name, value in wrong.items()}

    response = secretary.post(RECORD, by_numbers(town, **{"host": "李四", **wrong}))

    assert response.status_code == 422
    assert message in response.text
    assert 'role="alert"' in response.text
    assert "李四" in response.text
    assert Meeting.objects.count() == 0


@pytest.mark.parametrize("branch", ["foreign", "", "x", "9" * 30, "²"])
def test_another_branch_looks_like_one_that_does_not_exist(secretary: Client, town: Town, branch: str) -> None:
    key = town.foreign.branch.pk if branch == "foreign" else branch

    assert secretary.post(RECORD, by_numbers(town, branch=key)).status_code == 404
    assert key == "" or secretary.get(RECORD, {"branch": key}).status_code == 404
    assert Meeting.objects.count() == 0


def test_who_has_several_branches_chooses_one_first(client: Client, town: Town) -> None:
    appoint(town.people[SECRETARY], SECRETARY, town.foreign.branch)
    OrganizationFactory(parent=town.root, name="别的党支部")
    client.force_login(town.people[SECRETARY])

    choice = client.get(RECORD, {"kind": "3"})
    sheet = client.get(RECORD, {"branch": town.foreign.branch.pk})

    assert f"?kind=3&amp;branch={town.foreign.branch.pk}" in choice.text
    assert "别的党支部" not in choice.text
    assert sheet.context["sheet"].branch == town.foreign.branch


@pytest.mark.parametrize("duty", [DutyCode.AREA_LEADER, DutyCode.VILLAGE_AGENT, DutyCode.DISCIPLINE_CLERK])
def test_recording_is_forbidden_without_the_right(client: Client, town: Town, duty: DutyCode) -> None:
    client.force_login(town.people[duty])

    assert client.get(RECORD).status_code == 403
    assert client.post(RECORD, by_numbers(town)).status_code == 403
    assert Meeting.objects.count() == 0


def test_forged_form_stores_nothing(town: Town) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.people[SECRETARY])

    assert client.post(RECORD, by_numbers(town)).status_code == 403
    assert Meeting.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_record_takes_as_many_queries_for_three_members_as_for_one(
    secretary: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    for number in range(rows):
        make_member(town.own.branch, f"赵{number}")
        make_meeting(town.own.branch, today(), topic=f"第{number}次")

    with django_assert_num_queries(16):
        secretary.get(RECORD)


@pytest.mark.parametrize("rows", [1, 3])
def test_recording_takes_as_many_queries_for_three_members_as_for_one(
    secretary: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    sheet = typed(town, *(make_member(town.own.branch, f"赵{number}") for number in range(rows)))

    with django_assert_num_queries(40):
        secretary.post(RECORD, sheet)
