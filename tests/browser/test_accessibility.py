"""axe finds nothing on the pages of a phone; the screens that only the script shows are large enough, too."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.phone import (
    SECRETARY,
    change,
    expect_heading,
    open_form,
    submit,
    wait_for_worker,
    wait_until,
)
from tests.browser.proxy import Line
from tests.browser.test_phone import assert_good, pages_of
from tests.factories import Town

axe = Axe()


def assert_accessible(page: Page, name: str) -> None:
    """No rule of axe is broken on the page as it stands."""
    found = axe.run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"


def test_axe_finds_nothing_on_any_page(town: Town, browser_page: OpenPage, sign_in: Any) -> None:
    page = browser_page()
    page.goto("/accounts/login/")
    assert_accessible(page, "sign-in")
    sign_in(page, town.people[SECRETARY])
    for name, address in pages_of(town).items():
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert_accessible(page, name)


@pytest.mark.parametrize("width", [320, 390])
def test_the_screens_that_the_script_shows(town: Town, phone: Page, line: Line, width: int) -> None:
    def check(name: str) -> None:
        assert_good(phone, name)
        assert_accessible(phone, name)

    phone.set_viewport_size({"width": width, "height": 844})
    wait_until(phone, "async () => (await (await import('/static/visits/store.js')).readAll('reference')).length > 0")
    wait_for_worker(phone)
    open_form(phone, town)
    submit(phone)
    expect(phone.get_by_role("alert")).to_be_visible()
    check("refused form")
    line.cut()
    store_visit_here(phone)
    check("stored on the phone")
    phone.goto("/visits/outbox/")
    expect(phone.locator("[data-record]")).to_have_count(1)
    check("records on the phone")
    for address in ("/visits/", f"/visits/households/{town.own_household.pk}/record/", "/visits/issues/"):
        phone.goto(address)
        expect(phone.locator("h1")).to_be_visible()
        check(f"{address} without network")
    change(phone, made_at="2017-01-01T00:00:00Z")
    phone.goto("/visits/")
    expect(phone.locator("#waiting.waiting--late")).to_be_visible()
    check("late")


def store_visit_here(page: Page) -> None:
    """Complete the form that is open."""
    page.get_by_label("谈了什么").fill("问了收成")
    submit(page)
    expect_heading(page, "已存手机")
