"""From the village's draft to what villagers read on a phone without signing in, and the sheet on A4."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from finance.models import Statement
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.browser.test_phone import DESKTOP, SMALL, assert_good
from tests.factories import Town
from tests.finance.disclosure import DAY, fill_ledger, make_released
from tests.finance.money import import_voucher

STATEMENT = "/disclosure/TV01/2017/1/"
LIST = "/finance/statements/?year=2017&quarter=1"
A4 = (b"/MediaBox [0 0 594.95996 841.91998]", b"/MediaBox [0 0 595")


def as_account(browser_page: Any, sign_in: Any, user: User) -> Page:
    page: Page = browser_page()
    sign_in(page, user)
    page.goto(LIST)
    return page


@pytest.mark.parametrize("javascript", [False, True])
def test_statement_goes_from_the_village_to_the_villagers(
    town: Town, browser_page: Any, sign_in: Any, javascript: bool
) -> None:
    fill_ledger(town.own)
    villager: Page = browser_page(java_script_enabled=javascript)

    agent = as_account(browser_page, sign_in, town.people[D.VILLAGE_AGENT])
    agent.get_by_role("link", name="2017年第1季度").click()
    agent.get_by_role("button", name="制表").click()
    expect(agent.get_by_text("已制表")).to_be_visible()

    secretary = as_account(browser_page, sign_in, town.people[D.BRANCH_SECRETARY])
    secretary.get_by_role("link", name="2017年第1季度").click()
    secretary.get_by_label("民主理财小组审核人").fill("孙北华、李南国")
    secretary.get_by_role("button", name="登记审核").click()
    expect(secretary.get_by_text("已登记审核")).to_be_visible()
    expect(secretary.get_by_role("button", name="公开这份收支表")).to_have_count(0)
    assert villager.goto(STATEMENT).status == 404  # type: ignore[union-attr]  # there is an answer

    head = as_account(browser_page, sign_in, town.people[D.FINANCE_HEAD])
    head.get_by_role("link", name="本村，2017年第1季度").click()
    head.get_by_role("button", name="公开这份收支表").click()
    expect(head.get_by_text("村民不用登录就能查看")).to_be_visible()

    villager.goto("/disclosure/")
    villager.get_by_label("村名").fill("bc")
    villager.get_by_role("button", name="查找").click()
    villager.get_by_role("link", name="本村").click()
    villager.get_by_role("link", name="2017年第1季度").click()
    expect(villager.get_by_role("heading", name="池上镇本村 2017年第一季度村级经费收支公开表")).to_be_visible()
    assert villager.context.cookies() == []


@pytest.mark.parametrize("viewport", [SMALL, DESKTOP], ids=["320px", "1366px"])
def test_pages_of_disclosure_are_large_enough_and_never_scroll_sideways(
    town: Town, browser_page: Any, sign_in: Any, viewport: dict[str, int]
) -> None:
    fill_ledger(town.own)
    make_released(town)
    import_voucher(town.own.branch, DAY, "12345678.90", summary="补记" * 30)
    make_released(town, reason="补记漏记的一笔")
    page: Page = browser_page(viewport=viewport)
    for address in ("/disclosure/", "/disclosure/TV01/", STATEMENT, f"{STATEMENT}1/"):
        page.goto(address)
        assert_good(page, address)

    sign_in(page, town.people[D.ACCOUNTANT])
    draft = f"/finance/statements/draft/?village={town.own.pk}&year=2017&quarter=2"
    for address in (LIST, f"/finance/statements/{Statement.objects.in_force().get().pk}/", draft):
        page.goto(address)
        assert_good(page, address)


def test_statement_prints_on_a4_with_lines_to_sign(town: Town, browser_page: Any) -> None:
    fill_ledger(town.own)
    statement = make_released(town)
    page: Page = browser_page(viewport=DESKTOP)
    page.goto(STATEMENT)
    expect(page.get_by_text("村务监督委员会：")).to_be_hidden()

    page.emulate_media(media="print")

    for text in ("制表：", "民主理财小组：", "村党支部书记：", "村务监督委员会：", statement.sha256, "单位：元"):
        expect(page.get_by_text(text, exact=False).first).to_be_visible()
    for text in ("池上镇党建", "有问题请打镇党建办电话", "怎么核对"):
        expect(page.get_by_text(text, exact=True).first).to_be_hidden()
    pdf = page.pdf(prefer_css_page_size=True)
    assert any(size in pdf for size in A4)
    assert pdf.count(b"/Type /Page\n") == 1
