"""What hurried people and odd phones do: nothing of it loses a word, a photo or a name."""

import base64

from playwright.sync_api import Page, expect

from organizations.enums import DutyCode
from tests.browser.faults.acts import keep_visits
from tests.browser.phone import (
    PICTURE,
    SECRETARY,
    change,
    expect_heading,
    open_form,
    send_now,
    states,
    stored,
    submit,
    wait_until,
)
from tests.browser.proxy import Line
from tests.factories import Town
from visits.models import Operation, Photo, Visit

SLOW_CAMERA = """() => {
  const shrink = createImageBitmap;
  globalThis.createImageBitmap = async (...given) => {
    await new Promise(resolve => setTimeout(resolve, 1500));
    return shrink(...given);
  };
}"""
SECOND_TAB = """async ([user, household]) => {
  const { keep } = await import("/static/visits/outbox.js");
  const about = { kind: "visit", subject: household, title: "赵东强" };
  const record = { op_id: crypto.randomUUID(), user, user_name: "甲", ...about };
  const payload = { household_id: household, content: "一" };
  const first = await keep({ ...record, payload });
  const again = await keep({ ...record, payload });
  const second = await keep({ ...record, payload: { ...payload, content: "二" } }, [], null);
  return [first === record.op_id, again === first, second === first];
}"""
MONTH = 31 * 24 * 3600 * 1000


def test_a_photo_that_is_still_being_shrunk_goes_with_the_record(town: Town, phone: Page) -> None:
    open_form(phone, town)
    picture = base64.b64decode(phone.evaluate(PICTURE, [300, 200]))
    phone.get_by_label("谈了什么").fill("问了收成")
    phone.evaluate(SLOW_CAMERA)
    phone.get_by_label("拍照（可不拍）").set_input_files({"name": "1.png", "mimeType": "image/png", "buffer": picture})
    submit(phone)
    expect_heading(phone, "已上报")
    assert len(stored(phone)[0]["payload"]["photos"]) == Photo.objects.count() == 1


def test_without_its_program_no_photo_is_taken_and_this_is_said(town: Town, phone: Page) -> None:
    phone.context.route("**/visits/photos.js", lambda route: route.abort())
    open_form(phone, town)
    phone.evaluate("async () => Promise.all((await caches.keys()).map(name => caches.delete(name)))")
    phone.get_by_label("拍照（可不拍）").set_input_files({"name": "1.png", "mimeType": "image/png", "buffer": b"x"})
    expect(phone.get_by_text("现在不能加照片。")).to_be_visible()
    phone.get_by_label("谈了什么").fill("问了收成")
    submit(phone)
    expect_heading(phone, "已上报")


def test_whoever_was_chosen_online_stays_chosen_without_network(town: Town, phone: Page, line: Line) -> None:
    colleague = town.people[DutyCode.FIRST_SECRETARY]
    wait_until(phone, "async () => (await (await import('/static/visits/store.js')).readAll('reference')).length > 0")
    phone.evaluate("navigator.serviceWorker.ready")
    open_form(phone, town)
    phone.get_by_text("有同行人，或代别人录入").click()
    phone.get_by_label("谁去走访的").select_option(value=str(colleague.pk))
    phone.get_by_label("谈了什么").fill("代他录入")
    expect(phone.locator("form[data-draft=saved]")).to_be_visible()
    line.cut()
    open_form(phone, town)
    submit(phone)
    expect_heading(phone, "已存手机")
    assert stored(phone)[0]["payload"]["visitor_id"] == colleague.pk
    line.mend()
    send_now(phone)
    assert Visit.objects.get().visitor == colleague


def test_a_second_content_under_one_id_is_kept_beside_the_first(town: Town, phone: Page) -> None:
    user = town.people[SECRETARY]
    assert phone.evaluate(SECOND_TAB, [user.pk, town.own_household.pk]) == [True, True, False]
    assert [record["payload"]["content"] for record in sorted(stored(phone), key=lambda one: one["seq"])] == [
        "一",
        "二",
    ]


def test_a_clock_that_is_put_back_or_jumps_neither_stops_nor_clears_anything(
    town: Town, phone: Page, line: Line
) -> None:
    phone.goto("/visits/outbox/")
    phone.evaluate("import('/static/visits/sender.js')")
    line.cut()
    keep_visits(phone, town, 1)
    send_now(phone)
    ahead = 40 * MONTH  # what was set while the clock was wrong
    change(phone, next_try_at=phone.evaluate("Date.now()") + ahead, not_before=phone.evaluate("Date.now()") + ahead)
    line.mend()
    phone.reload()
    expect(phone.locator("[data-record]")).to_contain_text("已上报")
    send_now(phone)
    assert (states(phone), Operation.objects.count()) == (["confirmed"], 1)
    phone.clock.set_fixed_time(phone.evaluate("Date.now()") + 2 * MONTH)
    phone.reload()
    send_now(phone)
    assert states(phone) == ["confirmed"], "by the server's clock it is of today"


def test_one_record_that_never_goes_does_not_keep_the_others_from_the_roll_call(town: Town, phone: Page) -> None:
    phone.goto("/visits/outbox/")
    keep_visits(phone, town, 1)
    send_now(phone)
    keep_visits(phone, town, 1)
    phone.route("**/visits/ops/", lambda route: route.fulfill(status=500, body=""))
    phone.evaluate("async () => (await import('/static/visits/store.js')).write('meta', 0, 'rollcall_at')")
    with phone.expect_request("**/visits/rollcall/"):
        send_now(phone)
    assert sorted(states(phone)) == ["confirmed", "ready"]
