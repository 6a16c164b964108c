"""T8 on the server's side: a full disk, one record that it cannot take, a deploy with a migration in the middle."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from playwright.sync_api import Page

from tests.browser.faults.acts import OUTBOX, keep_visits, send_all, start_sending, wait_for
from tests.browser.faults.conftest import Proof
from tests.browser.faults.line import FaultyLine
from tests.browser.faults.server import portal_on
from tests.browser.phone import send_now, states, stored
from tests.factories import Town
from visits.models import Operation, Visit

DISK_FULL, INTERNAL_ERROR = "53100", "XX000"
REFUSAL = """
    CREATE FUNCTION refuse_for_a_test() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END $$;
    CREATE TRIGGER refuse_for_a_test BEFORE INSERT ON {table} FOR EACH ROW WHEN ({when})
        EXECUTE FUNCTION refuse_for_a_test();
"""


@contextmanager
def database_that_refuses(table: str, code: str, when: str = "true") -> Iterator[None]:
    """Let PostgreSQL itself refuse rows with an error of its own."""
    with connection.cursor() as cursor:
        cursor.execute(REFUSAL.format(table=table, code=code, when=when))
        try:
            yield
        finally:
            cursor.execute("DROP FUNCTION refuse_for_a_test CASCADE")


def test_t8_a_full_disk_and_one_record_that_the_server_cannot_take(
    town: Town, phone: Page, line: FaultyLine, prove: Proof
) -> None:
    phone.goto(OUTBOX)
    with database_that_refuses("visits_operation", DISK_FULL):
        shown = keep_visits(phone, town, 49)
        send_now(phone)
        assert (set(states(phone)), Operation.objects.count()) == ({"ready"}, 0)
    with database_that_refuses("visits_visit", INTERNAL_ERROR, "NEW.content = '毒'"):
        shown += keep_visits(phone, town, 1, content="毒")
        send_now(phone)
        assert (states(phone).count("ready"), len(stored(phone))) == (1, 50)
        assert Visit.objects.count() == 49
    send_all(phone)
    assert set(states(phone)) == {"confirmed"}
    prove(phone, shown)


def test_t8_a_deploy_with_a_migration_in_the_middle(
    town: Town, phone: Page, portal: str, line: FaultyLine, prove: Proof
) -> None:
    phone.goto(OUTBOX)
    shown = keep_visits(phone, town, 50)
    with portal_on(connection.settings_dict["NAME"]) as old:
        line.lead_to(old)
        start_sending(phone)
        wait_for(Operation.objects.all()[4:], phone)
    stored_before = Operation.objects.count()
    line.lead_to(portal)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE visits_operation IN ACCESS EXCLUSIVE MODE")  # as a migration takes it
        start_sending(phone)
        phone.wait_for_timeout(1000)
    assert 5 <= stored_before < 50, "it was in the middle"
    send_all(phone)
    assert Visit.objects.count() == 50
    prove(phone, shown)
