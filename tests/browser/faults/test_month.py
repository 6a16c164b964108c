"""T12: a month in the mountains, scaled down, with everything that goes wrong in one."""

from datetime import timedelta

import pytest
from playwright.sync_api import Error, Page

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.browser.faults.acts import OUTBOX, keep_visits, send_all
from tests.browser.faults.conftest import Proof
from tests.browser.faults.line import PHOTOS, SENDING, FaultyLine, answer_cut, request_cut
from tests.browser.phone import send_now, states, stored
from tests.factories import Town
from visits.enums import OperationState
from visits.models import Operation, Photo, Visit
from visits.services.exported import Outcome, read_exported, take_in

REMEMBER_CONNECTIONS = """() => {
  const { open } = IDBFactory.prototype;
  globalThis.connections = [];
  IDBFactory.prototype.open = function (...given) {
    const request = open.apply(this, given);
    request.addEventListener("success", () => connections.push(request.result));
    return request;
  };
}"""
FULL = """() => {
  const { put } = IDBObjectStore.prototype;
  globalThis.mendStore = () => { IDBObjectStore.prototype.put = put; };
  IDBObjectStore.prototype.put = function (...given) {
    if (this.name === "blobs") throw new DOMException("", "QuotaExceededError");
    return put.apply(this, given);
  };
}"""


def test_t12_a_month_in_the_mountains(town: Town, phone: Page, line: FaultyLine, prove: Proof) -> None:
    phone.add_init_script(f"({REMEMBER_CONNECTIONS})()")
    phone.goto(OUTBOX)
    line.cut()
    shown = keep_visits(phone, town, 25, photos=dict.fromkeys(range(10), 2))
    phone.evaluate("() => connections.forEach(one => one.close())")  # the system closes the store's connection
    shown += keep_visits(phone, town, 4, photos={1: 2}, remark="第二周")
    phone.evaluate(FULL)
    with pytest.raises(Error, match="QuotaExceededError"):
        keep_visits(phone, town, 1, photos={0: 1}, remark="满了")
    phone.evaluate("() => mendStore()")
    assert len(stored(phone)) == len(shown) == 29, "a save that was not accepted leaves nothing"
    late = (today() + timedelta(days=3)).isoformat()
    shown += keep_visits(phone, town, 3, photos={2: 1}, visited_on=late)  # the clock is three days fast
    file = export(phone)
    cuts = [*(request_cut(share) for share in (0.2, 0.7)), answer_cut(0), answer_cut(None)]
    line.plan(SENDING, *cuts)
    line.plan(PHOTOS, *cuts)
    line.mend()

    send_now(phone)
    taken = take_in(actor=town.people[DutyCode.OFFICE_CLERK], file=read_exported(file))
    assert {one.outcome for one in taken} <= {Outcome.STORED, Outcome.KNOWN, Outcome.HELD}
    assert take_in(actor=town.people[DutyCode.OFFICE_CLERK], file=read_exported(file))[-1].outcome == Outcome.KNOWN
    send_all(phone)
    assert states(phone) == ["confirmed"] * 29 + ["held"] * 3
    assert (Operation.objects.count(), Visit.objects.count(), Photo.objects.count()) == (32, 29, 23)
    assert Operation.objects.filter(state=OperationState.HELD, payload__visited_on=late).count() == 3
    prove(phone, shown)


def export(page: Page) -> bytes:
    """The file that the phone writes for the office."""
    with page.expect_download() as download:
        page.get_by_role("button", name="导出未上报记录").click()
    return download.value.path().read_bytes()
