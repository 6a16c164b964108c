"""Chromium through Playwright, against Django's live server. A missing browser is a failure, never a skip."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from organizations.enums import DutyCode
from tests.browser.proxy import Line, line_to
from tests.chromium import launch_options
from tests.factories import Town, build_town

# Playwright's own event loop runs in this thread; Django would take the tests' plain queries for asynchronous ones.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PHONE = {"width": 390, "height": 844}

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, started once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@pytest.fixture
def town(transactional_db: None) -> Town:
    """The small township, committed, so that the server's own connections see it."""
    return build_town()


@pytest.fixture
def line(live_server: Any) -> Iterator[Line]:
    """A line to the live server that can be cut: ``browser_page(base_url=line.url)``."""
    with line_to(live_server.url) as made:
        yield made


@pytest.fixture
def browser_page(chromium: Browser, live_server: Any) -> Iterator[OpenPage]:
    """A function that opens a page with its own cookies: ``browser_page(viewport={...}, java_script_enabled=False)``.

    Addresses are relative to the live server, or to ``base_url``. A script error on any of the pages fails the test.
    """
    contexts, faults = [], []

    def open_page(viewport: dict[str, int] | None = None, **options: Any) -> Page:
        context = chromium.new_context(
            base_url=options.pop("base_url", live_server.url),
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
    wait_for_server()
    assert faults == []


def wait_for_server() -> None:
    """Wait until the server has ended what closed pages had asked of it: laying the ground would wait for it."""
    with connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.05)


@pytest.fixture
def sign_in() -> Callable[[Page, Any], None]:
    """A function that gives a page the session of an account, and opens the page to which signing in leads.

    It takes a third of the time of the sign-in page, through which ``tests.browser.phone.sign_in_by_page`` goes.
    """

    def enter(page: Page, user: Any) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "domain": "localhost", "path": "/"}]
        )
        page.goto("/")

    return enter


@pytest.fixture
def phone(town: Town, line: Line, browser_page: OpenPage, sign_in: Any) -> Page:
    """A phone of the branch's secretary, on a line that can be cut."""
    page = browser_page(base_url=line.url)
    sign_in(page, town.people[DutyCode.BRANCH_SECRETARY])
    return page
