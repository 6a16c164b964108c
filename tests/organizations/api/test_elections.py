"""Elections, forecasts and directives: rows, filters, scope, and signing for a document."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from chishang.core.dates import today
from organizations.enums import DutyCode, ElectionBody
from organizations.models import Directive, DirectiveReceipt, Election
from tests.api import api_client, keys_of
from tests.factories import Town, VillageFactory, appoint
from tests.registers import fill_registers

BASE = "/api/v1"
SECRETARY, CLERK = DutyCode.BRANCH_SECRETARY, DutyCode.OFFICE_CLERK


@pytest.fixture
def office(town: Town) -> Client:
    return api_client(town.people[CLERK])


@pytest.fixture
def secretary(town: Town) -> Client:
    return api_client(town.people[SECRETARY])


@pytest.fixture
def own(town: Town) -> dict[str, Any]:
    return fill_registers(town.own, town.people[CLERK])


@pytest.fixture
def foreign(town: Town) -> dict[str, Any]:
    return fill_registers(town.foreign, town.people[CLERK])


def sign(client: Client, key: int, body: Any = None) -> HttpResponse:
    address = f"{BASE}/directive-receipts/{key}/sign/"
    if body is None:
        return client.generic("POST", address)
    return client.post(address, body, content_type="application/json")


def test_election_shows_village_and_result(town: Town, own: dict[str, Any], secretary: Client) -> None:
    election = own["election"]

    assert secretary.get(f"{BASE}/elections/{election.pk}/").json() == {
        "id": election.pk,
        "term": {"id": election.term_id, "name": "2017年村“两委”换届"},
        "village": {"id": town.own.pk, "name": "本村"},
        "body": "branch",
        "completed_on": "2017-11-20",
        "due": 20,
        "present": 18,
        "elected_name": "本村的书记",
        "re_elected": None,
        "result": "",
    }


@pytest.mark.parametrize(("kind", "name"), [("elections", "election"), ("directive-receipts", "directivereceipt")])
def test_foreign_rows_are_404_and_not_listed(
    own: dict[str, Any], foreign: dict[str, Any], secretary: Client, office: Client, kind: str, name: str
) -> None:
    mine, theirs = own[name].pk, foreign[name].pk

    assert keys_of(secretary, f"{BASE}/{kind}/") == [mine]
    assert keys_of(office, f"{BASE}/{kind}/") == [mine, theirs]
    for missing in (theirs, 10**6, 10**30):
        assert secretary.get(f"{BASE}/{kind}/{missing}/").status_code == 404


@pytest.mark.parametrize("duty", DutyCode)
def test_forecast_is_for_the_office_and_the_town_secretary_only(
    town: Town, own: dict[str, Any], foreign: dict[str, Any], duty: DutyCode
) -> None:
    client = api_client(town.people[duty])
    allowed = duty in {DutyCode.TOWN_SECRETARY, DutyCode.OFFICE_HEAD, DutyCode.OFFICE_CLERK}

    for key in (own["electionforecast"].pk, 10**6):
        status = client.get(f"{BASE}/election-forecasts/{key}/").status_code
        assert status == (403 if not allowed else 200 if key == own["electionforecast"].pk else 404)
    for kind in ("election-forecasts", "elections", "election-terms", "villages", "organizations"):
        told = any(word in client.get(f"{BASE}/{kind}/").content.decode() for word in ("宗族矛盾", "complex"))
        assert told == (allowed and kind == "election-forecasts"), kind
    rows = client.get(f"{BASE}/report/elections.assessed/rows/?as_of=2017-12-31").content.decode()
    assert "宗族矛盾" not in rows
    assert "complex" not in rows


def test_filters_narrow_the_lists(town: Town, own: dict[str, Any], foreign: dict[str, Any], office: Client) -> None:
    election, receipt = own["election"], own["directivereceipt"]
    open_one = Election.objects.create(term=election.term, village=town.own, body=ElectionBody.COMMITTEE)
    DirectiveReceipt.objects.filter(pk=receipt.pk).update(signed_on=today())
    later = Directive.objects.create(number="池发〔2018〕1号", title="通知", issued_on=date(2018, 1, 1))

    for kind, query, expected in [
        ("elections", f"village={town.own.pk}&term={election.term_id}", [election.pk, open_one.pk]),
        ("elections", "body=committee", [open_one.pk]),
        ("elections", "completed=false", [open_one.pk]),
        ("elections", "completed=true&body=branch", [election.pk, foreign["election"].pk]),
        ("elections", "completed_after=2017-11-20&completed_before=2017-11-19", []),
        ("election-forecasts", f"village={town.own.pk}&level=complex", [own["electionforecast"].pk]),
        ("election-forecasts", "level=stable", []),
        ("directives", "issued_before=2018-01-01", [later.pk]),
        ("directive-receipts", "unsigned=true", [foreign["directivereceipt"].pk]),
        ("directive-receipts", "unsigned=false", [receipt.pk]),
        ("directive-receipts", f"directive={later.pk}", []),
        ("directive-receipts", f"organization={town.own.branch_id}", [receipt.pk]),
    ]:
        assert keys_of(office, f"{BASE}/{kind}/?{query}") == expected, (kind, query)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("elections", "village"), ("directive-receipts", "organization")],
)
def test_foreign_key_in_a_filter_is_answered_like_one_that_does_not_exist(
    town: Town, foreign: dict[str, Any], secretary: Client, kind: str, name: str
) -> None:
    key = town.foreign.pk if name == "village" else town.foreign.branch_id

    answers = [secretary.get(f"{BASE}/{kind}/", {name: one}) for one in (key, 10**6, 10**30)]

    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize("query", ["body=party", "unsigned=maybe", "completed=1", "risks=x", "completed_after=2017"])
def test_unknown_filter_or_value_is_refused(office: Client, query: str) -> None:
    kind = "directive-receipts" if query.startswith("unsigned") else "elections"
    response = office.get(f"{BASE}/{kind}/?{query}")

    assert (response.status_code, list(response.json()["errors"])) == (400, [query.partition("=")[0]])


def test_secretary_signs_for_a_document_and_the_first_signature_stays(
    town: Town, own: dict[str, Any], secretary: Client
) -> None:
    key = own["directivereceipt"].pk
    assert secretary.get(f"{BASE}/directive-receipts/{key}/").json()["signed_on"] is None

    body = sign(secretary, key).json()
    DirectiveReceipt.objects.filter(pk=key).update(signed_on=today() - timedelta(days=1))
    deputy = town.people[DutyCode.VILLAGE_AGENT]
    appoint(deputy, SECRETARY, town.own.branch)
    again = sign(api_client(deputy), key, {})

    signer = town.people[SECRETARY]
    assert (body["signed_on"], body["signed_by"]) == (today().isoformat(), {"id": signer.pk, "name": signer.name})
    assert again.status_code == 200
    assert again.json()["signed_by"] == body["signed_by"]
    assert again.json()["signed_on"] == (today() - timedelta(days=1)).isoformat()


def test_signing_is_for_the_secretary_of_the_branch(
    town: Town, own: dict[str, Any], foreign: dict[str, Any], secretary: Client, office: Client
) -> None:
    for missing in (foreign["directivereceipt"].pk, 10**6, 10**30):
        assert sign(secretary, missing).status_code == 404
    assert sign(office, own["directivereceipt"].pk).status_code == 403
    assert sign(Client(), own["directivereceipt"].pk).status_code == 401
    # Whoever reads the whole town and signs for one branch only sees the other's receipt, but cannot sign it.
    appoint(town.people[SECRETARY], CLERK, town.root)
    both = api_client(town.people[SECRETARY])
    assert both.get(f"{BASE}/directive-receipts/{foreign['directivereceipt'].pk}/").status_code == 200
    assert sign(both, foreign["directivereceipt"].pk).status_code == 403

    assert not DirectiveReceipt.objects.filter(signed_on__isnull=False).exists()


def test_signing_takes_no_words(own: dict[str, Any], secretary: Client) -> None:
    response = sign(secretary, own["directivereceipt"].pk, {"signed_on": "2017-01-01"})

    assert (response.status_code, list(response.json()["errors"])) == (400, ["signed_on"])
    assert secretary.get(f"{BASE}/directive-receipts/{own['directivereceipt'].pk}/sign/").status_code == 405
    assert not DirectiveReceipt.objects.filter(signed_on__isnull=False).exists()


@pytest.mark.parametrize(
    ("kind", "queries"),
    [("elections", 11), ("election-forecasts", 11), ("directive-receipts", 11)],
)
@pytest.mark.parametrize("more", [0, 2])
def test_lists_take_the_same_number_of_queries_for_more_rows(
    town: Town, kind: str, queries: int, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1 + more):
        village = VillageFactory(branch__parent=town.own.branch) if number else town.own
        rows = fill_registers(village, town.people[CLERK])
        DirectiveReceipt.objects.filter(pk=rows["directivereceipt"].pk).update(
            signed_on=today(), signed_by=town.people[SECRETARY]
        )
    client = api_client(town.people[CLERK])

    with django_assert_num_queries(queries):
        response = client.get(f"{BASE}/{kind}/")

    assert len(response.json()["results"]) == 1 + more
