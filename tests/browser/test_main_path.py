"""The main job end to end: a secretary's visit on a phone, the office's handling, the district's report."""

import json
import urllib.request
from datetime import timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page, expect

from chishang.core.dates import today
from organizations.enums import DutyCode
from organizations.services import issue_api_key
from tests.browser.conftest import OpenPage
from tests.browser.phone import sign_in_by_page
from tests.factories import Town, UnitFactory

DESKTOP = {"width": 1366, "height": 768}


def figures(server: Any, key: str) -> dict[str, int]:
    """What the district's client reads."""
    request = urllib.request.Request(
        f"{server.url}/api/v1/report/?as_of={today().isoformat()}", headers={"Authorization": f"Api-Key {key}"}
    )
    with urllib.request.urlopen(request) as answer:
        report = json.load(answer)
    return {name: figure["value"] for name, figure in report["figures"].items()}


def move(page: Page, name: str) -> None:
    """Press a move's button on the issue's page."""
    page.locator(".chishang-moves a", has_text=name).first.click()


def test_visit_with_an_issue_is_handled_and_counted(browser_page: OpenPage, town: Town, live_server: Any) -> None:
    UnitFactory(name="镇水利站")
    client = town.people[DutyCode.DISTRICT_CLIENT]
    _, key = issue_api_key(actor=None, user=client, name="区", expires_at=timezone.now() + timedelta(days=1))
    before = figures(live_server, key)

    phone = browser_page(has_touch=True)
    sign_in_by_page(phone, town.people[DutyCode.BRANCH_SECRETARY])
    phone.get_by_role("searchbox").or_(phone.get_by_label("找一户")).first.fill("zdq")
    phone.get_by_role("button", name="查找").click()
    phone.get_by_role("link", name="记录走访").first.click()
    phone.get_by_label("谈了什么").fill("问了用水，井水发黄")
    phone.locator("summary", has_text="问题 1").click()
    phone.get_by_text("村民用水").first.click()
    phone.get_by_label("问题描述").first.fill("井水发黄，请来化验")
    phone.get_by_role("button", name="上报", exact=True).last.click()
    expect(phone.locator("h1")).to_contain_text("已上报")

    desk = browser_page(viewport=DESKTOP)
    violations: list[str] = []
    desk.on("console", lambda message: violations.append(message.text) if "Content Security" in message.text else None)
    sign_in_by_page(desk, town.people[DutyCode.OFFICE_CLERK])
    desk.goto("/admin/visits/issue/?settled=open")
    desk.get_by_role("link", name="井水发黄，请来化验").click()
    move(desk, "受理")
    desk.get_by_role("button", name="受理").click()
    expect(desk.locator("body")).to_contain_text("现在是“已受理”")
    move(desk, "交办")
    desk.get_by_label("承办单位").select_option(label="镇水利站")
    desk.get_by_role("button", name="交办").click()
    expect(desk.locator("body")).to_contain_text("现在是“已交办”")
    move(desk, "办结")
    desk.get_by_label("说明").fill("已更换滤芯，化验合格")
    desk.get_by_role("button", name="办结").click()
    expect(desk.locator("body")).to_contain_text("现在是“已办结”")
    assert violations == []

    phone.goto("/visits/issues/?show=all")
    expect(phone.locator("main")).to_contain_text("井水发黄，请来化验")
    expect(phone.locator("main")).to_contain_text("已办结")

    after = figures(live_server, key)
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert grown == {
        "visits.villages_covered": 1,
        "visits.households": 1,
        "visits.count": 1,
        "issues.categories": 1,
        "issues.raised": 1,
        "issues.resolved": 1,
    }
