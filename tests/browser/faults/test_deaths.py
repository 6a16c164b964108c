"""T3: the battery dies at every step. What was shown as stored is there again; nothing is there twice."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browser.conftest import PHONE, wait_for_server
from tests.browser.faults.acts import OUTBOX, keep_visits, send_all, start_sending, wait_for
from tests.browser.faults.conftest import Proof
from tests.browser.faults.line import PHOTOS, SENDING, FaultyLine, answer_cut
from tests.browser.phone import SECRETARY, expect_heading, open_form, sign_in_by_page, states, stored, submit
from tests.chromium import launch_options
from tests.factories import Town
from visits.models import Operation, Photo, Visit


class Handset:
    """A browser of its own, whose store outlives it."""

    def __init__(self, browser: Browser, folder: Path, address: str) -> None:
        self._type, self._folder, self._address = browser.browser_type, folder, address
        self._context: BrowserContext | None = None

    def start(self) -> Page:
        """Switch it on."""
        self._context = self._type.launch_persistent_context(
            self._folder,
            **launch_options(),
            base_url=self._address,
            viewport=PHONE,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        return self._context.pages[0]

    def die(self) -> None:
        """Take the battery out: nothing of it runs on to its end."""
        mine = f"--user-data-dir={self._folder}"
        for process in psutil.process_iter(["cmdline"]):
            if mine in (process.info["cmdline"] or []):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        with suppress(Error):
            if self._context is not None:
                self._context.close()


@pytest.fixture
def handset(chromium: Browser, tmp_path: Path, line: FaultyLine, town: Town) -> Iterator[Handset]:
    made = Handset(chromium, tmp_path / "phone", line.url)
    yield made
    made.die()
    wait_for_server()


def test_t3_the_battery_dies_at_every_step(town: Town, handset: Handset, line: FaultyLine, prove: Proof) -> None:
    def restart() -> Page:
        handset.die()
        page = handset.start()
        sign_in_by_page(page, town.people[SECRETARY])
        return page

    page = restart()
    open_form(page, town)
    page.get_by_label("谈了什么").fill("写到一半")
    expect(page.locator("form[data-draft=saved]")).to_be_visible()

    page = restart()  # while typing
    open_form(page, town)
    assert page.get_by_label("谈了什么").input_value() == "写到一半"
    line.cut()
    submit(page)
    expect_heading(page, "已存手机")
    shown = [record["op_id"] for record in stored(page)]
    handset.die()  # right after the screen that says where it is
    line.mend()
    line.plan(SENDING, answer_cut(0, pause=20))
    page = handset.start()
    sign_in_by_page(page, town.people[SECRETARY])  # which starts the sending
    wait_for(Visit.objects, page)

    page = restart()  # after the server has stored it, before the phone knows
    page.goto(OUTBOX)
    send_all(page)
    assert states(page) == ["confirmed"]

    shown += keep_visits(page, town, 2, photos={0: 1, 1: 2})
    line.plan(PHOTOS, answer_cut(0, pause=20))
    start_sending(page)
    wait_for(Photo.objects, page)
    page = restart()  # between the photos
    page.goto(OUTBOX)
    send_all(page)
    assert (Visit.objects.count(), Operation.objects.count(), Photo.objects.count()) == (3, 3, 3)
    prove(page, shown)
