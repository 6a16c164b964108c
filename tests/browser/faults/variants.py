"""Faulty portals and phones: those that lose or double. The tests must see it; so they are tests of the tests."""

import time
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext

from tests.environment import ROOT


def check_then_insert() -> None:
    """On the server: look whether the record is there, and store it when it is not."""
    from visits.api import phones
    from visits.enums import OperationState, Source
    from visits.models import Operation
    from visits.services import SentOperation
    from visits.services.operations import receipt_of, visit_draft
    from visits.services.visits import organization_concerned, store_visit

    def receive(*, user: Any, sent: SentOperation, doubt: str = "") -> tuple[Operation, bool]:
        known = Operation.objects.filter(op_id=sent.op_id).first()
        if known is not None:
            return known, True
        time.sleep(0.05)  # other work on the way
        draft = visit_draft(sent.payload)
        operation = Operation(
            op_id=sent.op_id,
            user=user,
            kind=sent.kind,
            payload=sent.payload,
            payload_sha256=sent.sha256,
            organization=organization_concerned(user, draft.household_id),
            state=OperationState.APPLIED,
            visit=store_visit(gate=user, sender=user, draft=draft, source=Source.PHONE),
        )
        operation.receipt = receipt_of(operation)
        Operation.objects.bulk_create([operation], ignore_conflicts=True)
        return operation, False

    phones.receive_operation = receive


RECEIPT_CHECKED = "if ([201, 202].includes(answer?.status) && isReceiptOf(receipt, record)) {"
ANY_ANSWER = 'if (answer) {\n    await remove("outbox", op_id);\n    tell();\n    return "taken";'


def delete_on_any_answer(context: BrowserContext) -> None:
    """On the phone: whoever answers whatever, the record is done."""
    sender = Path(ROOT, "visits", "static", "visits", "sender.js").read_text()
    assert sender.count(RECEIPT_CHECKED) == 1
    changed = sender.replace(RECEIPT_CHECKED, ANY_ANSWER)
    context.route(
        "**/visits/sender.js", lambda route: route.fulfill(body=changed, content_type="text/javascript; charset=utf-8")
    )
