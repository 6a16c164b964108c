"""The pages without network: kept by the worker, filled from the phone, the same for everybody."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.browser.conftest import OpenPage
from tests.browser.phone import (
    SECRETARY,
    expect_heading,
    open_form,
    send_now,
    states,
    store_visit,
    stored,
    submit,
    wait_for_worker,
    wait_until,
)
from tests.browser.proxy import Line
from tests.factories import HouseholdFactory, Town
from visits.enums import IssueState, MoveCode
from visits.models import IssueCategory, Visit
from visits.services import MoveFacts, move_issue

HAS_LIST = "async () => (await (await import('/static/visits/store.js')).readAll('reference')).length > 0"


@pytest.fixture
def phone(town: Town, line: Line, browser_page: OpenPage, sign_in: Any) -> Page:
    """A phone of the secretary that has been on the page of the visits once."""
    HouseholdFactory(village=town.own, name="孙北华", code="TV01-0002", group="前峪自然村")
    page = browser_page(base_url=line.url)
    sign_in(page, town.people[SECRETARY])
    expect(page.get_by_role("heading", name="走访", exact=True)).to_be_visible()
    wait_until(page, HAS_LIST)
    wait_for_worker(page)
    return page


def test_after_one_visit_online_everything_works_in_airplane_mode(town: Town, phone: Page, line: Line) -> None:
    line.cut()
    phone.goto("/visits/")
    expect(phone.get_by_text("现在没有网络。记录会存在手机里，有信号时自动上报。")).to_be_visible()
    expect(phone.get_by_role("link", name="记录走访")).to_have_count(2)
    for text in ("zdq", "东强", "0001"):
        phone.get_by_label("找一户").fill(text)
        expect(phone.get_by_role("link", name="记录走访")).to_have_count(1)
    phone.get_by_label("找一户").fill("前峪")
    expect(phone.get_by_role("link", name="记录走访：孙北华")).to_be_visible()
    phone.get_by_label("找一户").fill("zdq")
    phone.get_by_role("link", name="记录走访：赵东强").click()
    expect(phone.locator("form[data-ready]")).to_be_visible()
    assert phone.get_by_label("走访日期").input_value() == today().isoformat()
    phone.get_by_label("谈了什么").fill("山里没有信号")
    phone.get_by_text("问题 1", exact=True).click()
    phone.get_by_text("村民用水").first.click()
    phone.get_by_label("问题描述").first.fill("自来水浑浊")
    submit(phone)
    expect_heading(phone, "已存手机")
    phone.reload()
    expect_heading(phone, "已存手机")
    phone.get_by_role("link", name="再走访一户").click()
    expect(phone.locator("#waiting")).to_contain_text("1 条待上报")
    assert not Visit.objects.exists()

    line.mend()
    phone.goto("/visits/outbox/")
    expect(phone.locator("[data-record]")).to_contain_text("已上报")
    assert Visit.objects.get().issues.get().description == "自来水浑浊"


def test_issues_that_wait_are_answered_without_network(town: Town, phone: Page, line: Line) -> None:
    issue = town.record(None, "路坑洼").issues.get()
    clerk = town.people[DutyCode.OFFICE_CLERK]
    move_issue(actor=clerk, issue=issue, move=MoveCode.RETURN, facts=MoveFacts(note="请写明哪一段"))
    phone.evaluate("async () => (await import('/static/visits/store.js')).remove('reference', 'list')")
    phone.goto("/visits/")
    wait_until(phone, HAS_LIST)
    line.cut()
    phone.goto("/visits/issues/")
    phone.get_by_role("link", name="路坑洼").click()
    expect(phone.locator("form[data-ready]")).to_be_visible()
    phone.get_by_label("补充说明").fill("村口到桥头")
    phone.get_by_role("button", name="补充后再报").click()
    expect_heading(phone, "已存手机")
    line.mend()
    send_now(phone)
    issue.refresh_from_db()
    assert (states(phone), issue.state) == (["confirmed"], IssueState.REGISTERED)


def test_a_page_that_is_not_kept_says_so_and_shows_nothing_of_anybody(town: Town, phone: Page, line: Line) -> None:
    phone.goto(f"/visits/households/{town.own_household.pk}/")
    line.cut()
    phone.goto(f"/visits/receipts/{town.own_household.pk}/")
    expect_heading(phone, "这一页要有网络才能看")
    kept = phone.evaluate(
        """async () => {
          const pages = [];
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) {
              pages.push([new URL(request.url).pathname, await (await cache.match(request)).text()]);
            }
          }
          return pages;
        }"""
    )
    (page,) = [(path, text) for path, text in kept if not path.startswith("/static/")]
    assert page[0] == "/visits/shell/"
    people = (town.own_household.name, town.people[SECRETARY].name, "csrfmiddlewaretoken")
    assert [word for word in people if word in page[1]] == []


def test_the_worker_never_touches_what_is_sent(town: Town, phone: Page) -> None:
    handled: dict[str, bool] = {}
    phone.on("response", lambda one: handled.update({one.request.method + one.url: one.from_service_worker}))
    store_visit(phone, town)
    expect_heading(phone, "已上报")
    send_now(phone)
    sent = {key: by_worker for key, by_worker in handled.items() if not key.startswith("GET")}
    asked = {key: by_worker for key, by_worker in handled.items() if "/visits/session/" in key}
    assert set((sent | asked).values()) == {False}
    assert {key.rpartition("/visits/")[2] for key in sent} == {"ops/", "rollcall/"}
    assert any(handled.values()), "the worker is at work"


def test_a_second_load_needs_no_network_for_files(phone: Page) -> None:
    handled: dict[str, bool] = {}
    phone.on("response", lambda one: handled.update({one.url: one.from_service_worker}))
    phone.goto("/visits/")
    phone.wait_for_load_state("networkidle")
    files = {url: by_worker for url, by_worker in handled.items() if "/static/" in url}
    assert len(files) >= 4
    assert set(files.values()) == {True}


def test_a_stalled_line_shows_the_kept_page_after_three_seconds(phone: Page, line: Line) -> None:
    line.stalled = True
    phone.goto("/visits/")
    expect(phone.get_by_text("现在没有网络。")).to_be_visible()


def test_a_new_version_waits_until_it_is_asked_for(town: Town, phone: Page) -> None:
    open_form(phone, town)
    phone.get_by_label("谈了什么").fill("还没写完")
    expect(phone.locator("form[data-draft=saved]")).to_be_visible()
    before = phone.evaluate("caches.keys()")
    IssueCategory.objects.create(name="新的一类")  # the kept form shows it, so this is a new version
    phone.evaluate("async () => (await navigator.serviceWorker.ready).update()")
    expect(phone.get_by_role("button", name="新版本，点此更新")).to_be_visible()
    assert phone.get_by_label("谈了什么").input_value() == "还没写完"
    phone.get_by_role("button", name="新版本，点此更新").click()
    expect(phone.get_by_text("上次没写完的内容已经找回来了。")).to_be_visible()
    assert phone.get_by_label("谈了什么").input_value() == "还没写完"
    wait_until(phone, "async before => (await caches.keys()).join() !== before.join()", before)
    assert len(phone.evaluate("caches.keys()")) == 1


def test_the_switch_takes_the_worker_off_and_leaves_the_records(
    town: Town, phone: Page, line: Line, settings: Any
) -> None:
    phone.route("**/visits/ops/", lambda route: route.abort())
    store_visit(phone, town)
    settings.SERVICE_WORKER = False
    phone.goto("/visits/outbox/")
    wait_until(phone, "async () => (await navigator.serviceWorker.getRegistrations()).length === 0")
    assert (phone.evaluate("caches.keys()"), states(phone)) == ([], ["ready"])


def test_signing_out_clears_the_list(phone: Page, line: Line) -> None:
    phone.get_by_role("button", name="退出", exact=True).click()
    phone.wait_for_url("**/accounts/login/**")
    assert stored(phone, "reference") == []
    line.cut()
    phone.goto("/visits/")
    expect(phone.get_by_text("手机里还没有本村的名单。")).to_be_visible()


def test_signing_out_in_the_admin_clears_the_list_too(town: Town, browser_page: OpenPage, sign_in: Any) -> None:
    desk = browser_page()
    sign_in(desk, town.people[DutyCode.OFFICE_CLERK])
    desk.goto("/visits/")
    wait_until(desk, "async () => (await (await import('/static/visits/store.js')).readAll('reference')).length > 0")
    desk.goto("/admin/")
    desk.evaluate("() => document.querySelector('form[action=\"/admin/logout/\"]').submit()")
    desk.wait_for_url("**/accounts/login/?left=yes")
    wait_until(desk, "async () => (await (await import('/static/visits/store.js')).readAll('reference')).length === 0")


def test_the_shell_is_the_same_for_everybody(town: Town, client: Client) -> None:
    nobody = client.get("/visits/shell/")
    client.force_login(town.people[SECRETARY])
    worker = client.get("/visits/sw.js")
    issue = town.record(None, "路坑洼").issues.get()
    clerk = town.people[DutyCode.OFFICE_CLERK]
    move_issue(actor=clerk, issue=issue, move=MoveCode.RETURN, facts=MoveFacts(note="请写明哪一段"))
    client.post(f"/visits/issues/{issue.pk}/resubmit/", {"note": "村口"})  # leaves a message for the next page
    assert client.get("/visits/sw.js").content == worker.content
    somebody = client.get("/visits/shell/")
    assert somebody.content == nobody.content == client.get("/visits/outbox/").content
    assert somebody.headers["Cache-Control"] == "no-cache"
