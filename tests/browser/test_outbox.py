"""Records on the phone: stored first, sent when somebody answers, moved on by nothing but their receipt."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import connection
from playwright.sync_api import Page, Route, expect

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.browser.phone import (
    SECRETARY,
    change,
    expect_heading,
    open_form,
    send_now,
    set_meta,
    sign_in_by_page,
    states,
    store_visit,
    stored,
    submit,
    wait_until,
)
from tests.browser.proxy import Line
from tests.factories import Town
from visits.enums import OperationState, Source
from visits.models import Device, Operation, Visit
from visits.services import VisitDraft, record_visit


def test_what_is_stored_without_network_stays_and_arrives_once(town: Town, phone: Page, line: Line) -> None:
    open_form(phone, town)
    line.cut()
    phone.get_by_label("谈了什么").fill("问了收成")
    submit(phone)
    expect_heading(phone, "已存手机")
    expect(phone.get_by_text("已存在您的手机里，有信号时自动上报。")).to_be_visible()
    assert states(phone) == ["ready"]
    assert not Operation.objects.exists()

    line.mend()
    phone.reload()
    expect_heading(phone, "已上报")
    visit, operation = Visit.objects.get(), Operation.objects.get()
    assert (visit.content, visit.source, operation.state) == ("问了收成", Source.PHONE, OperationState.APPLIED)
    assert stored(phone)[0]["receipt"] == operation.receipt
    assert stored(phone, "drafts") == []


def test_the_word_changes_by_itself_when_the_line_is_back(town: Town, phone: Page, line: Line) -> None:
    open_form(phone, town)
    line.cut()
    phone.get_by_label("谈了什么").fill("问了收成")
    submit(phone)
    expect_heading(phone, "已存手机")
    expect(phone.locator("#waiting")).to_have_text("1 条待上报，最早 刚刚")
    line.mend()
    expect(phone.get_by_role("heading", name="已上报", level=1)).to_be_visible(timeout=60_000)
    expect(phone.locator("#waiting")).to_have_count(0)
    receipt = phone.get_by_role("link", name="看这次走访")
    expect(receipt).to_have_attribute("href", f"/visits/receipts/{Visit.objects.get().pk}/")


def test_a_browser_without_locks_does_the_same(town: Town, phone: Page) -> None:
    phone.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    store_visit(phone, town)
    expect_heading(phone, "已上报")
    second = phone.context.new_page()
    for page in (phone, second):
        page.goto("/visits/outbox/")
        send_now(page)
    assert (states(phone), Visit.objects.count()) == (["confirmed"], 1)


def test_three_taps_make_one_visit(town: Town, phone: Page) -> None:
    open_form(phone, town)
    phone.get_by_label("谈了什么").fill("问了收成")
    phone.get_by_role("button", name="上报", exact=True).last.click(click_count=3)
    expect_heading(phone, "已上报")
    assert Visit.objects.count() == len(stored(phone)) == 1


def test_an_answer_cut_at_any_byte_loses_and_doubles_nothing(town: Town, phone: Page, line: Line) -> None:
    for at in (0, 1, 40, 300, 700):
        line.mend()
        open_form(phone, town)
        line.cut_answer = at
        phone.get_by_label("谈了什么").fill(f"第 {at} 个字节断了")
        submit(phone)
        expect_heading(phone, "已存手机")
    line.mend()
    phone.goto("/visits/outbox/")
    send_now(phone)
    assert set(states(phone)) == {"confirmed"}
    assert Visit.objects.count() == Operation.objects.count() == 5


LIES = {
    "a portal's page": {"status": 200, "content_type": "text/html", "body": "<h1>Wi-Fi 登录</h1>"},
    "some JSON": {"status": 200, "json": {"ok": True}},
    "created, but what": {"status": 201, "json": {"ok": True}},
    "a broken body": {"status": 201, "content_type": "application/json", "body": '{"op_id": '},
    "another place": {"status": 302, "headers": {"Location": "/accounts/login/"}},
    "not found": {"status": 404, "content_type": "text/html", "body": "nginx"},
    "refused by a proxy": {"status": 403, "content_type": "text/html", "body": "nginx"},
    "too large for a proxy": {"status": 413, "content_type": "text/html", "body": "nginx"},
    "used, says a proxy": {"status": 422, "json": {"type": "urn:chishang:problem:key-reused"}},
    "a fault": {"status": 500, "content_type": "application/problem+json", "body": "{}"},
    "too many": {"status": 429, "content_type": "application/problem+json", "body": "{}"},
}
"""Answers that say nothing of whether the record arrived."""


def liars_of(record: dict[str, Any]) -> dict[str, Any]:
    """Receipts that are not this record's."""
    receipt = {"op_id": record["op_id"], "payload_sha256": record["sha256"], "state": "applied", "visit": 1}
    return {
        "another record's": {"status": 201, "json": receipt | {"op_id": str(uuid4())}},
        "another content's": {"status": 201, "json": receipt | {"payload_sha256": "0" * 64}},
        "another state": {"status": 201, "json": receipt | {"state": "lost"}},
        "with the wrong status": {"status": 200, "json": receipt},
        "as a page": {"status": 201, "content_type": "text/html", "body": json.dumps(receipt)},
    }


def test_no_lie_moves_a_record_on(town: Town, phone: Page) -> None:
    lie: dict[str, Any] = {"name": "a fault", "answer": LIES["a fault"]}
    told: list[str] = []

    def answer(route: Route) -> None:
        told.append(lie["name"])
        route.fulfill(**lie["answer"])

    phone.route("**/visits/ops/", answer)
    store_visit(phone, town)
    expect_heading(phone, "已存手机")
    phone.goto("/visits/outbox/")
    for name, wrong in (LIES | liars_of(stored(phone)[0])).items():
        lie |= {"name": name, "answer": wrong}
        send_now(phone)
        assert told[-1] == name
        assert states(phone) == ["ready"], name
        expect(phone.locator("[data-sum]")).to_contain_text("已存手机 1 条")
        assert "失败" not in phone.locator("main").inner_text()
    assert not Operation.objects.exists()
    phone.unroute("**/visits/ops/")
    send_now(phone)
    assert states(phone) == ["confirmed"]
    assert Visit.objects.count() == 1


ASKED_TO_WAIT = 'async () => (await (await import("/static/visits/store.js")).readAll("outbox"))[0].not_before > 0'


def test_a_sick_server_is_left_in_peace_as_long_as_it_asks(town: Town, phone: Page) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503, headers={"Retry-After": "3000"}, body="")

    phone.route("**/visits/ops/", answer)
    store_visit(phone, town)
    expect_heading(phone, "已存手机")
    wait_until(phone, ASKED_TO_WAIT)
    phone.goto("/visits/outbox/")
    for _ in range(3):
        send_now(phone)
    assert len(asked) == 1
    assert states(phone) == ["ready"]
    assert stored(phone)[0]["not_before"] > 0


def test_one_poisoned_record_holds_up_no_other(town: Town, phone: Page, line: Line) -> None:
    open_form(phone, town)
    line.cut()
    for number in range(4):
        phone.evaluate(
            """async ([user, household, number, day]) => {
              const { keep } = await import("/static/visits/outbox.js");
              const payload = { household_id: household, visited_on: day, content: `第${number}次`, companions: "",
                remark: "", visitor_id: null, campaign_id: null, issues: [], photos: [] };
              await keep({ op_id: crypto.randomUUID(), user, user_name: "甲", kind: "visit", subject: household,
                title: "赵东强", payload });
            }""",
            [town.people[SECRETARY].pk, town.own_household.pk, number, today().isoformat()],
        )

    def poison(route: Route) -> None:
        if "第1次" in (route.request.post_data or ""):
            route.fulfill(status=500, body="")
        else:
            route.continue_()

    phone.route("**/visits/ops/", poison)
    line.mend()
    phone.goto("/visits/outbox/")
    send_now(phone)
    assert states(phone) == ["confirmed", "ready", "confirmed", "confirmed"]
    assert list(Visit.objects.order_by("pk").values_list("content", flat=True)) == ["第0次", "第2次", "第3次"]
    phone.unroute("**/visits/ops/")
    send_now(phone)
    assert states(phone) == ["confirmed"] * 4


def test_what_a_rule_forbids_is_shown_as_held(town: Town, phone: Page, line: Line) -> None:
    open_form(phone, town)
    line.cut()
    phone.get_by_label("谈了什么").fill("问了收成")
    submit(phone)
    expect_heading(phone, "已存手机")
    town.own_household.village = town.foreign
    town.own_household.save()
    line.mend()
    phone.goto("/visits/outbox/")
    card = phone.locator("[data-record]")
    expect(card).to_contain_text("需处理")
    expect(card).to_contain_text(
        "镇里已经收到，等镇党建办处理：这一户现在不归提交人负责，或门户里没有这一户，由镇党建办核对。"
    )
    assert Operation.objects.get().state == OperationState.HELD
    phone.goto("/visits/")
    expect(phone.locator("#waiting")).to_have_text("1 条镇里正在处理")


def test_the_end_of_the_session_keeps_the_queue(town: Town, phone: Page) -> None:
    open_form(phone, town)
    phone.context.clear_cookies()
    phone.get_by_label("谈了什么").fill("问了收成")
    submit(phone)
    expect_heading(phone, "需处理")
    expect(phone.get_by_text("在手机里。请登录，登录后自动上报。")).to_be_visible()
    assert states(phone) == ["ready"]
    sign_in_by_page(phone, town.people[SECRETARY])
    phone.goto("/visits/outbox/")
    expect(phone.locator("[data-record]")).to_contain_text("已上报")
    assert Visit.objects.get().visitor == town.people[SECRETARY]


def test_records_of_an_account_whose_duty_has_ended_arrive_and_are_held(town: Town, phone: Page, line: Line) -> None:
    open_form(phone, town)
    town.people[SECRETARY].appointments.update(ended_on=today() - timedelta(days=1))
    phone.get_by_label("谈了什么").fill("问了收成")
    submit(phone)
    expect_heading(phone, "需处理")
    reason = "提交人现在没有记录走访的职务，由镇党建办核对后决定。"
    expect(phone.get_by_text(f"镇里已经收到，等镇党建办处理：{reason}")).to_be_visible()
    held = Operation.objects.get()
    assert (states(phone), held.state, Visit.objects.count()) == (["held"], OperationState.HELD, 0)


def test_nothing_is_sent_under_another_name(town: Town, phone: Page, line: Line) -> None:
    writer, other = town.people[SECRETARY], town.people[DutyCode.FIRST_SECRETARY]
    open_form(phone, town)
    line.cut()
    phone.get_by_label("谈了什么").fill("问了收成")
    submit(phone)
    expect_heading(phone, "已存手机")
    phone.context.clear_cookies()
    line.mend()
    sign_in_by_page(phone, other)
    notice = f"这部手机里还有{writer.name}的 1 条记录，由{writer.name}本人登录后上报"
    expect(phone.locator("#waiting")).to_have_text(notice)
    send_now(phone)
    assert (states(phone), Operation.objects.count()) == (["ready"], 0)
    phone.goto("/visits/outbox/")
    expect(phone.locator("[data-record]")).to_contain_text(f"属于{writer.name}")
    expect(phone.locator("[data-record]")).not_to_contain_text("问了收成")
    phone.context.clear_cookies()
    sign_in_by_page(phone, writer)
    phone.goto("/visits/outbox/")
    expect(phone.locator("[data-record]")).to_contain_text("已上报")
    assert Visit.objects.get().visitor == writer


def test_the_roll_call_brings_back_what_the_server_has_lost(town: Town, phone: Page) -> None:
    store_visit(phone, town)
    expect_heading(phone, "已上报")
    send_now(phone)
    assert states(phone) == ["confirmed"]
    with connection.cursor() as cursor:  # the server comes back from yesterday's backup
        cursor.execute("TRUNCATE visits_operation, visits_visit CASCADE")
    set_meta(phone, "rollcall_at", 0)
    phone.goto("/visits/outbox/")
    wait_until(
        phone,
        """async () => {
          const [record] = await (await import("/static/visits/store.js")).readAll("outbox");
          return record.lost_times === 1 && record.state === "confirmed";
        }""",
    )
    assert Visit.objects.get().content == "问了收成"
    device = Device.objects.get()
    assert (device.waiting, device.sent_total) == (0, 1), "what comes again counts once"


def test_records_leave_30_days_after_the_server_confirmed_them(town: Town, phone: Page) -> None:
    store_visit(phone, town)
    expect_heading(phone, "已上报")
    send_now(phone)
    days = 1000 * 3600 * 24
    change(phone, confirmed_at=datetime.now(UTC).timestamp() * 1000 - 29 * days)
    send_now(phone)
    assert states(phone) == ["confirmed"]
    change(phone, confirmed_at=datetime.now(UTC).timestamp() * 1000 - 31 * days)
    send_now(phone)
    assert states(phone) == []


def test_an_id_used_for_another_content_keeps_both(town: Town, phone: Page, line: Line) -> None:
    open_form(phone, town)
    op_id = UUID(phone.url.partition("op=")[2])
    draft = VisitDraft(household_id=town.own_household.pk, visited_on=today(), content="先到的")
    record_visit(actor=town.people[SECRETARY], op_id=op_id, draft=draft, source=Source.PAGE)
    phone.get_by_label("谈了什么").fill("后到的")
    submit(phone)
    expect_heading(phone, "需处理")
    expect(phone.get_by_text("这一份换了新编号另报，两份都留着。")).to_be_visible()
    send_now(phone)
    assert states(phone) == ["forked", "confirmed"]
    first, second = sorted(stored(phone), key=lambda record: record["seq"])
    assert second["op_id"] == str(uuid5(op_id, first["sha256"])), "as the import of an exported file calls it"
    assert set(Visit.objects.values_list("content", flat=True)) == {"先到的", "后到的"}
