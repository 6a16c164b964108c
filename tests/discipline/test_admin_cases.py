"""Cases and sanctions in the admin: lists, pages, steps, who may read them, and what others find."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from chishang.core.dates import add_months, today
from discipline.models import Case, CaseAccess, LeadSource, Reading, Sanction
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.discipline.pages import CASES, READINGS, SANCTIONS, fault, named, opened, sign_in
from tests.discipline.records import make_case, make_lead, make_person, make_sanction, name_on
from tests.factories import Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def head(town: Town) -> User:
    return town.people[D.DISCIPLINE_HEAD]


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


@pytest.fixture
def at_desk(client: Client, clerk: User) -> Client:
    return sign_in(client, clerk)


@pytest.fixture
def at_heads_desk(client: Client, head: User) -> Client:
    return sign_in(client, head)


def filing(**values: Any) -> dict[str, Any]:
    """What one types to file a case."""
    source = LeadSource.objects.get(name="群众举报")
    own = {"number": "池纪立〔2017〕1号", "source": source.pk, "filed_on": "2017-03-17", "brief": "挪用集体资金"}
    return {**own, "people": "方明远，石桥村", "until": add_months(today(), 12).isoformat(), **values}


# The list


def test_list_shows_cases_one_is_named_on_with_masked_names(at_desk: Client, clerk: User) -> None:
    named(make_case(make_person("方明远"), brief="挪用集体资金"), clerk)
    make_case(make_person("乔守信"), number="池纪立〔2017〕2号")
    page = at_desk.get(CASES).content.decode()
    assert "池纪立〔2017〕1号" in page
    assert "方某某" in page
    for hidden in ("池纪立〔2017〕2号", "方明远", "挪用", "乔"):
        assert hidden not in page


def test_deadline_is_that_of_the_stage_and_red_when_missed(at_desk: Client, clerk: User) -> None:
    named(make_case(filed_on=today() - timedelta(days=90)), clerk)
    assert "逾期" not in at_desk.get(CASES).content.decode()
    Case.objects.update(filed_on=today() - timedelta(days=91))
    assert "逾期" in at_desk.get(CASES).content.decode()
    Case.objects.update(reviewed_on=add_months(today(), -1))
    assert "逾期" not in at_desk.get(CASES).content.decode()
    Case.objects.update(heard_on=today())
    assert "期限" in at_desk.get(CASES).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [("方明远", True), ("方明", False), ("方某某", False), ("2017〕1", True), ("挪用", False), ("2017〕2", False)],
)
def test_case_is_found_by_number_and_by_whole_name_only(at_desk: Client, clerk: User, query: str, found: bool) -> None:
    named(make_case(make_person("方明远"), brief="挪用集体资金"), clerk)
    assert ("池纪立〔2017〕1号" in at_desk.get(CASES, {"q": query}).content.decode()) == found


@pytest.mark.parametrize(
    ("stage", "found"), [("open", True), ("reviewed", True), ("filed", False), ("closed", False), ("x", True)]
)
def test_list_is_filtered_by_stage(at_desk: Client, clerk: User, stage: str, found: bool) -> None:
    named(make_case(make_person(), reviewed_on=date(2017, 4, 1)), clerk)
    assert ("池纪立〔2017〕1号" in at_desk.get(CASES, {"stage": stage}).content.decode()) == found


@pytest.mark.parametrize(("register", "expected"), [(CASES, 17), (SANCTIONS, 14)])
def test_list_takes_the_same_queries_for_one_row_and_three(
    at_desk: Client, clerk: User, register: str, expected: int, django_assert_num_queries: Any
) -> None:
    def add(number: int) -> None:
        make_sanction(named(make_case(make_person(f"方{number}"), number=f"池纪立〔2017〕{number}号"), clerk))

    add(1)
    at_desk.get(register)
    with django_assert_num_queries(expected):
        at_desk.get(register)
    add(2)
    add(3)
    with django_assert_num_queries(expected):
        at_desk.get(register)


# Filing


def test_case_is_filed_on_its_form(at_heads_desk: Client, head: User, clerk: User) -> None:
    typed = filing(handler=clerk.pk, readers=[head.pk], people="方明远，石桥村\n乔守信, 石桥村, 1960年生")
    assert at_heads_desk.post(f"{CASES}add/", typed).status_code == 302
    case = Case.objects.get()
    assert case.brief == "挪用集体资金"
    assert [(one.person.name, one.person.remark) for one in case.involvements.all()] == [
        ("方明远", ""),
        ("乔守信", "1960年生"),
    ]
    assert {one.user for one in case.accesses.all()} == {head, clerk}
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"people": "方明远"}, "姓名，单位"),
        ({"people": ""}, "必填"),
        ({"number": "1号"}, "案号应写成"),
        ({"filed_on": (today() + timedelta(days=1)).isoformat()}, "不能晚于今天"),
        ({"until": add_months(today(), 25).isoformat()}, "最长两年"),
    ],
)
def test_wrong_filing_is_told_and_not_stored(
    at_heads_desk: Client, head: User, values: dict[str, Any], told: str
) -> None:
    answer = at_heads_desk.post(f"{CASES}add/", filing(handler=head.pk, **values))
    assert told in fault(answer).replace("这个字段是必填项", "必填")
    assert not Case.objects.exists()


def test_clerk_is_offered_nobody_but_himself(at_desk: Client, head: User) -> None:
    assert head.name not in at_desk.get(f"{CASES}add/").content.decode()
    assert "选择" in fault(at_desk.post(f"{CASES}add/", filing(handler=head.pk)))
    assert not Case.objects.exists()


# The page


def test_page_shows_everything_after_a_purpose(at_desk: Client, clerk: User, head: User) -> None:
    verified = {"disposal": "verification", "proposed_on": date(2017, 3, 1), "received_on": date(2017, 2, 1)}
    case = named(make_case(make_person("方明远"), brief="挪用集体资金", reviewed_on=date(2017, 7, 1)), clerk)
    make_sanction(case, announced_on=date(2017, 6, 10))
    make_lead("XS-1", case=case, **verified)
    make_lead("XS-2", case=case, handler=head, **verified)
    address = f"{CASES}{case.pk}/change/"
    assert "挪用" not in at_desk.get(address).content.decode()
    page = opened(at_desk, address)
    for text in ("方明远", "挪用集体资金", "XS-1", "处分决定：警告", "影响期满", "逾期（期限 2017年6月15日）"):
        assert text in page
    for text in ("逾期（期限 2017年6月5日）", clerk.name, "准备案件审理", "登记：审理终结"):
        assert text in page
    assert "XS-2" not in page
    assert Reading.objects.get().purpose == "准备案件审理"
    assert "准备案件审理" in at_desk.get(READINGS, {"q": case.number}).content.decode()


@pytest.mark.parametrize("page", ["change/", "history/", "step/", "involve/", "assign/"])
def test_case_of_others_is_not_there(at_desk: Client, head: User, page: str) -> None:
    case = named(make_case(make_person()), head)
    missing = at_desk.get(f"{CASES}{case.pk + 1}/{page}")
    answer = at_desk.get(f"{CASES}{case.pk}/{page}")
    assert (answer.status_code, answer.content) == (404, missing.content)
    assert not Reading.objects.exists()


def test_next_step_is_dated_on_its_page(at_desk: Client, clerk: User) -> None:
    case = named(make_case(make_person()), clerk)
    address = f"{CASES}{case.pk}/step/"
    assert "登记步骤" in opened(at_desk, address)
    answer = at_desk.post(address, {"step": "decided_on", "day": "2017-06-01"})
    assert answer.status_code == 422
    assert "请先登记“审查终结”" in fault(answer)
    assert at_desk.post(address, {"step": "reviewed_on", "day": "2017-06-01"}).status_code == 302
    assert Case.objects.get().reviewed_on == date(2017, 6, 1)


def test_person_is_added_on_its_page(at_desk: Client, clerk: User) -> None:
    case = named(make_case(make_person("方明远")), clerk)
    address = f"{CASES}{case.pk}/involve/"
    opened(at_desk, address)
    assert "已登记在本案中" in fault(at_desk.post(address, {"name": "方明远", "unit": "石桥村"}))
    assert "其他纪检人员" in fault(at_desk.post(address, {"name": clerk.name, "unit": "石桥村"}))
    assert at_desk.post(address, {"name": "乔守信", "unit": "石桥村"}).status_code == 302
    assert case.involvements.count() == 2


def test_correction_offers_dates_that_are_there(at_desk: Client, clerk: User) -> None:
    case = named(make_case(make_person("方明远")), clerk)
    address = f"{CASES}{case.pk}/change/"
    page = opened(at_desk, address)
    assert 'name="filed_on"' in page
    assert 'name="reviewed_on"' not in page
    typed = filing(filed_on="2017-03-20", brief="改写")
    assert at_desk.post(address, typed).status_code == 302
    case.refresh_from_db()
    assert (case.filed_on, case.brief) == (date(2017, 3, 20), "改写")
    assert not LogEntry.objects.exists()


# Who may read it


def test_head_hands_out_cases_by_number_alone(at_heads_desk: Client, head: User, clerk: User) -> None:
    orphan = make_case(make_person("方明远"), brief="挪用集体资金")
    make_case(make_person(head.name), number="池纪立〔2017〕2号")
    page = at_heads_desk.get(f"{CASES}assign/").content.decode()
    assert "池纪立〔2017〕1号" in page
    assert "没有人" in page
    address = f"{CASES}{orphan.pk}/assign/"
    page += at_heads_desk.get(address).content.decode()
    for hidden in ("池纪立〔2017〕2号", "方某", "方明远", "挪用"):
        assert hidden not in page
    typed = {"user": clerk.pk, "until": add_months(today(), 6).isoformat(), "handles": "on"}
    assert at_heads_desk.post(address, typed).status_code == 302
    assert Case.objects.visible_to(clerk).get().handler == clerk
    assert not Case.objects.visible_to(head).exists()
    assert clerk.name in at_heads_desk.get(f"{CASES}assign/").content.decode()


def test_head_does_not_hand_out_a_case_about_himself(at_heads_desk: Client, head: User, clerk: User) -> None:
    own = make_case(make_person(head.name))
    access = name_on(own, clerk)
    assert at_heads_desk.get(f"{CASES}{own.pk}/assign/").status_code == 404
    assert at_heads_desk.post(f"{CASES}{own.pk}/assign/{access.pk}/end/").status_code == 404
    assert Case.objects.visible_to(clerk).exists()


def test_clerk_hands_out_nothing(at_desk: Client, clerk: User) -> None:
    case = named(make_case(make_person()), clerk)
    assert at_desk.get(f"{CASES}assign/").status_code == 403
    assert at_desk.post(f"{CASES}{case.pk}/assign/", {"user": clerk.pk, "until": today()}).status_code == 403
    assert at_desk.post(f"{CASES}{case.pk}/assign/{CaseAccess.objects.get().pk}/end/").status_code == 403


def test_grant_ends_by_a_press_and_not_by_a_look(at_heads_desk: Client, clerk: User) -> None:
    case = named(make_case(make_person()), clerk)
    other = named(make_case(make_person("乔守信"), number="池纪立〔2017〕2号"), clerk)
    address = f"{CASES}{case.pk}/assign/{case.accesses.get().pk}/end/"
    assert at_heads_desk.get(address).status_code == 405
    assert at_heads_desk.post(f"{CASES}{other.pk}/assign/{case.accesses.get().pk}/end/").status_code == 404
    assert at_heads_desk.post(address).status_code == 302
    assert list(Case.objects.visible_to(clerk)) == [other]


# Sanctions


def decision(case: Case, **values: Any) -> dict[str, Any]:
    own = {"involvement": case.involvements.get().pk, "measure": "warning", "grounds": "违纪事实"}
    return {**own, "decided_on": "2017-05-05", "effective_on": "2017-05-05", "decided_by": "", **values}


def test_sanction_gets_its_end_from_the_rule(at_desk: Client, clerk: User) -> None:
    case = named(make_case(make_person("方明远")), clerk)
    page = at_desk.get(f"{SANCTIONS}add/?involvement={case.involvements.get().pk}").content.decode()
    assert "方某某" in page
    assert "方明远" not in page
    answer = at_desk.post(f"{SANCTIONS}add/", decision(case, typed_end="2018-05-05"))
    assert "警告的影响期为 12 个月" in fault(answer)
    assert at_desk.post(f"{SANCTIONS}add/", decision(case)).status_code == 302
    assert Sanction.objects.get().impact_until == date(2018, 5, 4)
    assert not LogEntry.objects.exists()


def test_sanction_in_a_case_of_others_is_refused(at_desk: Client, clerk: User) -> None:
    hidden = make_case(make_person("方明远"))
    assert at_desk.post(f"{SANCTIONS}add/", decision(hidden)).status_code == 200
    assert not Sanction.objects.exists()
    foreign = make_sanction(hidden)
    assert at_desk.get(f"{SANCTIONS}{foreign.pk}/change/").status_code == 404
    assert at_desk.post(f"{SANCTIONS}{foreign.pk}/announce/", {"day": "2017-05-05"}).status_code == 404


def test_sanction_is_corrected_and_its_end_worked_out_anew(at_desk: Client, clerk: User) -> None:
    case = named(make_case(make_person("方明远")), clerk)
    sanction = make_sanction(case)
    address = f"{SANCTIONS}{sanction.pk}/change/"
    assert "方明远" in opened(at_desk, address)
    assert at_desk.post(address, decision(case, measure="removal")).status_code == 302
    assert Sanction.objects.get().impact_until == date(2019, 5, 4)


def test_late_announcement_is_told_and_red_in_the_list(at_desk: Client, clerk: User) -> None:
    sanction = make_sanction(named(make_case(make_person("方明远")), clerk))
    assert at_desk.get(SANCTIONS).content.decode().count("逾期") == 2
    address = f"{SANCTIONS}{sanction.pk}/announce/"
    opened(at_desk, address)
    page = at_desk.post(address, {"day": "2017-06-06"}, follow=True).content.decode()
    assert "已超过期限（2017年6月5日" in page
    sanction.refresh_from_db()
    assert sanction.announced_on == date(2017, 6, 6)


@pytest.mark.parametrize(
    ("query", "found"), [("effect=yes", False), ("effect=no", True), ("open=announce", True), ("q=方明远", True)]
)
def test_sanctions_are_filtered(at_desk: Client, clerk: User, query: str, found: bool) -> None:
    make_sanction(named(make_case(make_person("方明远")), clerk))
    page = at_desk.get(f"{SANCTIONS}?{query}").content.decode()
    assert ("方某某" in page) == found
