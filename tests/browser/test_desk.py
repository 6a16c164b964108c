"""The office decides on a desktop about what a phone sent and could not be taken in."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from playwright.sync_api import Page, expect

from organizations.enums import DutyCode
from tests.browser.conftest import OpenPage
from tests.factories import Town
from tests.visits.api.test_phones import visit_payload
from visits.enums import OperationKind
from visits.models import Operation, Visit
from visits.services import SentOperation, receive_operation
from visits.services.drafts import digest_of

DESKTOP = {"width": 1366, "height": 768}
SignIn = Callable[[Page, Any], None]


def hold(town: Town, household_id: int) -> Operation:
    """A visit to a household that is not the sender's, or that the portal does not know."""
    payload = visit_payload(town, household_id=household_id)
    sent = SentOperation(uuid4(), OperationKind.VISIT, payload, digest_of(payload))
    return receive_operation(user=town.people[DutyCode.BRANCH_SECRETARY], sent=sent)[0]


def test_right_household_is_searched_and_the_visit_taken_in(
    browser_page: OpenPage, sign_in: SignIn, town: Town
) -> None:
    held, page = hold(town, 999_999), browser_page(viewport=DESKTOP)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    sign_in(page, town.people[DutyCode.OFFICE_CLERK])
    page.get_by_text("待处理的上报").click()
    page.get_by_role("link", name="待处理", exact=True).click()
    page.get_by_role("link", name="改户或改日期再入库").click()
    page.locator(".select2-selection").click()
    page.keyboard.type("zdq")
    page.get_by_role("option", name="赵东强").click()
    page.get_by_role("button", name="采纳入库").click()
    expect(page.get_by_role("heading", name="已入库：支部书记甲上报的走访")).to_be_visible()
    assert Visit.objects.get().household == town.own_household
    held.refresh_from_db()
    assert held.visit == Visit.objects.get()
    assert refused == []
