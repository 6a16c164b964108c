"""The report in a browser: read on a phone without JavaScript, from a number to its rows; large and dark enough."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from organizations.enums import DutyCode as D
from organizations.models import VillageStatistic
from tests.browser.test_phone import DESKTOP, SMALL, assert_good
from tests.factories import Town
from tests.finance.money import fill_money

PAGE = "/report/?as_of=2017-12-31"


@pytest.fixture
def filled(town: Town) -> Town:
    """Money, visits and issues of 2017 in both villages."""
    for village, household in ((town.own, town.own_household), (town.foreign, town.foreign_household)):
        fill_money(village, town.people[D.VILLAGE_AGENT])
        town.record(household, "路不平", "灯不亮", visited_on=date(2017, 6, 1))
        VillageStatistic.objects.create(village=village, year=2017, households=100, population=300)
    return town


def test_secretary_goes_from_a_number_to_its_rows_without_javascript(
    filled: Town, browser_page: Any, sign_in: Any
) -> None:
    page: Page = browser_page(java_script_enabled=False)
    sign_in(page, filled.people[D.BRANCH_SECRETARY])
    page.goto("/report/")
    page.get_by_label("截至日").fill("2017-12-31")
    page.get_by_role("button", name="查看").click()

    row = page.locator('[id="issues.raised"]')
    expect(row).to_contain_text("2 条")
    definition = row.get_by_text("走访日期在截至日或以前的走访中反映的问题。")
    expect(definition).to_be_hidden()
    row.get_by_text("反映问题", exact=True).click()
    expect(definition).to_be_visible()

    row.get_by_role("link", name="2").click()
    expect(page.get_by_role("heading", name="反映问题：2 条")).to_be_visible()
    expect(page.get_by_text("灯不亮")).to_be_visible()
    expect(page.get_by_text("钱西明")).to_have_count(0)
    page.get_by_role("rowheader").get_by_role("link").first.click()
    expect(page.locator(".said").get_by_text("灯不亮")).to_be_visible()


@pytest.mark.parametrize("viewport", [SMALL, DESKTOP], ids=["320px", "1366px"])
def test_report_is_large_enough_and_never_scrolls_sideways(
    filled: Town, browser_page: Any, sign_in: Any, viewport: dict[str, int]
) -> None:
    page: Page = browser_page(viewport=viewport)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    sign_in(page, filled.people[D.OFFICE_CLERK])
    page.goto(PAGE)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert_good(page, "the report")
    assert refused == []  # the policy for content refuses styles and scripts of a page's own

    bars = page.locator("svg.bars rect").evaluate_all("rects => rects.map(one => one.getBoundingClientRect().width)")
    assert max(bars) > 100
    fills = page.locator("svg.bars rect").evaluate_all("rects => rects.map(one => getComputedStyle(one).fill)")
    assert "rgb(0, 0, 0)" not in fills
