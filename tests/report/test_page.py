"""The report page and its drill-down: what is shown to whom, compared with what, and how many queries it takes."""

import html
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chishang.core.dates import today
from chishang.core.figures import Question, all_figures, compute, find_figure
from chishang.report import lines
from chishang.report.lines import Line
from chishang.report.report import build_report
from chishang.report.rows import SHOWN
from chishang.report.sections import SECTIONS
from discipline.models import Case
from members.models import Member
from members.services import register_member
from organizations.enums import DutyCode
from organizations.models import Organization, Village, VillageStatistic
from tests.api import api_client
from tests.discipline.records import make_case
from tests.factories import HouseholdFactory, Town, UserFactory, VillageFactory, appoint
from tests.finance.money import fill_money, import_voucher
from visits.models import Issue

PAGE = "/report/"
LAST_DAY = {"as_of": "2017-12-31"}
OPEN = [one.key for one in all_figures() if not one.confidential]
SECRET = [one.key for one in all_figures() if one.confidential]
BUDGET_OF_QUERIES = 40


def text_of(content: bytes) -> str:
    """What a page says, without tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", content.decode())).split())


def page(town: Town, duty: DutyCode = DutyCode.OFFICE_CLERK, **query: str) -> str:
    answer = api_client(town.people[duty]).get(PAGE, query)
    assert answer.status_code == 200
    return answer.content.decode()


def row_of(content: str, key: str) -> str:
    """What the page says in the row of a figure."""
    found = re.search(rf'<tr id="{re.escape(key)}">(.*?)</tr>', content, re.DOTALL)
    assert found, key
    return text_of(found[1].encode())


@pytest.fixture
def clerk(township: None) -> Client:
    """A clerk of the office of the whole township."""
    user = UserFactory()
    appoint(user, DutyCode.OFFICE_CLERK, Organization.objects.get(parent__isnull=True))
    return api_client(user)


@pytest.fixture
def filled(town: Town) -> Town:
    """Rows behind figures of every kind, in the own village and in the foreign one."""
    for village, household in ((town.own, town.own_household), (town.foreign, town.foreign_household)):
        fill_money(village, town.people[DutyCode.VILLAGE_AGENT])
        town.record(household, "路不平", "灯不亮", visited_on=date(2017, 6, 1))
        VillageStatistic.objects.create(village=village, year=2017, households=100, population=300)
        member = Member(name=f"{village.name}党员", sex="1", branch=village.branch, joined_on=date(2001, 7, 1))
        register_member(actor=None, member=member)
    return town


def test_every_figure_stands_in_one_section() -> None:
    told = [key for section in SECTIONS for key in section.figures]
    assert sorted(told) == sorted(one.key for one in all_figures())


def test_page_tells_the_figures_of_the_day(clerk: Client, whole_township: None) -> None:
    content = clerk.get(PAGE, LAST_DAY).content.decode()
    shown = {
        "issues.resolved": "807 条 占反映问题 807/1083，74.5% 对比 增 +807 当时 0",
        "visits.count": "10,172 次 对比 增 +10,172 当时 0",
        "members.total": "1412 人 对比 增 +23 当时 1389",
        "members.probationary": "23 人 占党员 23/1412，1.6% 对比 减 −2 当时 25",
        "org.villages": "44 个 对比 持平",
        "org.population": "23,012 人 对比 无法比较",
        "finance.village_disbursed": "448.60 万元 4,486,000.00 元 对比 增 +448.60 万元 当时 0.00 万元",
        "discipline.petitions_closed": "7 件 占巡察转办信访件 7/7，100.0% 对比 增 +7 当时 0",
    }
    for key, told in shown.items():
        assert row_of(content, key).endswith(told), key
    assert content.count('class="figures__value"') == len(all_figures())
    assert "解决日期在截至日或以前、截至日未重新办理的问题。" in row_of(content, "issues.resolved")


def test_chosen_day_is_compared_with(clerk: Client) -> None:
    content = clerk.get(PAGE, {**LAST_DAY, "compare": "2017-09-30"}).content.decode()
    assert "比2017年9月30日" in text_of(content.encode())
    assert row_of(content, "issues.resolved").endswith("增 +260 当时 547")
    assert row_of(content, "issues.pending").endswith("减 −124 当时 400")
    rows = f"{PAGE}rows/issues.pending/?as_of=2017-12-31&amp;compare=2017-09-30"
    assert f'href="{rows}"' in content
    back = clerk.get(html.unescape(rows)).content.decode()
    assert f'href="{PAGE}?as_of=2017-12-31&amp;compare=2017-09-30#issues.pending"' in back


def test_year_that_is_not_over_is_told(clerk: Client) -> None:
    content = clerk.get(PAGE, {"as_of": "2017-09-30"}).content.decode()
    assert "— 该年度未结束" in row_of(content, "finance.income_over_30k_villages")


def test_what_nobody_wrote_down_is_told(town: Town) -> None:
    assert "— 尚未登记" in row_of(page(town), "org.population")


def test_what_one_may_not_see_is_told(filled: Town) -> None:
    content = page(filled, DutyCode.VILLAGE_AGENT, **LAST_DAY)
    for key in ("issues.raised", "members.total", "discipline.cases"):
        assert "— 无权查看" in row_of(content, key)
    assert "/report/rows/issues.raised/" not in content
    assert "2 人" not in row_of(content, "members.total")


def test_count_that_would_name_somebody_is_not_told(town: Town) -> None:
    make_case(organization=town.own.branch, filed_on=date(2017, 3, 17))
    assert Case.objects.count() == 1
    asked = LAST_DAY | {"organization": town.own.branch.code}
    assert "— 数字过小，不予显示" in row_of(page(town, **asked), "discipline.cases")
    assert "1 件" in row_of(page(town, **LAST_DAY), "discipline.cases")


def test_numbers_lead_to_rows_where_one_may_see_them(filled: Town) -> None:
    content = page(filled, **LAST_DAY)
    for key in OPEN:
        is_there = compute(Question(date(2017, 12, 31)), [find_figure(key)])[key] is not None  # type: ignore[list-item]
        assert (f'href="/report/rows/{key}/?as_of=2017-12-31"' in content) == is_there, key
    assert not any(f"/report/rows/{key}/" in content for key in SECRET)


def test_secretary_sees_the_own_village(filled: Town) -> None:
    content = page(filled, DutyCode.BRANCH_SECRETARY, **LAST_DAY)
    assert "1 个" in row_of(content, "org.villages")
    assert "2 条" in row_of(content, "issues.raised")
    assert "本村" in content
    assert "外村" not in content


def test_organization_narrows_figures_charts_and_links(filled: Town) -> None:
    content = page(filled, **LAST_DAY, organization=filled.foreign.branch.code)
    assert "2 条" in row_of(content, "issues.raised")
    assert f"/report/rows/issues.raised/?as_of=2017-12-31&amp;organization={filled.foreign.branch.code}" in content
    heat = content[content.index("各村各类问题") :]
    assert "外村" in heat
    assert "本村" not in heat


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}rows/issues.raised/"])
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"as_of": "2099-01-01"}, "截至日不能晚于今天，请改成今天或以前的日期。"),
        ({"compare": "2099-01-01"}, "对比日不能晚于今天，请改成今天或以前的日期。"),
        ({"as_of": "2017-02-30"}, "不是存在的日期"),
        ({"organization": "NONE"}, "没有这个党组织，请重新选择。"),
    ],
)
def test_wrong_question_is_told(town: Town, address: str, query: dict[str, str], message: str) -> None:
    answer = api_client(town.people[DutyCode.OFFICE_CLERK]).get(address, query)
    assert answer.status_code == 422
    assert message in text_of(answer.content)


def test_foreign_organization_is_one_that_does_not_exist(town: Town) -> None:
    client = api_client(town.people[DutyCode.BRANCH_SECRETARY])
    answers = [client.get(PAGE, {"organization": code}) for code in (town.foreign.branch.code, "NONE")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert "外村" not in answers[0].content.decode()


@pytest.mark.parametrize("duty", [DutyCode.VILLAGE_AGENT, DutyCode.DISTRICT_CLIENT, DutyCode.SYSTEM_ADMINISTRATOR])
def test_everybody_with_an_appointment_gets_the_page(town: Town, duty: DutyCode) -> None:
    assert "党建工作报告" in page(town, duty)


def test_page_needs_an_appointment(town: Town) -> None:
    nobody = UserFactory()
    assert api_client(nobody).get(PAGE).status_code == 403
    assert api_client(nobody).get(f"{PAGE}rows/org.villages/").status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_usual_days_are_one_press_away(town: Town) -> None:
    content, day = page(town), today()
    for one in (day, date(day.year - 1, 12, 31)):
        assert f'href="?as_of={one.isoformat()}"' in content


def test_page_has_neither_styles_nor_scripts_of_its_own(clerk: Client) -> None:
    content = clerk.get(PAGE, LAST_DAY).content.decode()
    assert not re.search(r"\sstyle=|<script(?! [^>]*src=)|<style|\son\w+=", content)


def test_charts_have_their_numbers_beside_them(clerk: Client) -> None:
    content = clerk.get(PAGE, LAST_DAY).content
    told = text_of(content)
    assert "村民用水 228 167 61 18 0 43" in told
    assert "5月 194 60" in told
    assert "村级组织运转经费 3,300,000.00 2,872,000.00 428,000.00" in told
    assert "61岁及以上 467 0" in told
    widths = [
        int(width) for width in re.findall(r'<rect class="fill-\d" x="\d+" y="\d+" width="(\d+)"', content.decode())
    ]
    assert max(widths) == 1000
    assert min(widths) >= 3


def test_checks_are_told_on_top_and_in_full(clerk: Client, whole_township: None) -> None:
    told = text_of(clerk.get(PAGE, LAST_DAY).content)
    assert "! 1 项核对不符" in told
    assert "X12 不符：受处分的人都有决定机关、决定日期和影响期" in told
    Village.objects.filter(name="泉子村").update(area=VillageFactory(area__founded_on=date(2018, 1, 1)).area)
    told = text_of(clerk.get(PAGE, LAST_DAY).content)
    assert "! 2 项核对不符" in told
    assert "不符的记录：泉子村。" in told


def test_whole_page_takes_few_queries(clerk: Client, whole_township: None) -> None:
    clerk.get(PAGE, LAST_DAY)
    with CaptureQueriesContext(connection) as queries:
        clerk.get(PAGE, LAST_DAY)
    assert len(queries) <= BUDGET_OF_QUERIES


def test_page_takes_the_same_queries_for_more_villages(filled: Town) -> None:
    client, counts = api_client(filled.people[DutyCode.OFFICE_CLERK]), []
    for number in (1, 3):
        for _ in range(number - 1):
            village = VillageFactory(branch__parent=filled.root)
            filled.record(HouseholdFactory(village=village), "路不平", visited_on=date(2017, 6, 1))
            import_voucher(village.branch, date(2017, 6, 30), "1.00")
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE, LAST_DAY)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= BUDGET_OF_QUERIES


def test_every_open_figure_has_columns_and_a_page_of_its_rows(filled: Town) -> None:
    clerk = filled.people[DutyCode.OFFICE_CLERK]
    client, question = api_client(clerk), build_report(as_of=date(2017, 12, 31), user=clerk).question
    values = compute(question)
    for key in OPEN:
        figure: Any = find_figure(key)
        value, rows = values[key], figure.rows(question)
        content = client.get(f"{PAGE}rows/{key}/", LAST_DAY).content
        count = rows.count() if figure.exists(question) else 0
        assert f"共 {count} 行" in text_of(content), key
        assert content.decode().count('<th scope="row">') == count, key
        assert f"{figure.label}：{Line(figure, value, value).text}" in text_of(content), key
        assert figure.total or count == value, key


@pytest.mark.parametrize("key", OPEN)
def test_model_of_the_rows_has_columns_and_a_sum_shows_what_it_adds_up(key: str) -> None:
    figure: Any = find_figure(key)
    shown = SHOWN[figure.rows(Question(date(2017, 12, 31))).model]
    assert not figure.total or figure.total in {column.path for column in shown.columns}


@pytest.mark.parametrize("duty", [DutyCode.OFFICE_CLERK, DutyCode.DISCIPLINE_HEAD])
def test_confidential_and_unknown_figures_have_no_rows(town: Town, duty: DutyCode) -> None:
    client = api_client(town.people[duty])
    for key in (*SECRET, "nothing", "issues.raised.x"):
        assert client.get(f"{PAGE}rows/{key}/").status_code == 404, key


def test_rows_need_the_permission_on_them(filled: Town) -> None:
    client = api_client(filled.people[DutyCode.ACCOUNTANT])
    assert client.get(f"{PAGE}rows/issues.raised/").status_code == 403
    assert client.get(f"{PAGE}rows/org.branches/").status_code == 200


def test_secretary_sees_the_own_rows_and_opens_them(filled: Town) -> None:
    content = api_client(filled.people[DutyCode.BRANCH_SECRETARY]).get(f"{PAGE}rows/issues.raised/", LAST_DAY)
    issue = Issue.objects.filter(visit__household=filled.own_household).first()
    assert f'href="/visits/issues/{issue.pk}/"' in content.content.decode()
    assert "外村" not in content.content.decode()
    assert "钱西明" not in content.content.decode()


def test_office_opens_rows_in_the_admin_where_the_portal_has_no_page(filled: Town) -> None:
    content = api_client(filled.people[DutyCode.OFFICE_CLERK]).get(f"{PAGE}rows/org.areas/", LAST_DAY).content.decode()
    assert f'href="/admin/organizations/area/{filled.own.area_id}/change/"' in content


@pytest.mark.parametrize("duty", [DutyCode.OFFICE_CLERK, DutyCode.BRANCH_SECRETARY, DutyCode.DISTRICT_CLIENT])
def test_link_of_a_row_can_be_opened(filled: Town, duty: DutyCode) -> None:
    client, opened = api_client(filled.people[duty]), set()
    for key in OPEN:
        content = client.get(f"{PAGE}rows/{key}/", LAST_DAY).content.decode()
        for link in re.findall(r'<th scope="row"><a class="link" href="([^"]+)"', content)[:1]:
            place = re.sub(r"\d+", "", link)
            if place not in opened:
                opened.add(place)
                assert client.get(link).status_code == 200, link
    assert opened or duty == DutyCode.DISTRICT_CLIENT


def test_what_the_api_hides_is_not_shown(filled: Town) -> None:
    household = filled.own_household
    type(household).objects.filter(pk=household.pk).update(phone="13953300000")
    client = api_client(filled.people[DutyCode.OFFICE_CLERK])
    for key in OPEN:
        told = client.get(f"{PAGE}rows/{key}/", LAST_DAY).content.decode()
        for hidden in ("13953300000", "谈了用水", "本村的收款人", "本村的受益人"):
            assert hidden not in told, key


@pytest.mark.parametrize(
    ("key", "most"), [("issues.raised", 30), ("visits.count", 30), ("finance.village_disbursed", 30)]
)
def test_rows_take_the_same_queries_however_many(filled: Town, key: str, most: int) -> None:
    client, counts = api_client(filled.people[DutyCode.OFFICE_CLERK]), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{PAGE}rows/{key}/", LAST_DAY)
        counts.append(len(queries))
        for _ in range(2):
            filled.record(filled.own_household, "路不平", visited_on=date(2017, 6, 2))
            import_voucher(filled.own.branch, date(2017, 6, 30), "1.00")
    assert counts[0] == counts[1] <= most


def test_number_of_rows_is_written_as_the_figure_is(clerk: Client) -> None:
    told = text_of(clerk.get(f"{PAGE}rows/visits.count/", LAST_DAY).content)
    assert "走访次数：10,172 次" in told
    assert "共 10,172 行" in told


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1083, "条", "1083"),
        (-9999, "条", "-9999"),
        (23012, "人", "23,012"),
        (-10000, "人", "-10,000"),
        (Decimal("4486000.00"), "元", "4,486,000.00"),
        (None, "元", "—"),
    ],
)
def test_values_are_written_alike_everywhere(value: Any, unit: str, text: str) -> None:
    assert lines.told(value, unit) == text
    assert render_to_string("report/_value.html", {"value": value, "unit": unit}).strip() == text


def test_rows_come_in_pages_of_a_hundred(clerk: Client) -> None:
    first, last = (clerk.get(f"{PAGE}rows/issues.resolved/", {**LAST_DAY, "page": number}) for number in (1, 9))
    assert first.content.decode().count('<th scope="row">') == 100
    assert last.content.decode().count('<th scope="row">') == 7
    assert "共 807 行" in text_of(last.content)


@pytest.mark.parametrize(
    ("value", "before", "trend", "change"),
    [
        (Decimal("100000.00"), Decimal("65900.00"), "more", "3.41 万元"),
        (Decimal("100.00"), Decimal("100.49"), "less", "0.49 元"),
        (Decimal("1.00"), Decimal("1.00"), "same", "0.00 元"),
        (None, Decimal("1.00"), "", ""),
    ],
)
def test_change_of_money_is_never_rounded_away(value: Any, before: Any, trend: str, change: str) -> None:
    figure = find_figure("finance.solar_income")
    assert figure is not None
    line = Line(figure, value, before)
    assert line.trend == trend
    assert not trend or line.change == change


def test_days_of_the_form_are_kept(town: Town) -> None:
    days = {"as_of": "2017-06-30", "compare": "2016-06-30"}
    assert [day for day in days.values() if f'value="{day}"' not in page(town, **days)] == []


def test_leap_day_is_compared_with_the_end_of_february(town: Town) -> None:
    assert "与2015年2月28日对比" in page(town, as_of="2016-02-29")


def test_yesterday_is_a_day_like_any_other(town: Town) -> None:
    town.record(town.own_household, "路不平", visited_on=today())
    yesterday = page(town, as_of=(today() - timedelta(days=1)).isoformat())
    assert "1 条" in row_of(page(town), "issues.raised")
    assert "0 条" in row_of(yesterday, "issues.raised")
