"""T1, T2, T7, T8: bad lines, liars and a sick server lose nothing and double nothing."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.faults.acts import (
    OUTBOX,
    PORTAL,
    PROBLEM,
    be_lied_to,
    keep_visits,
    send_all,
    start_sending,
    wait_for,
)
from tests.browser.faults.conftest import Proof
from tests.browser.faults.line import (
    PHOTOS,
    SENDING,
    FaultyLine,
    answer_cut,
    lie,
    refused,
    repeated,
    request_cut,
)
from tests.browser.oracle import examine_phone
from tests.browser.phone import (
    SECRETARY,
    expect_heading,
    send_now,
    states,
    stored,
    wait_for_worker,
    wait_until,
)
from tests.factories import Town
from visits.models import Operation, Photo, Visit

KEPT = """async () => {
  const [name] = await caches.keys();
  const cache = await caches.open(name);
  return Promise.all((await cache.keys()).map(async (request) => (await cache.match(request)).text()));
}"""
IS_READY = """async () => {
  const [record] = await (await import("/static/visits/store.js")).readAll("outbox");
  return record.state === "ready";
}"""


def test_t1_answers_cut_anywhere(town: Town, phone: Page, line: FaultyLine, prove: Proof) -> None:
    phone.goto(OUTBOX)
    shown = keep_visits(phone, town, 50)
    places = [0, 1, 17, None, *range(32, 1024, 16)]
    line.plan(SENDING, *map(answer_cut, places), answer_cut(0, pause=1), repeated(3), refused)
    send_all(phone)
    assert line.left == 0
    assert (Visit.objects.count(), set(states(phone))) == (50, {"confirmed"})
    assert line.asked["POST /visits/ops/"] > 50 + len(places) // 2
    prove(phone, shown)


def test_t1_a_line_that_says_nothing_is_given_up(town: Town, phone: Page, line: FaultyLine, prove: Proof) -> None:
    phone.clock.install()
    phone.goto(OUTBOX)
    shown = keep_visits(phone, town, 1)
    line.plan(SENDING, answer_cut(0, pause=60))
    start_sending(phone)
    wait_for(Visit.objects, phone)
    assert [record["state"] for record in stored(phone)] == ["sending"]
    phone.clock.fast_forward(31_000)
    wait_until(phone, IS_READY)
    send_all(phone)
    assert Visit.objects.count() == 1
    prove(phone, shown)


def test_t2_requests_cut_anywhere(town: Town, phone: Page, line: FaultyLine, prove: Proof) -> None:
    phone.goto(OUTBOX)
    shown = keep_visits(phone, town, 5, photos={0: 2, 3: 1})
    shares = (0, 0.01, 0.25, 0.5, 0.99)
    cuts = [*map(request_cut, shares), *(request_cut(share, of_body=True) for share in (0, 0.3, 0.6, 0.999))]
    line.plan(SENDING, *cuts, repeated(2))
    line.plan(PHOTOS, *cuts, repeated(3), answer_cut(0), answer_cut(None))
    send_all(phone)
    assert line.left == 0
    assert (Visit.objects.count(), Photo.objects.count()) == (5, 3)
    prove(phone, shown)


def test_t7_no_liar_is_believed(town: Town, phone: Page, line: FaultyLine, prove: Proof) -> None:
    phone.goto(OUTBOX)
    shown = be_lied_to(phone, town, line)
    assert states(phone) == ["confirmed", "ready"]
    assert examine_phone(phone, shown).is_good
    line.be_honest()
    send_all(phone)
    assert Visit.objects.count() == 2
    prove(phone, shown)


SICK = [lie(status, b"{}", kind) for status in (500, 502, 503, 404, 413, 429) for kind in ("text/html", PROBLEM)]


def test_t8_a_sick_server_gets_all_in_the_end(town: Town, phone: Page, line: FaultyLine, prove: Proof) -> None:
    phone.goto(OUTBOX)
    shown = keep_visits(phone, town, 8, photos={1: 1})
    line.plan(SENDING, *SICK, *SICK)
    line.plan(PHOTOS, *SICK)
    send_now(phone)
    assert set(states(phone)) == {"ready"}
    phone.context.clear_cookies(name="csrftoken")  # the token changes meanwhile
    send_all(phone)
    assert line.left == 0
    assert (Visit.objects.count(), Photo.objects.count()) == (8, 1)
    prove(phone, shown)


@pytest.mark.parametrize("status", [429, 503])
def test_t8_a_server_that_asks_to_wait_is_left_alone(
    town: Town, phone: Page, line: FaultyLine, prove: Proof, status: int
) -> None:
    phone.goto(OUTBOX)
    shown = keep_visits(phone, town, 1)
    line.plan(SENDING, lie(status, Retry_After="2"))
    for _ in range(3):
        send_now(phone)
    assert (line.asked["POST /visits/ops/"], Operation.objects.count()) == (1, 0)
    phone.wait_for_timeout(2000)
    send_all(phone)
    assert stored(phone)[0]["state"] == "confirmed"
    prove(phone, shown)


def test_t7_the_worker_keeps_nothing_of_a_liar(
    town: Town, line: FaultyLine, browser_page: OpenPage, sign_in: Any
) -> None:
    phone = browser_page(base_url=line.url)
    line.plan("GET /static/visits/photos.js", lie(200, PORTAL, "text/html"))
    line.plan("GET /static/visits/shell.js", answer_cut(17))  # over plain HTTP the browser takes that for an answer
    sign_in(phone, town.people[SECRETARY])
    for _ in range(3):  # two faults, and a good line
        phone.goto("/visits/")
        phone.wait_for_load_state("networkidle")
    wait_for_worker(phone)
    assert line.left == 0
    line.cut()
    phone.goto(OUTBOX)
    expect_heading(phone, "手机里的记录")
    kept = phone.evaluate(KEPT)
    assert len(kept) > 9
    assert [text for text in kept if not text or "Wi-Fi" in text] == []
