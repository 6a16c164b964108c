"""``check_operations``: nothing lost, nothing doubled; each check can see its fault."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from organizations.enums import DutyCode
from tests.api import api_client
from tests.factories import Town, VisitFactory, make_issue
from tests.visits.api.test_phones import operation, send, visit_payload
from visits.enums import Source
from visits.models import Operation, Photo, Visit
from visits.services import apply_held
from visits.services.operations import DECIDE


@pytest.fixture
def filled(town: Town) -> None:
    """A visit by page, one by phone, one held and then taken in for another household, one held."""
    client: Client = api_client(town.people[DutyCode.BRANCH_SECRETARY])
    town.record(None, "水浑", "路坏")
    send(client, operation(town, visit_payload(town)))
    for _ in range(2):
        send(client, operation(town, visit_payload(town, household_id=999_999)))
    clerk, held = town.people[DutyCode.OFFICE_CLERK], Operation.objects.held().first()
    assert clerk.has_perm(DECIDE)
    apply_held(actor=clerk, operation=held, household_id=town.own_household.pk)


def told(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code and what was printed."""
    code = 0
    try:
        call_command("check_operations")
    except SystemExit as end:
        code = int(str(end.code))
    return code, capsys.readouterr().out


def test_all_is_well(filled: None, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = told(capsys)
    assert (code, "✗" in text) == (0, False)
    assert "已入库的上报：3" in text
    assert "待处理的上报：1" in text
    assert "手机来的走访：2" in text


def _without_triggers(statement: str) -> None:
    """Change rows past the guards, as a fault below the portal would."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def _without_rule(name: str) -> None:
    """Take a constraint off, as if the database had been restored without it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE visits_operation DROP CONSTRAINT {name}")


def _loses_visit(town: Town) -> None:
    _without_rule("operation_applied_is_a_visit")
    _without_triggers("UPDATE visits_operation SET visit_id = NULL WHERE state = 'applied'")


def _brings_held(town: Town) -> None:
    visit = VisitFactory()
    _without_rule("operation_brings_when_applied")
    _without_triggers(f"UPDATE visits_operation SET visit_id = {visit.pk} WHERE state = 'held'")


def _changes_content(town: Town) -> None:
    changed = """jsonb_set(payload, '{content}', '"x"')"""
    _without_triggers(f"UPDATE visits_operation SET payload = {changed}")


def _mixes_receipts(town: Town) -> None:
    _without_triggers("""UPDATE visits_operation SET receipt = '{"op_id": "x"}'""")


def _forges_receipt(town: Town) -> None:
    applied = """jsonb_set(receipt, '{state}', '"applied"')"""
    _without_triggers(f"UPDATE visits_operation SET receipt = {applied} WHERE state = 'held'")


def _doubles_issue(town: Town) -> None:
    visit = Visit.objects.filter(source=Source.PHONE).first()
    make_issue(visit)


def _has_stray_visit(town: Town) -> None:
    VisitFactory(household=town.own_household, source=Source.PHONE)


def _has_stray_photo(town: Town) -> None:
    Photo.objects.create(operation=Operation.objects.earliest("received_at"), sha256="0" * 64, content=b"x")


FAULTS: list[tuple[Callable[[Town], None], str]] = [
    (_loses_visit, "已入库的都有"),
    (_brings_held, "没有入库的都没有"),
    (_changes_content, "内容与摘要相符"),
    (_mixes_receipts, "回执与上报相符"),
    (_forges_receipt, "回执的签名无误"),
    (_doubles_issue, "问题一个不多"),
    (_has_stray_visit, "手机来的走访都有"),
    (_has_stray_photo, "照片都属于"),
]


@pytest.mark.parametrize(("fault", "title"), FAULTS)
def test_fault_is_seen(
    town: Town, filled: None, fault: Callable[[Town], None], title: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fault(town)
    code, text = told(capsys)
    assert code == 1
    assert f"✗ {title}" in text


def test_operations_of_which_no_content_was_kept_are_left_out(
    filled: None, town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    Operation.objects.create(
        op_id=uuid4(),
        user=town.people[DutyCode.BRANCH_SECRETARY],
        organization=town.own.branch,
        payload_sha256="1" * 64,
        visit=VisitFactory(),
    )
    assert told(capsys)[0] == 0
