"""The page of the API works under the strict Content-Security-Policy, with nothing from outside."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from organizations.enums import DutyCode
from tests.factories import Town

DESKTOP = {"width": 1366, "height": 900}


@pytest.mark.parametrize("width", [1366, 390])
def test_docs_page_renders_and_tries_a_call(
    town: Town, browser_page: Callable[..., Page], sign_in: Callable[[Page, Any], None], live_server: Any, width: int
) -> None:
    page = browser_page(viewport={"width": width, "height": 900})
    told, hosts = [], set()
    page.on("console", lambda message: told.append(message.text))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    sign_in(page, town.people[DutyCode.OFFICE_CLERK])

    page.goto("/api/v1/docs/")
    operation = page.locator("#operations-片区-areas_list")
    operation.locator(".opblock-summary").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()

    expect(operation.locator(".live-responses-table").first).to_contain_text(town.own.area.name)
    assert [text for text in told if "Content Security Policy" in text or "Refused" in text] == []
    assert hosts - {""} == {urlsplit(live_server.url).netloc}
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"docs-{width}-try.png")
        page.goto("/api/v1/docs/")
        page.wait_for_selector("#operations-片区-areas_list")
        page.screenshot(path=Path(folder) / f"docs-{width}.png")


def test_docs_page_shows_the_way_to_the_sign_in(town: Town, browser_page: Callable[..., Page]) -> None:
    page = browser_page()

    response = page.goto("/api/v1/docs/")

    assert response is not None
    assert response.status == 401
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / "docs-refused.png")
    page.get_by_role("link", name="去登录").click()
    expect(page.get_by_label("登录名")).to_be_visible()
