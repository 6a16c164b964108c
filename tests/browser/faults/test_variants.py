"""T13 with what Chromium can be made to lack; and a phone that believes any answer, which the oracle finds out."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.faults.acts import OUTBOX, be_lied_to, send_all, wait_for
from tests.browser.faults.conftest import Proof
from tests.browser.faults.line import SENDING, FaultyLine, answer_cut, lie, refused
from tests.browser.faults.variants import delete_on_any_answer
from tests.browser.oracle import examine_phone
from tests.browser.phone import SECRETARY, expect_heading, open_form, states, stored, submit
from tests.factories import Town
from visits.models import Operation, Visit

LACKING = {
    "Background Sync": "delete globalThis.SyncManager; delete ServiceWorkerRegistration.prototype.sync",
    "Web Locks": "Object.defineProperty(navigator, 'locks', { value: undefined })",
    "service workers": "delete Navigator.prototype.serviceWorker",
    "broadcasts": "delete globalThis.BroadcastChannel",
}


@pytest.fixture
def bare_phone(town: Town, line: FaultyLine, browser_page: OpenPage, sign_in: Any, lacking: str) -> Page:
    """A phone whose browser lacks something."""
    page = browser_page(base_url=line.url)
    page.context.add_init_script(LACKING[lacking])
    sign_in(page, town.people[SECRETARY])
    return page


@pytest.mark.parametrize("lacking", LACKING)
def test_t13_a_browser_that_lacks_something(
    town: Town, bare_phone: Page, line: FaultyLine, prove: Proof, lacking: str
) -> None:
    phone = bare_phone
    line.plan(SENDING, answer_cut(0), lie(500), refused)
    open_form(phone, town)
    phone.get_by_label("谈了什么").fill("问了收成")
    phone.get_by_role("button", name="上报", exact=True).last.click(click_count=3)
    expect_heading(phone, "已存手机")
    phone.goto(OUTBOX)
    send_all(phone)
    assert (states(phone), Visit.objects.count(), line.left) == (["confirmed"], 1, 0)
    prove(phone, [stored(phone)[0]["op_id"]])


def test_t13_without_script_the_form_sent_twice_is_one_visit(
    town: Town, line: FaultyLine, browser_page: OpenPage, sign_in: Any
) -> None:
    page = browser_page(base_url=line.url, java_script_enabled=False)
    sign_in(page, town.people[SECRETARY])
    page.goto(f"/visits/households/{town.own_household.pk}/record/")
    other = page.context.new_page()  # a tab that was restored
    form = page.url
    other.goto(form)
    for tab in (page, other):
        tab.get_by_label("谈了什么").fill("问了收成")
    line.plan("POST /visits/households/", answer_cut(0))
    submit(page)  # to an answer without a byte, many browsers send the form again by themselves
    wait_for(Visit.objects, page)
    submit(other)
    other.wait_for_url("**/receipts/*/")
    assert sum(times for asked, times in line.asked.items() if asked.startswith("POST /visits/households/")) >= 2
    for tab in (page, other):
        tab.goto(form)
        expect(tab.get_by_role("heading", name="这张表单已经上报")).to_be_visible()
    assert Visit.objects.count() == Operation.objects.count() == 1


def test_a_phone_that_believes_any_answer_is_found_out(
    town: Town, line: FaultyLine, browser_page: OpenPage, sign_in: Any
) -> None:
    page = browser_page(base_url=line.url, service_workers="block")
    delete_on_any_answer(page.context)
    sign_in(page, town.people[SECRETARY])
    page.goto(OUTBOX)
    shown = be_lied_to(page, town, line)
    assert examine_phone(page, shown).lost
    assert Visit.objects.count() == 1
