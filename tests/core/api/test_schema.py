"""The API does what its schema says: every address for several duties, and no query or body makes it fall over."""

import json
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
import yaml
from django.conf import settings as django_settings
from django.test import Client
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from chishang.core.dates import today
from chishang.core.scoping import Scope
from members.models import MeetingKind, Talent
from organizations.enums import DutyCode
from tests.api import api_client
from tests.factories import HouseholdFactory, Town, UnitFactory
from tests.layers import BUILDERS, Content
from tests.members.life import make_member
from tests.registers import HELD_ON, fill_registers
from tests.report.issuing import make_released
from visits.enums import MoveCode
from visits.models import Household, IssueCategory
from visits.services import MoveFacts, move_issue

DUTIES = [
    DutyCode.OFFICE_HEAD,
    DutyCode.BRANCH_SECRETARY,
    DutyCode.ACCOUNTANT,
    DutyCode.DISTRICT_CLIENT,
    DutyCode.SYSTEM_ADMINISTRATOR,
]
READERS = {DutyCode.OFFICE_HEAD, DutyCode.BRANCH_SECRETARY, DutyCode.DISTRICT_CLIENT}
FORECASTS = "election-forecasts"
CLOSED = {
    DutyCode.OFFICE_HEAD: {"changes"},
    DutyCode.BRANCH_SECRETARY: {FORECASTS, "changes", "issued-reports"},
    DutyCode.DISTRICT_CLIENT: {
        *(FORECASTS, "transfers", "development-files"),
        *("dues-standards", "dues-exemptions", "dues-payments"),
    },
}
"""Lists that the readers of all others may not read."""
WRONG = (
    "", "abc", "-1", "1.5", "9" * 30, "9" * 5000, "a\x00b", "😀", "'; --", "%",
    "2017-02-30", "0000-00-00", "9999-12-31",
)  # fmt: skip
QUICK = settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@cache
def document() -> dict[str, Any]:
    """The schema as it is served, read like the client reads it."""
    text = (django_settings.BASE_DIR / "docs" / "openapi.yaml").read_text()
    return yaml.safe_load(text)


PATHS = sorted(document()["paths"])
READ = [path for path in PATHS if "get" in document()["paths"][path]]


def check(response: Any, operation: dict[str, Any]) -> None:
    """The status is one that the operation names, and the body fits its description."""
    assert str(response.status_code) in operation["responses"], response.content[:500]
    media, described = next(iter(operation["responses"][str(response.status_code)]["content"].items()))
    assert response.headers["Content-Type"] == media
    validator(json.dumps(described["schema"])).validate(response.json())


@cache
def validator(schema: str) -> Draft202012Validator:
    """A validator of ``schema`` (JSON) with the components of the document."""
    return Draft202012Validator(
        {**json.loads(schema), "components": document()["components"]}, format_checker=FormatChecker()
    )


def fill(town: Town) -> Town:
    """Rows of every kind in the own village, and others in the foreign one."""
    clerk = town.people[DutyCode.OFFICE_CLERK]
    for village, household in ((town.own, town.own_household), (town.foreign, town.foreign_household)):
        fill_registers(village, clerk)
        issue = town.record(household, "自来水浑浊", "路不平").issues.earliest("pk")
        move_issue(actor=clerk, issue=issue, move=MoveCode.ACCEPT, facts=MoveFacts())
        facts = MoveFacts(unit=UnitFactory(), assignee=clerk, due_on=today())
        move_issue(actor=clerk, issue=issue, move=MoveCode.ASSIGN, facts=facts)
        move_issue(actor=clerk, issue=issue, move=MoveCode.RESOLVE, facts=MoveFacts(note="换了水泵"))
    make_released(town)
    return town


BUILDERS["laid_full"] = lambda content: fill(content["laid_town"])


@pytest.fixture
def laid_full(laid_town: Town, laid: Content) -> Town:
    return laid["laid_full"]


@pytest.fixture
def full(laid_full: Town) -> Town:
    """The town with rows of every kind."""
    return laid_full


def address(path: str, town: Town) -> str:
    """``path`` with the key of an own row, or of one of the whole town."""
    if "{id}" in path:
        model = resolve(path.replace("{id}", "1")).func.cls.queryset.model
        own, whole = (Scope(organization_ids=frozenset({key})) for key in (town.own.branch_id, town.root.pk))
        row = model.objects.within(own).order_by("pk").first() or model.objects.within(whole).earliest("pk")
        path = path.replace("{id}", str(row.pk))
    return path.replace("{key}", "issues.raised")


def test_snapshot_is_what_the_portal_serves() -> None:
    served = json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))

    assert served == json.loads(json.dumps(document(), default=str))


def test_validator_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValidationError):
        validator('{"$ref": "#/components/schemas/PaginatedIssueList"}').validate(
            {"next": None, "results": [{"id": 1}]}
        )


@pytest.mark.parametrize("path", READ)
def test_answer_fits_the_schema(full: Town, path: str) -> None:
    for duty in DUTIES:
        response = api_client(full.people[duty]).get(address(path, full))

        check(response, document()["paths"][path]["get"])
        if duty in READERS:
            closed = path.split("/")[3] in CLOSED.get(duty, ())
            assert response.status_code == (403 if closed else 200), duty
            assert response.json().get("results") != [], duty


@pytest.mark.parametrize("path", PATHS)
def test_anonymous_call_is_401_whatever_the_method(db: None, path: str) -> None:
    for method, operation in document()["paths"][path].items():
        response = getattr(Client(), method)(path.replace("{id}", "1").replace("{key}", "issues.raised"))
        assert response.status_code == 401
        check(response, operation)


@pytest.mark.parametrize("path", READ)
def test_any_value_of_any_parameter_is_answered_or_refused(full: Town, path: str) -> None:
    duty = DutyCode.DISTRICT_CLIENT if "/changes/" in path else DutyCode.OFFICE_HEAD
    client, operation = api_client(full.people[duty]), document()["paths"][path]["get"]
    names = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]

    for name in [*names, "unknown"]:
        for value in WRONG:
            response = client.get(address(path, full), {name: value})
            assert response.status_code in ({406, 200} if name == "format" else {200, 400, 404}), (name, value)
            check(response, operation)


@pytest.mark.parametrize("path", [path for path in READ if "{" in path])
def test_any_key_in_the_address_is_answered_or_refused(town: Town, path: str) -> None:
    client = api_client(town.people[DutyCode.OFFICE_HEAD])

    for value in ("0", "-1", "abc", "9" * 30, "9" * 500, "%00", "%F0%9F%98%80", "1%2F2", "..%2F"):
        response = client.get(path.replace("{id}", value).replace("{key}", value))
        assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json"), value


def test_any_query_of_issues_is_answered_or_refused(full: Town) -> None:
    client, operation = api_client(full.people[DutyCode.OFFICE_HEAD]), document()["paths"]["/api/v1/issues/"]["get"]
    names = [one["name"] for one in operation["parameters"]]
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
    values = st.one_of(texts, st.integers().map(str), st.dates().map(str), st.sampled_from(WRONG))

    @QUICK
    @given(st.dictionaries(st.sampled_from(names), values, max_size=4))
    def ask(query: dict[str, str]) -> None:
        response = client.get("/api/v1/issues/", query)
        assert response.status_code in {200, 400}
        check(response, operation)

    ask()


def anything() -> Any:
    """Any JSON."""
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    leaves = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts
    )
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=8)


def test_any_body_of_a_visit_is_recorded_or_refused(full: Town) -> None:
    client, operation = api_client(full.people[DutyCode.OFFICE_HEAD]), document()["paths"]["/api/v1/visits/"]["post"]
    category = IssueCategory.objects.earliest("pk").pk
    fields = list(document()["components"]["schemas"]["VisitEntryRequest"]["properties"])

    @QUICK
    @given(st.dictionaries(st.sampled_from([*fields, "unknown"]), anything(), min_size=1, max_size=3), anything())
    def send(change: dict[str, Any], issue: Any) -> None:
        household: Household = HouseholdFactory(village=full.own)
        entry = {
            "op_id": str(uuid4()),
            "household": household.pk,
            "visited_on": today().isoformat(),
            "issues": [{"category": category, "description": "路不平"}, issue],
        }
        response = client.post("/api/v1/visits/", json.dumps(entry | change), content_type="application/json")
        assert response.status_code in {201, 400, 422}
        check(response, operation)

    send()


@pytest.mark.parametrize(
    ("path", "name"), [("meetings", "Meeting"), ("member-changes", "MemberChange"), ("honours", "Honour")]
)
def test_any_body_of_an_entry_is_stored_or_refused(full: Town, path: str, name: str) -> None:
    address, client = f"/api/v1/{path}/", api_client(full.people[DutyCode.OFFICE_HEAD])
    operation = document()["paths"][address]["post"]
    fields = list(document()["components"]["schemas"][f"{name}EntryRequest"]["properties"])
    entries: dict[str, Any] = {
        "meetings": lambda text: {
            "organization": full.own.branch_id, "held_on": HELD_ON.isoformat(), "topic": text,
            "kind": MeetingKind.objects.earliest("pk").pk, "due": 3, "present": 3,
        },
        "member-changes": lambda text: {
            "member": make_member(full.own.branch, text).pk, "kind": "floated", "occurred_on": today().isoformat(),
        },
        "honours": lambda text: {
            "talent": Talent.objects.earliest("pk").pk, "title": text, "level": "town", "granted_by": "镇党委",
            "granted_on": {"date": "2017-01-01", "precision": "year"},
        },
    }  # fmt: skip

    @QUICK
    @given(st.dictionaries(st.sampled_from([*fields, "unknown"]), anything(), max_size=2))
    def send(change: dict[str, Any]) -> None:
        entry = entries[path](uuid4().hex) | change
        response = client.post(address, json.dumps(entry), content_type="application/json")
        assert response.status_code in ({201, 400} if change else {201})
        check(response, operation)

    send()
