"""T4, T9, T14: hurried fingers, people and places that change meanwhile, a server that comes back from a backup."""

import re

from django.db import connection
from playwright.sync_api import Page, expect

from organizations.enums import DutyCode
from tests.browser.faults.acts import OUTBOX, keep_visits, send_all
from tests.browser.faults.conftest import Proof
from tests.browser.faults.line import SENDING, FaultyLine, answer_cut
from tests.browser.phone import (
    SECRETARY,
    expect_heading,
    open_form,
    send_now,
    sign_in_by_page,
    states,
    stored,
)
from tests.factories import HouseholdFactory, Town, appoint
from visits.enums import OperationState
from visits.models import Operation, Photo, Visit
from visits.services import apply_held

STORED = re.compile("^(已存手机|已上报|这张表单已经上报)$")
ENTER_AND_TAPS = """() => {
  const button = [...document.querySelectorAll("form[data-ready] button:not([type])")].at(-1);
  button.form.requestSubmit();
  for (let tap = 0; tap < 3; tap++) button.click();
}"""


def test_t4_fingers_make_one_visit_for_each_form(town: Town, phone: Page, line: FaultyLine, prove: Proof) -> None:
    open_form(phone, town)
    phone.get_by_label("谈了什么").fill("问了收成")
    line.plan(SENDING, answer_cut(0), answer_cut(64))
    phone.evaluate(ENTER_AND_TAPS)
    expect_heading(phone, "已存手机")
    address = phone.url
    for _ in range(2):
        phone.reload()
        expect(phone.locator("h1")).to_have_text(STORED)
    phone.goto("/visits/")
    phone.go_back()
    expect(phone.locator("h1")).to_be_visible()
    restored = phone.context.new_page()  # the tab of yesterday
    restored.goto(address)
    expect(restored.locator("h1")).to_have_text(STORED)
    phone.goto(OUTBOX)
    send_all(phone)
    assert (len(stored(phone)), Visit.objects.count()) == (1, 1)
    prove(phone, [stored(phone)[0]["op_id"]])


def test_t9_people_and_places_change_meanwhile(town: Town, phone: Page, line: FaultyLine, prove: Proof) -> None:
    writer, clerk = town.people[SECRETARY], town.people[DutyCode.OFFICE_CLERK]
    moved = HouseholdFactory(village=town.own, code="TV01-0002")
    phone.goto(OUTBOX)
    line.cut()
    shown = keep_visits(phone, town, 3) + keep_visits(phone, town, 2, household_id=moved.pk)
    moved.village = town.foreign
    moved.save()
    town.own.name = "改了名的村"
    town.own.save()
    writer.is_active = False
    writer.save()
    line.mend()
    send_now(phone)
    assert set(states(phone)) == {"ready"}
    sign_in_by_page(phone, town.people[DutyCode.FIRST_SECRETARY])  # somebody else on the same phone
    phone.goto(OUTBOX)
    send_now(phone)
    assert (set(states(phone)), Operation.objects.count()) == ({"ready"}, 0)
    writer.is_active = True
    writer.save()
    phone.context.clear_cookies()
    sign_in_by_page(phone, writer)
    phone.goto(OUTBOX)
    send_all(phone)
    assert states(phone) == ["confirmed"] * 3 + ["held"] * 2
    assert set(Operation.objects.values_list("user", flat=True)) == {writer.pk}
    prove(phone, shown)
    for operation in Operation.objects.held():
        assert operation.reason
        apply_held(actor=clerk, operation=operation)
    send_now(phone)
    assert set(states(phone)) == {"confirmed"}
    assert Visit.objects.filter(visitor=writer).count() == 5
    prove_after_the_desk(shown)


def test_t9_two_villages_are_merged_meanwhile(town: Town, phone: Page, line: FaultyLine, prove: Proof) -> None:
    """Households and secretary go over to the other village, the old one ends; what was recorded before arrives."""
    writer, new_branch = town.people[SECRETARY], town.foreign.branch
    phone.goto(OUTBOX)
    line.cut()
    shown = keep_visits(phone, town, 3)
    town.own_household.village = town.foreign
    town.own_household.save()
    writer.appointments.all().delete()
    appoint(writer, SECRETARY, new_branch)
    line.mend()
    send_all(phone)
    assert (set(states(phone)), Visit.objects.count()) == ({"confirmed"}, 3)
    assert set(Operation.objects.values_list("organization", flat=True)) == {new_branch.pk}
    prove(phone, shown)


def prove_after_the_desk(shown: list[str]) -> None:
    """Every record is taken in, once. (Its receipt says for ever that it was held.)"""
    assert Operation.objects.filter(pk__in=shown, state=OperationState.APPLIED, visit__isnull=False).count() == 5


def test_t14_a_server_from_yesterdays_backup_gets_back_what_it_lacks(
    town: Town, phone: Page, line: FaultyLine, prove: Proof
) -> None:
    phone.goto(OUTBOX)
    shown = keep_visits(phone, town, 6, photos={0: 2, 4: 1})
    send_all(phone)
    assert set(states(phone)) == {"confirmed"}
    restore_without(shown[3:], one_photo_of=shown[0])
    assert (Visit.objects.count(), Photo.objects.count()) == (3, 1)
    line.plan("POST /visits/rollcall/", answer_cut(0))
    for _ in range(4):  # the roll-call that is cut, the one that is not, what it asks for, and another one
        send_now(phone)
    send_all(phone)
    assert (Visit.objects.count(), Photo.objects.count()) == (6, 3)
    assert set(states(phone)) == {"confirmed"}
    prove(phone, shown)


def restore_without(op_ids: list[str], one_photo_of: str) -> None:
    """Bring the database to where it was before these operations, and before a photo of another one."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no trigger stops a backup from being restored
        cursor.execute("DELETE FROM visits_photo WHERE operation_id = ANY(%s::uuid[])", [op_ids])
        oldest = "SELECT min(id) FROM visits_photo WHERE operation_id = %s"
        cursor.execute(f"DELETE FROM visits_photo WHERE id = ({oldest})", [one_photo_of])
        gone = "DELETE FROM visits_operation WHERE op_id = ANY(%s::uuid[]) RETURNING visit_id"
        visits = "DELETE FROM visits_visit WHERE id IN (SELECT visit_id FROM gone)"
        cursor.execute(f"WITH gone AS ({gone}) {visits}", [op_ids])
        cursor.execute("SET session_replication_role = DEFAULT")
