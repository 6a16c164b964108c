"""Chromium through Playwright, against Django's live server. A missing browser is a failure, never a skip."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.factories import PASSWORD, Town, build_town
from tests.ground import lay_ground

# Playwright's own event loop runs in this thread; Django would take the tests' plain queries for asynchronous ones.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PHONE = {"width": 390, "height": 844}

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, started once."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.fail("Chromium is not installed: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def town(transactional_db: None) -> Town:
    """The small township, committed, so that the server's own connections see it."""
    lay_ground()
    return build_town()


@pytest.fixture
def browser_page(chromium: Browser, live_server: Any) -> Iterator[OpenPage]:
    """A function that opens a page with its own cookies: ``browser_page(viewport={...}, java_script_enabled=False)``.

    Addresses are relative to the live server. A script error on any of the pages fails the test.
    """
    contexts, faults = [], []

    def open_page(viewport: dict[str, int] | None = None, **options: Any) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport=viewport or PHONE,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def sign_in() -> Callable[[Page, Any], None]:
    """A function that signs an account in through the sign-in page."""

    def enter(page: Page, user: Any) -> None:
        page.goto("/accounts/login/")
        page.get_by_label("登录名").fill(user.username)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(lambda address: "/accounts/login/" not in address)

    return enter
