"""A report from drawing up to the district's download, with and without scripts, on a phone and on a desk."""

import hashlib
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chishang.report.models import IssuedReport
from organizations.enums import DutyCode as D
from tests.browser.test_phone import DESKTOP, PRESSED, SMALL, TOO_SMALL, assert_good
from tests.factories import Town
from tests.report.issuing import add_late_visit, make_draft, make_released

LIST = "/report/issued/"


@pytest.mark.parametrize("javascript", [False, True])
def test_report_goes_from_the_clerk_to_the_district(
    town: Town, browser_page: Any, sign_in: Any, javascript: bool
) -> None:
    clerk, secretary, district = (browser_page(viewport=DESKTOP, java_script_enabled=javascript) for _ in range(3))
    for page, duty in ((clerk, D.OFFICE_CLERK), (secretary, D.TOWN_SECRETARY), (district, D.DISTRICT_CLIENT)):
        sign_in(page, town.people[duty])
        page.goto(LIST)
    expect(district.get_by_text("还没有签发的报告")).to_be_visible()

    clerk.get_by_text("制一份报告").click()
    clerk.get_by_label("截至日").fill("2017-12-31")
    clerk.get_by_role("button", name="制表").click()
    expect(clerk.get_by_text("已制表")).to_be_visible()
    expect(clerk.get_by_role("link", name="签发这一版")).to_have_count(0)

    secretary.reload()
    secretary.get_by_role("link", name="截至2017年12月31日，第1版").click()
    secretary.get_by_role("link", name="签发这一版").click()
    secretary.get_by_role("button", name="确认签发").dblclick()
    expect(secretary.get_by_text("✓ 已签发，现行")).to_be_visible()

    district.reload()
    district.get_by_role("link", name="截至2017年12月31日，第1版").click()
    with district.expect_download() as waiting:
        district.get_by_role("link", name="下载 JSON").click()
    assert waiting.value.suggested_filename == "测试镇党建工作报告 截至2017-12-31 第1版.json"
    assert hashlib.sha256(waiting.value.path().read_bytes()).hexdigest() == IssuedReport.objects.get().sha256


@pytest.mark.parametrize("viewport", [SMALL, DESKTOP], ids=["320px", "1366px"])
def test_pages_are_large_enough_and_never_scroll_sideways(
    town: Town, browser_page: Any, sign_in: Any, viewport: dict[str, int]
) -> None:
    make_released(town)
    add_late_visit(town)
    draft = make_draft(town, reason="补录" * 60)
    add_late_visit(town)
    page: Page = browser_page(viewport=viewport)
    sign_in(page, town.people[D.OFFICE_HEAD])
    for address in (LIST, f"{LIST}{draft.pk}/release/", "/report/download/json/?as_of=x"):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert_good(page, address)
    page.goto(f"{LIST}{draft.pk}/")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(TOO_SMALL, PRESSED) == []
