"""What is being typed: kept while typing, found again, written in one tab only, told what is wrong."""

import base64
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.phone import PICTURE, SECRETARY, expect_heading, open_form, store_visit, stored, submit
from tests.factories import HouseholdFactory, Town
from visits.models import Visit


def type_something(page: Page) -> None:
    """Type a visit with an issue in a fourth block, and do not send it."""
    page.get_by_label("谈了什么").fill("问了收成，没写完")
    page.get_by_role("button", name="再加一个问题").click()
    fourth = page.locator("details", has=page.locator("summary", has_text="问题 4"))
    fourth.get_by_text("道路通行").click()
    fourth.get_by_label("问题描述").fill("路不好走")
    fourth.get_by_text("紧急，需要马上办").click()
    expect(page.locator("form[data-draft=saved]")).to_be_visible()


def test_what_was_typed_is_there_again_after_the_page_was_closed(town: Town, phone: Page) -> None:
    open_form(phone, town)
    first = phone.url
    type_something(phone)
    other = phone.context.new_page()
    phone.close()
    other.goto(f"/visits/households/{town.own_household.pk}/record/")
    expect(other.get_by_text("上次没写完的内容已经找回来了。")).to_be_visible()
    assert other.get_by_label("谈了什么").input_value() == "问了收成，没写完"
    assert other.url == first, "the form keeps its operation id"
    submit(other)
    expect_heading(other, "已上报")
    issue = Visit.objects.get().issues.get()
    assert (issue.description, issue.category.name, issue.urgency) == ("路不好走", "道路通行", "urgent")
    assert stored(other, "drafts") == []


def test_closing_in_the_middle_of_a_word_loses_little(town: Town, phone: Page) -> None:
    open_form(phone, town)
    phone.get_by_label("谈了什么").press_sequentially("abcdef")
    phone.goto("/visits/")  # before the pause after which a draft is stored
    open_form(phone, town)
    assert phone.get_by_label("谈了什么").input_value() == "abcdef"


def test_a_draft_can_be_thrown_away(town: Town, phone: Page) -> None:
    open_form(phone, town)
    type_something(phone)
    phone.reload()
    phone.get_by_role("button", name="不要了，重新写").click()
    expect(phone.get_by_text("上次没写完的内容已经找回来了。")).to_have_count(0)
    expect(phone.locator("form[data-ready]")).to_be_visible()
    assert (phone.get_by_label("谈了什么").input_value(), stored(phone, "drafts")) == ("", [])


def test_a_draft_belongs_to_its_household(town: Town, phone: Page) -> None:
    other = HouseholdFactory(village=town.own, name="孙北华", code="TV01-0002")
    open_form(phone, town)
    type_something(phone)
    phone.goto(f"/visits/households/{other.pk}/record/")
    expect(phone.locator("form[data-ready]")).to_be_visible()
    assert phone.get_by_label("谈了什么").input_value() == ""


def test_one_draft_is_written_in_one_tab(town: Town, phone: Page) -> None:
    open_form(phone, town)
    phone.get_by_label("谈了什么").fill("问了收成")
    second = phone.context.new_page()
    second.goto(f"/visits/households/{town.own_household.pk}/record/")
    expect(second.get_by_role("alert")).to_contain_text("这张表单已经在另一个页面打开")
    expect(second.get_by_label("谈了什么")).to_be_disabled()
    submit(phone)
    expect_heading(phone, "已上报")
    expect(second.locator("form[data-ready]")).to_be_visible()
    assert (second.get_by_label("谈了什么").input_value(), Visit.objects.count()) == ("", 1)


def test_going_back_or_reloading_never_makes_a_second_visit(town: Town, phone: Page) -> None:
    phone.goto("/visits/")
    store_visit(phone, town)
    expect_heading(phone, "已上报")
    phone.goto("/visits/")
    phone.go_back()
    expect(
        phone.get_by_role("heading", name="已经上报").or_(phone.get_by_role("heading", name="已上报"))
    ).to_be_visible()
    assert Visit.objects.count() == 1


def test_photos_are_part_of_the_draft(town: Town, phone: Page) -> None:
    open_form(phone, town)
    for number in range(3):
        picture = base64.b64decode(phone.evaluate(PICTURE, [40 + number, 40]))
        file = {"name": "1.png", "mimeType": "image/png", "buffer": picture}
        phone.get_by_label("拍照（可不拍）").set_input_files(file)
        expect(phone.get_by_role("img", name="照片")).to_have_count(number + 1)
    expect(phone.get_by_text("拍照（可不拍）")).to_be_hidden()
    phone.get_by_role("button", name="删去这张").first.click()
    expect(phone.get_by_role("img", name="照片")).to_have_count(2)
    expect(phone.locator("form[data-draft=saved]")).to_be_visible()
    phone.reload()
    expect(phone.get_by_role("img", name="照片")).to_have_count(2)


def test_what_is_no_photo_is_told_and_forces_nothing(town: Town, phone: Page) -> None:
    open_form(phone, town)
    file = {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
    phone.get_by_label("拍照（可不拍）").set_input_files(file)
    expect(phone.get_by_text("这张照片读不出来。可以换一张，也可以不拍。")).to_be_visible()
    phone.get_by_label("谈了什么").fill("问了收成")
    submit(phone)
    expect_heading(phone, "已上报")


@pytest.mark.parametrize("javascript", [False, True])
def test_faults_are_told_in_the_same_words_with_and_without_script(
    town: Town, browser_page: OpenPage, sign_in: Any, javascript: bool
) -> None:
    page = browser_page(java_script_enabled=javascript)
    sign_in(page, town.people[SECRETARY])
    page.goto(f"/visits/households/{town.own_household.pk}/record/")
    if javascript:
        expect(page.locator("form[data-ready]")).to_be_visible()
    page.get_by_label("走访日期").fill("2099-01-01")
    page.get_by_text("问题 1", exact=True).click()
    page.get_by_text("村民用水").first.click()
    submit(page)
    expect(page.get_by_role("alert").locator("a")).to_have_text(
        [
            "走访日期不能晚于今天。",
            "请写一写谈了什么，一句话也可以。",
            "请写明是什么问题；如果没有问题，类别请选“没有问题”。",
        ]
    )
    page.get_by_role("link", name="请写一写谈了什么").click()
    assert page.url.endswith("#id_content")
    assert Visit.objects.count() == 0


@pytest.mark.parametrize("missing", ["crypto.subtle", "indexedDB"])
def test_where_the_browser_cannot_store_the_form_is_sent_as_ever(
    town: Town, browser_page: OpenPage, sign_in: Any, missing: str
) -> None:
    page = browser_page()
    owner, _, name = f"globalThis.{missing}".rpartition(".")
    page.add_init_script(f"Object.defineProperty({owner}, '{name}', {{ value: undefined }})")
    sign_in(page, town.people[SECRETARY])
    page.goto(f"/visits/households/{town.own_household.pk}/record/")
    expect(page.get_by_text("这个浏览器不能把记录存在手机里，要有网络才能上报。")).to_be_visible()
    page.get_by_label("谈了什么").fill("问了收成")
    page.get_by_role("button", name="上报", exact=True).last.dblclick()
    page.wait_for_url("**/receipts/*/")
    assert Visit.objects.count() == 1
