"""The web admin on a desktop: every register opens cleanly, search boxes, filters, imports."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from playwright.sync_api import Page, expect

from organizations.enums import DutyCode
from tests.browser.conftest import OpenPage
from tests.factories import Town, UserFactory
from tests.visits.test_ledger import book, row
from visits.models import Visit

DESKTOP = {"width": 1366, "height": 768}
SignIn = Callable[[Page, Any], None]


@pytest.fixture
def desk(browser_page: OpenPage) -> Iterator[Page]:
    """A desktop page on which a refusal by the Content-Security-Policy fails the test."""
    page = browser_page(viewport=DESKTOP)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    yield page
    assert refused == []


@pytest.mark.parametrize("duty", [DutyCode.OFFICE_HEAD, DutyCode.SYSTEM_ADMINISTRATOR])
def test_every_register_opens_without_a_fault(desk: Page, sign_in: SignIn, town: Town, duty: DutyCode) -> None:
    town.record(town.own_household, "水浑")
    user = town.people[duty]
    sign_in(desk, user)
    opened = 0
    for model in admin.site._registry:
        app, name = model._meta.app_label, model._meta.model_name
        for verb, page in (("view", ""), ("add", "add/"), ("import", "import/"), ("export", "export/")):
            if user.has_perm(f"{app}.{verb}_{name}"):
                answer = desk.goto(f"/admin/{app}/{name}/{page}")
                assert answer is not None
                # A visit and an issue are not added here, a duty is not imported, though the right may be held.
                assert answer.status in {200, 403}, (name, page)
                opened += answer.status == 200
    assert opened > 10


def test_search_box_finds_by_pinyin_and_speaks_chinese(desk: Page, sign_in: SignIn, town: Town) -> None:
    UserFactory(name="欧阳新")
    sign_in(desk, town.people[DutyCode.OFFICE_HEAD])
    desk.goto("/admin/organizations/appointment/add/")
    box = desk.locator(".field-user .select2-selection, .select2-selection").first
    box.click()
    desk.keyboard.type("oyx")
    expect(desk.locator(".select2-results")).to_contain_text("欧阳新")
    desk.keyboard.press("Control+a")
    desk.keyboard.type("zzzz")
    expect(desk.locator(".select2-results")).to_contain_text("未找到结果")


def test_filter_panel_narrows_the_list(desk: Page, sign_in: SignIn, town: Town) -> None:
    town.record(town.own_household, "本村水浑")
    town.record(town.foreign_household, "外村路断")
    sign_in(desk, town.people[DutyCode.OFFICE_CLERK])
    desk.goto("/admin/visits/issue/")
    expect(desk.locator("#result_list")).to_contain_text("外村路断")
    desk.get_by_text("过滤器").click()
    desk.locator("select[name$=village__id__exact]").select_option(label="本村")
    desk.get_by_role("button", name="筛选").click()
    expect(desk.locator("#result_list")).to_contain_text("本村水浑")
    expect(desk.locator("#result_list")).not_to_contain_text("外村路断")


def test_ledger_is_checked_and_then_imported(desk: Page, sign_in: SignIn, town: Town, tmp_path: Path) -> None:
    UserFactory(name="王走访")
    name, content = book(row(), row(走访日期="2017年6月31日"))[0]
    path = tmp_path / name
    path.write_bytes(content.read())
    sign_in(desk, town.people[DutyCode.OFFICE_CLERK])
    desk.goto("/admin/ledgers/")
    desk.locator("input[type=file]").set_input_files(path)
    desk.get_by_role("button", name="检查").click()
    expect(desk.locator("body")).to_contain_text("“2017年6月31日”不是存在的日期")
    desk.get_by_label("只导入没有问题的行").check()
    desk.get_by_role("button", name="导入", exact=True).click()
    expect(desk.locator("body")).to_contain_text("走访新增 1")
    assert Visit.objects.count() == 1
