"""Meetings and documents on a phone: few presses, with and without JavaScript, large enough for old fingers."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chishang.core.dates import today
from members.enums import ChangeKind
from members.models import Meeting
from members.services import record_change
from organizations.enums import DutyCode
from organizations.models import Directive, DirectiveReceipt
from tests.browser.test_phone import DESKTOP, SMALL, assert_good
from tests.factories import Town, appoint
from tests.members.life import make_meeting, make_member

SECRETARY = DutyCode.BRANCH_SECRETARY
MEMBERS = ("赵东强", "钱西明", "孙北华", "李南国")
MOST_PRESSES = 7
"""Home, 记一次会议, kind, topic, one excused, one absent, 登记."""


class Thumb:
    """Counts what the secretary presses and types."""

    def __init__(self) -> None:
        self.presses = 0

    def press(self, what: Any) -> None:
        self.presses += 1
        what.click()


def issue(town: Town) -> DirectiveReceipt:
    directive = Directive.objects.create(number="池发〔2017〕4号", title="大走访的通知", issued_on=date(2017, 3, 1))
    return DirectiveReceipt.objects.create(
        directive=directive, organization=town.own.branch, issued_on=directive.issued_on
    )


def kind_of(page: Page, name: str) -> Any:
    return page.locator("#id_kind").get_by_text(name, exact=True)


def mark(page: Page, thumb: Thumb, name: str, presence: str) -> None:
    thumb.press(page.get_by_role("radiogroup", name=name).get_by_text(presence))


@pytest.mark.parametrize("javascript", [False, True])
def test_secretary_records_a_meeting_with_few_presses(
    town: Town, browser_page: Any, sign_in: Any, javascript: bool
) -> None:
    for name in MEMBERS:
        make_member(town.own.branch, name)
    page, thumb = browser_page(java_script_enabled=javascript), Thumb()
    sign_in(page, town.people[SECRETARY])

    thumb.press(page.get_by_role("link", name="会议", exact=True))
    thumb.press(page.get_by_role("link", name="记一次会议"))
    thumb.press(kind_of(page, "主题党日"))
    thumb.press(page.get_by_label("主题", exact=True))
    page.keyboard.type("学习党章")
    mark(page, thumb, "赵东强", "请假")
    mark(page, thumb, "钱西明", "缺席")
    thumb.press(page.get_by_role("button", name="登记"))

    expect(page.get_by_text("已登记。")).to_be_visible()
    meeting = Meeting.objects.get()
    assert (meeting.due, meeting.present, meeting.excused, meeting.held_on) == (4, 2, 1, today())
    assert dict(meeting.attendances.values_list("member__name", "presence")) == {
        "赵东强": "excused",
        "钱西明": "absent",
        "孙北华": "present",
        "李南国": "present",
    }
    assert thumb.presses <= MOST_PRESSES


@pytest.mark.parametrize("javascript", [False, True])
def test_meeting_can_be_recorded_by_numbers(town: Town, browser_page: Any, sign_in: Any, javascript: bool) -> None:
    make_member(town.own.branch)
    page = browser_page(java_script_enabled=javascript)
    sign_in(page, town.people[SECRETARY])
    page.goto("/members/meetings/record/")
    expect(page.get_by_label("应到人数")).to_be_hidden()

    kind_of(page, "支委会").click()
    if not javascript:
        page.get_by_text("只填人数").click()
    expect(page.get_by_role("radiogroup", name="赵东强")).to_be_hidden()
    page.get_by_label("主题", exact=True).fill("研究党员发展")
    page.get_by_label("应到人数").fill("5")
    page.get_by_label("实到人数").fill("4")
    page.get_by_role("button", name="登记").click()

    expect(page.get_by_text("已登记。")).to_be_visible()
    assert (Meeting.objects.get().due, Meeting.objects.get().present) == (5, 4)


def test_page_counts_along_and_proposes_topics_of_the_kind(town: Town, browser_page: Any, sign_in: Any) -> None:
    for name in MEMBERS:
        make_member(town.own.branch, name)
    make_meeting(town.own.branch, today(), "theme_day", topic="清理河道")
    make_meeting(town.own.branch, today(), "party_lesson", topic="党章党规")
    page, thumb = browser_page(), Thumb()
    sign_in(page, town.people[SECRETARY])
    page.goto("/members/meetings/record/")
    expect(page.get_by_text("应到 4，实到 4，请假 0。")).to_be_visible()

    mark(page, thumb, "赵东强", "请假")
    mark(page, thumb, "钱西明", "缺席")
    kind_of(page, "党课").click()

    expect(page.get_by_text("应到 4，实到 2，请假 1。")).to_be_visible()
    assert page.eval_on_selector_all("#topics option", "all => all.map(one => one.value)") == ["党章党规"]


@pytest.mark.parametrize("javascript", [False, True])
def test_changing_the_day_shows_the_members_of_that_day(
    town: Town, browser_page: Any, sign_in: Any, javascript: bool
) -> None:
    make_member(town.own.branch, "赵东强")
    record_change(actor=None, member=make_member(town.own.branch, "钱西明"), kind=ChangeKind.DIED, occurred_on=today())
    page, thumb = browser_page(java_script_enabled=javascript), Thumb()
    sign_in(page, town.people[SECRETARY])
    page.goto("/members/meetings/record/")
    kind_of(page, "主题党日").click()
    page.get_by_label("主题", exact=True).fill("学习党章")
    page.get_by_label("日期").fill("2017-03-05")
    mark(page, thumb, "赵东强", "请假")
    page.get_by_role("button", name="登记").click()

    expect(page.get_by_role("alert")).to_contain_text("2017年3月5日的党员名单和刚才的不一样")
    expect(page.get_by_role("radiogroup", name="钱西明")).to_be_visible()
    assert Meeting.objects.count() == 0
    page.get_by_role("button", name="登记").click()

    expect(page.get_by_text("已登记。")).to_be_visible()
    assert (Meeting.objects.get().due, Meeting.objects.get().excused) == (2, 1)


def test_double_press_records_one_meeting(town: Town, browser_page: Any, sign_in: Any) -> None:
    make_member(town.own.branch)
    page = browser_page()
    sign_in(page, town.people[SECRETARY])
    page.goto("/members/meetings/record/")
    kind_of(page, "主题党日").click()
    page.get_by_label("主题", exact=True).fill("学习党章")

    page.get_by_role("button", name="登记").dblclick()
    page.wait_for_url(lambda address: address.rstrip("/").rpartition("/")[2].isdigit())

    assert Meeting.objects.count() == 1


@pytest.mark.parametrize("javascript", [False, True])
def test_document_is_signed_for_with_two_presses(
    town: Town, browser_page: Any, sign_in: Any, javascript: bool
) -> None:
    receipt = issue(town)
    page, thumb = browser_page(java_script_enabled=javascript), Thumb()
    sign_in(page, town.people[SECRETARY])

    thumb.press(page.get_by_role("link", name="1 份文件等您签收"))
    thumb.press(page.get_by_role("button", name="签收"))

    expect(page.get_by_text("没有等您签收的文件")).to_be_visible()
    receipt.refresh_from_db()
    assert (receipt.signed_on, receipt.signed_by, thumb.presses) == (today(), town.people[SECRETARY], 2)


def test_navigation_fits_on_one_line_of_a_phone(town: Town, browser_page: Any, sign_in: Any) -> None:
    page = browser_page()
    sign_in(page, town.people[SECRETARY])

    tops = page.eval_on_selector_all(".nav a", "all => all.map(one => one.getBoundingClientRect().top)")

    assert len(tops) == 6
    assert len(set(tops)) == 1


@pytest.mark.parametrize("viewport", [SMALL, DESKTOP], ids=["320px", "1366px"])
def test_pages_are_large_enough_and_never_scroll_sideways(
    town: Town, browser_page: Any, sign_in: Any, viewport: dict[str, int]
) -> None:
    member = make_member(town.own.branch, "阿不都热依木·买买提江", phone="15400001234", address="本村一组 3 号")
    record_change(actor=None, member=member, kind=ChangeKind.LOST, occurred_on=date(2017, 1, 5))
    meeting = make_meeting(town.own.branch, today(), minutes="学了第一章。")
    issue(town)
    addresses = {
        "home": "/visits/",
        "members": "/members/",
        "member": f"/members/{member.pk}/",
        "meetings": "/members/meetings/",
        "record": "/members/meetings/record/",
        "meeting": f"/members/meetings/{meeting.pk}/",
        "calendar": "/members/calendar/",
        "documents": "/directives/",
    }
    page = browser_page(viewport=viewport)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    sign_in(page, town.people[SECRETARY])
    for name, address in addresses.items():
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert_good(page, name)
    appoint(town.people[SECRETARY], SECRETARY, town.foreign.branch)
    for name, address in {**addresses, "one branch": f"/members/calendar/?branch={town.own.branch.pk}"}.items():
        page.goto(address)
        assert_good(page, f"{name} of two branches")

    assert complaints == []
