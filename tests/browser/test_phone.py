"""The secretary's path on a phone: with and without JavaScript, at 320 px, by touch, on a thin line."""

import gzip
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from organizations.enums import DutyCode
from tests.factories import HouseholdFactory, Town, UnitFactory
from visits.enums import MoveCode
from visits.models import Issue, Visit
from visits.services import MoveFacts, move_issue

SMALL = {"width": 320, "height": 640}
DESKTOP = {"width": 1366, "height": 768}
PRESSED = "a, button, summary, select, textarea, input:not([type=hidden]), .choices label, .choice"
SECRETARY = DutyCode.BRANCH_SECRETARY

# Visible things that one presses and that are less than 60 px high. The box of a choice counts as high as its label;
# what shows for the keyboard only (the skip link, the button for the Enter key) is not for fingers.
TOO_SMALL = """selector => [...document.querySelectorAll(selector)]
  .filter(one => one.checkVisibility() && !one.closest('.hidden, .skip'))
  .filter(one => !(['checkbox', 'radio'].includes(one.type) && one.closest('label')))
  .filter(one => one.getBoundingClientRect().height < 60)
  .map(one => one.outerHTML.slice(0, 120))"""
TEXTS = """[...document.querySelectorAll('body *')]
  .filter(one => one.checkVisibility() && !one.closest('.hidden'))
  .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
"""
SMALL_TEXT = f"""() => {TEXTS}
  .filter(one => parseFloat(getComputedStyle(one).fontSize) < 20)
  .map(one => one.outerHTML.slice(0, 120))"""
# Contrast after WCAG, of each text against the nearest opaque background.
PALE_TEXT = (
    """() => {
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = one => {
    for (let n = one; n; n = n.parentElement) {
      const c = rgb(getComputedStyle(n).backgroundColor);
      if (c.length && (c[3] ?? 1) === 1) return c;
    }
    return [255, 255, 255];
  };
  return """
    + TEXTS
    + """    .map(one => [light(rgb(getComputedStyle(one).color)), light(ground(one)), one])
    .map(([a, b, one]) => [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), one])
    .filter(([ratio]) => ratio < 7).map(([ratio, one]) => ratio.toFixed(1) + ' ' + one.outerHTML.slice(0, 120));
}"""
)


def submit(page: Page) -> None:
    page.get_by_role("button", name="上报", exact=True).last.click()


def open_form(page: Page, town: Town) -> None:
    page.goto(f"/visits/households/{town.own_household.pk}/record/")
    expect(page.get_by_role("heading", name="记录走访")).to_be_visible()


@pytest.mark.parametrize("javascript", [False, True])
def test_secretary_records_a_visit_with_an_issue(
    town: Town, browser_page: Any, sign_in: Any, javascript: bool
) -> None:
    HouseholdFactory(village=town.own, name="孙北华", code="TV01-0002")
    page = browser_page(viewport=SMALL, java_script_enabled=javascript)
    sign_in(page, town.people[SECRETARY])

    page.get_by_label("找一户").fill("zdq")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="记录走访：赵东强").click()
    page.get_by_label("谈了什么").fill("问了收成")
    page.get_by_text("问题 1", exact=True).click()
    page.get_by_text("村民用水").first.click()
    page.get_by_label("问题描述").first.fill("自来水浑浊")
    submit(page)

    expect(page.get_by_role("heading", name="已上报")).to_be_visible()
    assert (Visit.objects.get().household, Issue.objects.get().description) == (town.own_household, "自来水浑浊")

    page.get_by_role("navigation", name="主菜单").get_by_role("link", name="问题").click()
    page.get_by_text("自来水浑浊").click()
    expect(page.get_by_role("heading", name="办理过程")).to_be_visible()


@pytest.mark.parametrize("javascript", [False, True])
def test_one_more_issue_can_be_added(town: Town, browser_page: Any, sign_in: Any, javascript: bool) -> None:
    page = browser_page(java_script_enabled=javascript)
    sign_in(page, town.people[SECRETARY])
    open_form(page, town)
    page.get_by_label("谈了什么").fill("问了收成")

    page.get_by_role("button", name="再加一个问题").click()
    fourth = page.locator("details", has=page.locator("summary", has_text="问题 4"))
    expect(fourth).to_be_attached()
    if not javascript:
        fourth.locator("summary").click()
    fourth.get_by_text("道路通行").click()
    fourth.get_by_label("问题描述").fill("路不好走")
    submit(page)

    expect(page.get_by_role("heading", name="已上报")).to_be_visible()
    assert (Visit.objects.get().content, Issue.objects.get().description) == ("问了收成", "路不好走")


def test_going_back_after_sending_never_makes_a_second_visit(town: Town, browser_page: Any, sign_in: Any) -> None:
    page = browser_page(java_script_enabled=False)  # with JavaScript: test_drafts.py
    sign_in(page, town.people[SECRETARY])
    open_form(page, town)
    page.get_by_label("谈了什么").fill("问了收成")
    submit(page)
    page.wait_for_url("**/receipts/*/")

    page.go_back()

    expect(page.get_by_role("heading", name="这张表单已经上报")).to_be_visible()
    assert Visit.objects.count() == 1


def test_enter_key_sends_the_form_and_adds_no_issue(town: Town, browser_page: Any, sign_in: Any) -> None:
    page = browser_page()
    sign_in(page, town.people[SECRETARY])
    open_form(page, town)
    page.get_by_label("谈了什么").fill("问了收成")
    page.get_by_text("有同行人").click()
    page.get_by_label("同行人").fill("王五")

    page.get_by_label("同行人").press("Enter")

    expect(page.get_by_role("heading", name="已上报")).to_be_visible()
    assert Visit.objects.get().companions == "王五"


def test_errors_link_to_their_fields(town: Town, browser_page: Any, sign_in: Any) -> None:
    page = browser_page(viewport=SMALL, java_script_enabled=False)
    sign_in(page, town.people[SECRETARY])
    open_form(page, town)
    page.get_by_label("走访日期").fill("2099-01-01")
    submit(page)

    page.get_by_role("link", name="请写一写谈了什么").click()

    assert page.url.endswith("#id_content")
    assert page.get_by_label("走访日期").input_value() == "2099-01-01"
    assert Visit.objects.count() == 0


def pages_of(town: Town) -> dict[str, str]:
    """Every page of a secretary, with something on it."""
    clerk = town.people[DutyCode.OFFICE_CLERK]
    visit = town.record(None, "自来水浑浊，一到夏天傍晚就没有水", "村口的路坑洼")
    done, back = visit.issues.order_by("pk")
    for move, facts in (
        (MoveCode.ACCEPT, MoveFacts()),
        (MoveCode.ASSIGN, MoveFacts(unit=UnitFactory(), due_on=visit.visited_on)),
        (MoveCode.RESOLVE, MoveFacts(note="换了水泵")),
    ):
        move_issue(actor=clerk, issue=done, move=move, facts=facts)
    move_issue(actor=clerk, issue=back, move=MoveCode.RETURN, facts=MoveFacts(note="请写明哪一段"))
    for number in range(2, 33):
        HouseholdFactory(village=town.own, code=f"TV01-{number:04d}", group="前峪自然村")
    household = f"/visits/households/{town.own_household.pk}/"
    return {
        "home": "/visits/",
        "second page": "/visits/?page=2",
        "nothing found": "/visits/?q=nobody",
        "household": household,
        "record": f"{household}record/",
        "receipt": f"/visits/receipts/{visit.pk}/",
        "issues": "/visits/issues/?show=all",
        "records on the phone": "/visits/outbox/",
        "without network": "/visits/shell/",
        "feedback": f"/visits/issues/{done.pk}/",
        "resubmit": f"/visits/issues/{back.pk}/",
        "password": "/accounts/password/",
        "missing": "/visits/issues/987654321/",
    }


def assert_good(page: Page, name: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"
    assert page.evaluate(TOO_SMALL, PRESSED) == [], f"{name}: too small for a finger"
    assert page.evaluate(SMALL_TEXT) == [], f"{name}: text below 20 px"
    assert page.evaluate(PALE_TEXT) == [], f"{name}: contrast below 7:1"


@pytest.mark.parametrize("viewport", [SMALL, DESKTOP], ids=["320px", "1366px"])
def test_every_page_is_large_enough_and_never_scrolls_sideways(
    town: Town, browser_page: Any, sign_in: Any, viewport: dict[str, int]
) -> None:
    page = browser_page(viewport=viewport)
    page.goto("/accounts/login/")
    assert_good(page, "sign-in")
    sign_in(page, town.people[SECRETARY])
    for name, address in pages_of(town).items():
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert_good(page, name)
        assert "有问题请打镇党建办电话" in page.locator("footer").inner_text()


@pytest.mark.parametrize("size", ["large", "huge"])
def test_larger_text_never_scrolls_sideways(town: Town, browser_page: Any, sign_in: Any, size: str) -> None:
    page = browser_page(viewport=SMALL)
    sign_in(page, town.people[SECRETARY])
    page.get_by_role("link", name="字的大小").click()
    page.locator(f".size--{size}").click()
    page.wait_for_url("**/visits/")
    for name, address in {"text": "/text-size/", **pages_of(town)}.items():
        page.goto(address)
        assert page.locator("html").get_attribute("data-text") == size
        assert_good(page, f"{name} in {size}")


def test_error_pages_are_large_enough_too(town: Town, browser_page: Any, sign_in: Any) -> None:
    page = browser_page(viewport=SMALL)
    sign_in(page, town.people[SECRETARY])
    open_form(page, town)
    page.get_by_text("问题 1", exact=True).click()
    page.get_by_text("村民用水").first.click()
    submit(page)
    expect(page.get_by_role("alert")).to_be_visible()

    assert_good(page, "refused form")


@pytest.mark.parametrize(("name", "most"), [("home", 6), ("record", 10)])
def test_first_load_is_below_60_kilobytes_and_all_our_own(
    town: Town, browser_page: Any, sign_in: Any, live_server: Any, name: str, most: int
) -> None:
    """What goes over the line: each body as the server packs it (gzip), and its headers.

    The list of households, which the phone keeps, is asked for when the page is there: it weighs, too, but is no part
    of the page.
    """
    addresses = pages_of(town)
    page = browser_page(viewport=SMALL)
    sign_in(page, town.people[SECRETARY])
    # A second context with the same cookies has an empty cache.
    fresh = browser_page(viewport=SMALL, storage_state=page.context.storage_state())
    responses: list[Any] = []

    def keep(response: Any) -> None:
        responses.append(response)

    fresh.on("response", keep)
    fresh.goto(addresses[name], wait_until="networkidle")

    weight = 0
    for response in responses:
        body = b"" if response.status in {301, 302} else response.body()
        weight += len(gzip.compress(body, 6)) + sum(len(k) + len(v) + 4 for k, v in response.headers.items())
    assert {response.url.startswith(live_server.url) for response in responses} == {True}
    parts = [response.url for response in responses if response.request.resource_type != "fetch"]
    assert len(parts) <= most, parts
    assert 2_000 < weight < 60_000


def test_pages_say_where_the_focus_is_and_let_one_skip_to_the_text(
    town: Town, browser_page: Any, sign_in: Any
) -> None:
    page = browser_page()
    sign_in(page, town.people[SECRETARY])

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "4px"


def test_strict_policy_blocks_nothing_of_our_own(town: Town, browser_page: Any, sign_in: Any) -> None:
    page = browser_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    sign_in(page, town.people[SECRETARY])
    for name, address in pages_of(town).items():
        if name != "missing":
            page.goto(address)

    assert complaints == []
