"""What is in the records and what is told of them: digest, photos, the file for the office, the line on each page."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.browser.phone import (
    PICTURE,
    SECRETARY,
    change,
    expect_heading,
    open_form,
    send_now,
    states,
    store_visit,
    stored,
    submit,
    wait_until,
)
from tests.browser.proxy import Line
from tests.factories import Town, UnitFactory
from visits.enums import IssueState, MoveCode
from visits.models import Issue, Operation, Photo, Visit
from visits.services import MoveFacts, move_issue
from visits.services.drafts import canonical, digest_of

ODD = ["", "问了收成", "𠮷野家，𠀀", "\U0001f468\u200d\U0001f467 e\u0301", '引号"\\/', "换\n行\t\b\f\r"]
ODD += ["\u2028\u2029\u007f\u0001\ufeff", "<&>"]


def test_the_digest_is_the_servers(town: Town, phone: Page) -> None:
    content = {"b": ODD, "a": {"z": None, "数": 7, "ä": [True, {"x": ODD[2]}]}, "Z": -1, "aa": {}, "c": []}
    script = """async content => {
      const { canonical, sha256 } = await import("/static/visits/outbox.js");
      return [canonical(content), await sha256(canonical(content))];
    }"""
    assert phone.evaluate(script, content) == [canonical(content), digest_of(content)]


def test_a_full_phone_says_so_and_keeps_what_was_typed(town: Town, phone: Page) -> None:
    open_form(phone, town)
    picture = base64.b64decode(phone.evaluate(PICTURE, [900, 900]))
    phone.get_by_label("拍照（可不拍）").set_input_files({"name": "1.png", "mimeType": "image/png", "buffer": picture})
    expect(phone.get_by_role("img", name="照片")).to_be_visible()
    phone.evaluate(
        """() => {
          const put = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = function (...given) {
            if (this.name === "blobs") throw new DOMException("", "QuotaExceededError");
            return put.apply(this, given);
          };
        }"""
    )
    phone.get_by_label("谈了什么").fill("问了收成")
    submit(phone)
    expect(phone.get_by_role("alert")).to_contain_text("手机的存储空间不够，这条记录还没有存下。请删去照片")
    assert (states(phone), phone.get_by_label("谈了什么").input_value()) == ([], "问了收成")
    assert len(stored(phone, "drafts")) == 1
    phone.get_by_role("button", name="删去这张").click()
    submit(phone)
    expect_heading(phone, "已上报")
    assert Visit.objects.get().content == "问了收成"


def test_photos_go_after_the_text_shrunk_and_once(town: Town, phone: Page, line: Line) -> None:
    open_form(phone, town)
    picture = base64.b64decode(phone.evaluate(PICTURE, [2000, 1200]))
    phone.get_by_label("拍照（可不拍）").set_input_files({"name": "1.png", "mimeType": "image/png", "buffer": picture})
    expect(phone.get_by_role("img", name="照片")).to_be_visible()
    line.cut()
    phone.get_by_label("谈了什么").fill("问了收成")
    submit(phone)
    expect_heading(phone, "已存手机")
    size = """async () => {
      const [blob] = await (await import("/static/visits/store.js")).readAll("blobs");
      const image = await createImageBitmap(new Blob([blob.bytes]));
      return [blob.bytes instanceof ArrayBuffer, blob.bytes.byteLength, Math.max(image.width, image.height)];
    }"""
    is_buffer, weight, side = phone.evaluate(size)
    assert is_buffer
    assert weight <= 300 * 1024
    assert side <= 1600
    phone.route("**/visits/photos/*/", lambda route: route.fulfill(status=500, body=""))
    line.mend()
    phone.goto("/visits/outbox/")
    expect(phone.locator("[data-record]")).to_contain_text("还有 1 张照片在手机里，有信号时自动上报。")
    assert (Visit.objects.count(), Photo.objects.count()) == (1, 0)
    phone.unroute("**/visits/photos/*/")
    send_now(phone)
    assert [photo.sha256 for photo in Photo.objects.all()] == Operation.objects.get().payload["photos"]
    expect(phone.locator("[data-sum]")).to_have_text("没有待上报的记录。")


def test_the_exported_file_has_everything_that_waits(town: Town, phone: Page, line: Line) -> None:
    open_form(phone, town)
    picture = base64.b64decode(phone.evaluate(PICTURE, [60, 40]))
    phone.get_by_label("拍照（可不拍）").set_input_files({"name": "1.png", "mimeType": "image/png", "buffer": picture})
    expect(phone.get_by_role("img", name="照片")).to_be_visible()
    phone.route("**/visits/ops/", lambda route: route.abort())
    phone.get_by_label("谈了什么").fill("问了收成")
    submit(phone)
    expect_heading(phone, "已存手机")
    phone.goto("/visits/outbox/")
    with phone.expect_download() as download:
        phone.get_by_role("button", name="导出未上报记录").click()
    assert download.value.suggested_filename == f"未上报记录-{today().isoformat()}.json"
    file = json.loads(download.value.path().read_text())
    (record,) = file["records"]
    assert (file["format"], file["version"]) == ("chishang-outbox", 1)
    assert (record["user"], record["kind"]) == (town.people[SECRETARY].pk, "visit")
    assert record["user_name"] == town.people[SECRETARY].name
    assert record["sha256"] == digest_of(record["payload"])
    ((sha256, content),) = record["photos"].items()
    assert [sha256] == record["payload"]["photos"]
    assert hashlib.sha256(base64.b64decode(content)).hexdigest() == sha256


def test_what_waits_and_since_when_stands_on_every_page(town: Town, phone: Page, line: Line) -> None:
    phone.route("**/visits/ops/", lambda route: route.abort())
    store_visit(phone, town)
    phone.goto("/visits/issues/")
    expect(phone.locator("#waiting")).to_have_text("1 条待上报，最早 刚刚")
    expect(phone.locator("#waiting.waiting--late")).to_have_count(0)
    change(phone, made_at=(datetime.now(UTC) - timedelta(days=2, hours=1)).isoformat())
    phone.reload()
    expect(phone.locator("#waiting.waiting--late")).to_have_text("! 1 条待上报，最早 2 天前")


def test_signing_out_with_records_waiting_asks(town: Town, phone: Page) -> None:
    phone.route("**/visits/ops/", lambda route: route.abort())
    store_visit(phone, town)
    phone.goto("/visits/")
    wait_until(phone, "async () => (await import('/static/visits/store.js')).read('reference', 'list')")
    phone.get_by_role("button", name="退出", exact=True).click()
    expect(phone.get_by_role("alert")).to_contain_text("还有 1 条记录没有上报")
    phone.get_by_role("button", name="先不退出").click()
    expect(phone.get_by_role("alert")).to_have_count(0)
    phone.get_by_role("button", name="退出", exact=True).click()
    phone.get_by_role("button", name="退出，记录留在手机里").click()
    phone.wait_for_url("**/accounts/login/**")
    assert (states(phone), stored(phone, "reference")) == (["ready"], [])


def test_what_the_household_said_is_kept_and_arrives_once(town: Town, phone: Page, line: Line) -> None:
    clerk = town.people[DutyCode.OFFICE_CLERK]
    issue = town.record(None, "自来水浑浊").issues.get()
    for move, facts in (
        (MoveCode.ACCEPT, MoveFacts()),
        (MoveCode.ASSIGN, MoveFacts(unit=UnitFactory(), due_on=today())),
        (MoveCode.RESOLVE, MoveFacts(note="换了水泵")),
    ):
        move_issue(actor=clerk, issue=issue, move=move, facts=facts)
    phone.goto(f"/visits/issues/{issue.pk}/")
    expect(phone.locator("form[data-ready]")).to_be_visible()
    phone.get_by_role("button", name="记下群众意见").click()
    expect(phone.get_by_role("alert")).to_contain_text("请选择群众是否满意。")
    line.cut()
    phone.get_by_text("满意", exact=True).click()
    phone.get_by_label("群众怎么说").fill("水清了")
    phone.get_by_role("button", name="记下群众意见").click()
    expect_heading(phone, "已存手机")
    line.mend()
    phone.reload()
    expect(phone.get_by_role("heading", name="办理过程")).to_be_visible()
    send_now(phone)
    issue.refresh_from_db()
    assert (issue.state, issue.satisfaction) == (IssueState.CONFIRMED, "satisfied")
    assert Operation.objects.filter(kind="feedback").count() == 1


def test_a_returned_issue_is_completed_once(town: Town, phone: Page) -> None:
    issue = town.record(None, "路坑洼").issues.get()
    clerk = town.people[DutyCode.OFFICE_CLERK]
    move_issue(actor=clerk, issue=issue, move=MoveCode.RETURN, facts=MoveFacts(note="请写明哪一段"))
    phone.goto(f"/visits/issues/{issue.pk}/")
    expect(phone.locator("form[data-ready]")).to_be_visible()
    phone.get_by_label("补充说明").fill("村口到桥头")
    phone.get_by_role("button", name="补充后再报").dblclick()
    expect_heading(phone, "已上报")
    assert Issue.objects.get().events.filter(move=MoveCode.RESUBMIT).count() == 1
