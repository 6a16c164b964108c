"""The pages and steps of village money with every duty, on rows of the own and of a foreign village."""

from typing import Any

import pytest

from organizations.enums import DutyCode as D
from tests.factories import Town
from tests.test_access import FINANCE, LOCAL, MONEY, TOWN_WIDE, signed_in


@pytest.mark.parametrize("duty", D)
def test_money_pages(town: Town, rows: dict[str, tuple[Any, Any]], duty: D) -> None:
    client, reads = signed_in(town, duty), duty in MONEY
    for path in ("", "budgets/", "income/", "statements/"):
        answer = client.get(f"/finance/{path}")
        assert answer.status_code == (200 if reads else 403), (duty, path)
        assert not (duty in LOCAL and "外村" in answer.content.decode()), (duty, path)
    names = {"requests": "disbursement", "vouchers": "voucher", "budgets": "budget", "statements": "statement"}
    for path, name in names.items():
        own, foreign = rows[name]
        expected = 404 if reads and duty in LOCAL else 200 if reads else 403
        assert client.get(f"/finance/{path}/{foreign.pk}/").status_code == expected, (duty, path)
        assert client.get(f"/finance/{path}/{own.pk}/").status_code == (200 if reads else 403), (duty, path)


STEPS = {
    "requests/{}/submit/": FINANCE | {D.VILLAGE_AGENT},
    "requests/{}/seal/": FINANCE | {D.TOWN_SECRETARY},
    "requests/{}/reject/": FINANCE | {D.TOWN_SECRETARY},
    "requests/{}/withdraw/": FINANCE | {D.VILLAGE_AGENT},
    "requests/{}/post/": FINANCE,
    "statements/{}/check/": {D.VILLAGE_AGENT, D.BRANCH_SECRETARY},
    "statements/{}/release/": TOWN_WIDE | FINANCE,
    "statements/{}/withdraw/": FINANCE | {D.VILLAGE_AGENT},
}


@pytest.mark.parametrize("duty", D)
def test_steps_with_money(town: Town, rows: dict[str, tuple[Any, Any]], duty: D) -> None:
    client = signed_in(town, duty)
    for path, allowed in STEPS.items():
        own, foreign = rows["statement" if path.startswith("statements") else "disbursement"]
        hidden = duty in LOCAL & MONEY
        data = {"kind": "approve" if duty == D.TOWN_SECRETARY else "check"}
        status = client.post("/finance/" + path.format(foreign.pk), data).status_code
        assert status in ({404} if hidden else {403} if duty not in allowed else {302, 403, 409, 422}), (duty, path)
        status = client.post("/finance/" + path.format(own.pk), data).status_code
        assert status in ({302, 403, 409, 422} if duty in allowed else {403}), (duty, path, status)
