"""The secretary's pages on members: who gets in, what the lists and pages show, and never an ID number."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chishang.core.dates import in_words, today
from chishang.core.id_numbers import check_character
from members.enums import ChangeKind, Presence
from members.services import ChangeFacts, record_change, record_meeting
from organizations.enums import DutyCode
from tests.factories import Town, appoint
from tests.members.life import draft, make_member, took_part

SECRETARY = DutyCode.BRANCH_SECRETARY
HOME = "/members/"


@pytest.fixture
def secretary(client: Client, town: Town) -> Client:
    client.force_login(town.people[SECRETARY])
    return client


def names(response: Any) -> list[str]:
    return [member.name for member in response.context["page"]]


def id_number() -> str:
    digits = "370399" + "19600203" + "001"
    return digits + check_character(digits)


def test_members_are_those_of_the_own_branch_and_of_today(secretary: Client, town: Town) -> None:
    make_member(town.own.branch, "赵东强")
    gone = make_member(town.own.branch, "赵已故")
    record_change(actor=None, member=gone, kind=ChangeKind.DIED, occurred_on=today())
    make_member(town.foreign.branch, "钱西明")

    response = secretary.get(HOME)

    assert names(response) == ["赵东强"]
    assert "钱西明" not in response.text
    assert "共 1 人" in response.text


@pytest.mark.parametrize("text", ["赵东", "zdq", "ZDQ", "zhaodong"])
def test_members_are_found_by_name_or_pinyin(secretary: Client, town: Town, text: str) -> None:
    make_member(town.own.branch, "赵东强")
    make_member(town.own.branch, "孙北华")
    make_member(town.foreign.branch, "赵东强")

    assert names(secretary.get(HOME, {"q": text})) == ["赵东强"]


def test_members_are_narrowed_by_what_the_office_asks_for(secretary: Client, town: Town) -> None:
    make_member(town.own.branch, "正式")
    make_member(town.own.branch, "预备", joined_on=today() - timedelta(days=30), full_member_on=None)
    for name, kind in (("流动", ChangeKind.FLOATED), ("失联", ChangeKind.LOST), ("困难", ChangeKind.HARDSHIP)):
        for branch in (town.own.branch, town.foreign.branch):
            facts = ChangeFacts(place="省外")
            record_change(
                actor=None, member=make_member(branch, name), kind=kind, occurred_on=date(2017, 1, 5), facts=facts
            )
    shows = {"probationary": "预备", "floating": "流动", "lost": "失联", "hardship": "困难"}

    assert {show: names(secretary.get(HOME, {"show": show})) for show in shows} == {
        show: [name] for show, name in shows.items()
    }
    assert len(names(secretary.get(HOME, {"show": "x"}))) == 5


def test_members_page_says_what_to_do_when_nobody_is_found(secretary: Client) -> None:
    assert "没有找到" in secretary.get(HOME, {"q": "钱西明"}).text
    assert "还没有登记党员" in secretary.get(HOME).text
    assert "现在没有这样的党员" in secretary.get(HOME, {"show": "lost"}).text


def test_members_are_paged(secretary: Client, town: Town) -> None:
    for number in range(31):
        make_member(town.own.branch, f"赵{number}")

    pages = [secretary.get(HOME, {"page": page}) for page in ("1", "2", "x")]

    assert [len(names(page)) for page in pages] == [30, 1, 30]


def test_member_shows_the_items_without_the_id_number(secretary: Client, town: Town) -> None:
    member = make_member(town.own.branch, phone="15400001234", address="本村一组 3 号")
    with_number = make_member(town.own.branch, "孙北华")
    with_number.set_id_number(id_number())
    with_number.save()

    text = secretary.get(reverse("members:member", args=[member.pk])).text
    verified = secretary.get(reverse("members:member", args=[with_number.pk])).text

    for shown in ("赵东强", "汉族", "正式党员", 'href="tel:15400001234"', "本村一组 3 号", "2010年5月10日"):
        assert shown in text
    assert "已核验" in verified
    assert "已核验" not in text
    for page in (verified, secretary.get(HOME).text):
        assert id_number() not in page
        assert id_number()[:6] not in page


def test_member_shows_the_course_and_the_meetings_of_this_year(secretary: Client, town: Town) -> None:
    member = make_member(town.own.branch)
    record_change(
        actor=None,
        member=member,
        kind=ChangeKind.FLOATED,
        occurred_on=date(2017, 1, 5),
        facts=ChangeFacts(place="江苏苏州"),
    )
    actor = town.people[SECRETARY]
    for day, topic in ((today(), "今年的会"), (date(2017, 1, 5), "以前的会")):
        people = took_part(member, presence=Presence.EXCUSED)
        record_meeting(actor=actor, draft=draft(town.own.branch, day, topic=topic, attendance=people))

    text = secretary.get(reverse("members:member", args=[member.pk])).text

    for shown in ("发展入党", "流出", "江苏苏州", "今年的会", "请假", in_words(today())):
        assert shown in text
    assert "以前的会" not in text


def test_member_who_left_is_still_to_be_read_but_not_listed(secretary: Client, town: Town) -> None:
    member = make_member(town.own.branch)
    record_change(actor=None, member=member, kind=ChangeKind.WITHDREW, occurred_on=today())

    assert names(secretary.get(HOME)) == []
    assert "已出党" in secretary.get(reverse("members:member", args=[member.pk])).text


def test_member_of_another_branch_looks_like_one_that_does_not_exist(secretary: Client, town: Town) -> None:
    foreign = make_member(town.foreign.branch, "钱西明")

    answers = [secretary.get(reverse("members:member", args=[key])) for key in (foreign.pk, 987654321, 10**30)]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert answers[0].content == answers[1].content == answers[2].content


@pytest.mark.parametrize("duty", [DutyCode.VILLAGE_AGENT, DutyCode.ACCOUNTANT, DutyCode.SYSTEM_ADMINISTRATOR])
def test_members_are_forbidden_without_the_right_to_see_them(client: Client, town: Town, duty: DutyCode) -> None:
    member = make_member(town.own.branch)
    client.force_login(town.people[duty])

    assert client.get(HOME).status_code == 403
    assert client.get(reverse("members:member", args=[member.pk])).status_code == 403


def test_members_ask_the_anonymous_to_sign_in(client: Client, town: Town) -> None:
    assert client.get(HOME).url == f"{reverse('login')}?next={HOME}"


def test_secretary_of_two_branches_sees_which_is_which(secretary: Client, town: Town) -> None:
    appoint(town.people[SECRETARY], SECRETARY, town.foreign.branch)
    make_member(town.own.branch)
    make_member(town.foreign.branch, "钱西明")

    text = secretary.get(HOME).text

    assert town.own.branch.name in text
    assert town.foreign.branch.name in text


@pytest.mark.parametrize(
    ("duty", "labels"),
    [
        (SECRETARY, ["走访", "问题", "党员", "会议", "资金", "文件"]),
        (DutyCode.ACCOUNTANT, ["工作台", "台账", "资金", "文件", "报表"]),
        (DutyCode.VILLAGE_AGENT, ["资金"]),
    ],
)
def test_navigation_has_what_the_duty_may_open(client: Client, town: Town, duty: DutyCode, labels: list[str]) -> None:
    client.force_login(town.people[duty])

    text = client.get("/accounts/password/").text

    menu = text.partition('aria-label="主菜单"')[2].partition("</nav>")[0]
    assert re.findall(r">(\w+)</a>", menu) == labels


@pytest.mark.parametrize(
    ("address", "label"), [(HOME, "党员"), ("/members/meetings/", "会议"), ("/directives/", "文件")]
)
def test_navigation_marks_the_current_page(secretary: Client, address: str, label: str) -> None:
    assert f'aria-current="page">{label}</a>' in secretary.get(address).text


@pytest.mark.parametrize("rows", [1, 3])
def test_members_take_as_many_queries_for_three_rows_as_for_one(
    secretary: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    for number in range(rows):
        make_member(town.own.branch, f"赵{number}")

    with django_assert_num_queries(14):
        secretary.get(HOME)


@pytest.mark.parametrize("rows", [1, 3])
def test_member_takes_as_many_queries_for_three_meetings_as_for_one(
    secretary: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    member = make_member(town.own.branch)
    for number in range(rows):
        given = draft(town.own.branch, today(), topic=f"第{number}次", attendance=took_part(member))
        record_meeting(actor=town.people[SECRETARY], draft=given)

    with django_assert_num_queries(13):
        secretary.get(reverse("members:member", args=[member.pk]))
