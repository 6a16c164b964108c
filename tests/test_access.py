"""Every address with every duty, on rows of the own and of a foreign village.

Who may open what is written down here once; an address that is not written down fails the test.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from chishang.core.dates import today
from organizations.enums import DutyCode as D
from organizations.models import AreaProject, Directive, DirectiveReceipt, VillageStatistic
from organizations.services import issue_api_key
from tests.factories import Town, UnitFactory

TOWN_WIDE = {D.TOWN_SECRETARY, D.OFFICE_HEAD, D.OFFICE_CLERK}
OFFICE = {D.OFFICE_HEAD, D.OFFICE_CLERK}
OTHER_OFFICES = {D.DISCIPLINE_HEAD, D.DISCIPLINE_CLERK, D.FINANCE_HEAD, D.ACCOUNTANT}
VISITORS = {D.BRANCH_SECRETARY, D.FIRST_SECRETARY, D.VILLAGE_INSTRUCTOR}
LOCAL = VISITORS | {D.AREA_LEADER, D.VILLAGE_AGENT}
"""Duties that see their own village only."""
STAFF = TOWN_WIDE | OTHER_OFFICES | {D.AREA_LEADER, D.SYSTEM_ADMINISTRATOR}
EVERYBODY = set(D)
ROWS = TOWN_WIDE | VISITORS | {D.AREA_LEADER}
"""Who sees households, visits and issues, in their scope."""
PLACES = TOWN_WIDE | OTHER_OFFICES | {D.AREA_LEADER, D.SYSTEM_ADMINISTRATOR}

API = {
    "organization": EVERYBODY,
    "area": EVERYBODY,
    "village": EVERYBODY,
    "campaign": EVERYBODY - {D.SYSTEM_ADMINISTRATOR},
    "issuecategory": EVERYBODY - {D.SYSTEM_ADMINISTRATOR},
    "unit": EVERYBODY - {D.SYSTEM_ADMINISTRATOR},
    "household": ROWS | {D.DISTRICT_CLIENT},
    "visit": ROWS | {D.DISTRICT_CLIENT},
    "issue": ROWS | {D.DISTRICT_CLIENT},
}
ADMIN_VIEW = {
    "organizations_organization": PLACES,
    "organizations_village": PLACES,
    "organizations_area": PLACES,
    "organizations_appointment": PLACES,
    "organizations_directive": STAFF - {D.SYSTEM_ADMINISTRATOR},
    "organizations_duty": PLACES,
    "organizations_user": TOWN_WIDE | {D.SYSTEM_ADMINISTRATOR},
    "organizations_apikey": {D.SYSTEM_ADMINISTRATOR},
    "visits_campaign": STAFF - {D.SYSTEM_ADMINISTRATOR},
    "visits_issuecategory": STAFF - {D.SYSTEM_ADMINISTRATOR},
    "visits_unit": STAFF - {D.SYSTEM_ADMINISTRATOR},
    "visits_household": TOWN_WIDE | {D.AREA_LEADER},
    "visits_visit": TOWN_WIDE | {D.AREA_LEADER},
    "visits_issue": TOWN_WIDE | {D.AREA_LEADER},
}
IMPORTS = {"organizations_user": set(), "organizations_duty": set(), "organizations_apikey": set()}
NO_SCOPE = {"campaign", "issuecategory", "unit", "directive", "duty"}
"""Lists that are the same for everybody."""
OPEN_TO_ALL = {"login", "admin:login"}
OWN_TESTS = {
    # Their answers depend on more than the duty and are tested where they belong.
    *("logout", "password_change", "admin:logout", "admin:password_change", "admin:password_change_done"),
    *("admin:jsi18n", "admin:view_on_site", "admin:autocomplete", "admin:search", "admin:app_list"),
    *("admin:ledgers_confirm", "schema", "api-docs", "visits:feedback", "visits:resubmit", "visits:receipt"),
    *("admin:organizations_user_code", "admin:organizations_apikey_revoke", "admin:visits_issue_move"),
    *("report-rows", "visits:household", "visits:record", "visits:issue", "visits:home", "visits:issues", "home"),
    *("report-api", "admin:index", "admin:ledgers"),
}


@pytest.fixture
def rows(town: Town) -> dict[str, tuple[Any, Any]]:
    """A row of the own village and one of the foreign, for each model with a scope."""
    own = town.record(town.own_household, "本村的问题")
    foreign = town.record(town.foreign_household, "外村的问题")
    UnitFactory()
    for village in (town.own, town.foreign):
        VillageStatistic.objects.create(village=village, year=2017, households=10, population=30)
        AreaProject.objects.create(area=village.area, name="项目")
    directive = Directive.objects.create(number="池发〔2017〕1号", title="通知", issued_on=today())
    for village in (town.own, town.foreign):
        DirectiveReceipt.objects.create(directive=directive, organization=village.branch, issued_on=today())
    appointments = town.people[D.BRANCH_SECRETARY].appointments.get(), town.people[D.OFFICE_CLERK].appointments.get()
    key, _ = issue_api_key(
        actor=None, user=town.people[D.DISTRICT_CLIENT], name="区", expires_at=timezone.now() + timedelta(days=1)
    )
    return {
        "organization": (town.own.branch, town.foreign.branch),
        "area": (town.own.area, town.foreign.area),
        "village": (town.own, town.foreign),
        "household": (town.own_household, town.foreign_household),
        "visit": (own, foreign),
        "issue": (own.issues.get(), foreign.issues.get()),
        "appointment": appointments,
        "user": (town.people[D.BRANCH_SECRETARY], town.people[D.OFFICE_CLERK]),
        "apikey": (key, key),
    }


def signed_in(town: Town, duty: D) -> Client:
    client = Client()
    client.force_login(town.people[duty], backend="organizations.backends.AppointmentBackend")
    return client


def patterns(resolver: Any = None, namespace: str = "") -> Iterator[str]:
    """Every named address."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{entry.namespace}:" if entry.namespace else ""
            yield from patterns(entry, namespace + inner)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{namespace}{entry.name}"


def test_every_address_is_written_down() -> None:
    known = set(OPEN_TO_ALL) | OWN_TESTS
    known |= {f"{name}-{kind}" for name in API for kind in ("list", "detail")}
    kinds = ("changelist", "add", "change", "delete", "history", "import", "export", "process_import")
    known |= {f"admin:{name}_{kind}" for name in ADMIN_VIEW for kind in kinds}
    found = {name for name in patterns() if not name.startswith("admin:unfold")}
    unknown = {name for name in found - known if not name.endswith(("_toggle_sidebar", "_actions"))}
    assert unknown == set()
    assert len(found) >= 120


@pytest.mark.parametrize("duty", D)
def test_api_lists_and_rows(town: Town, rows: dict[str, tuple[Any, Any]], duty: D) -> None:
    client = signed_in(town, duty)
    plural = {"issuecategory": "categories", "category": "categories"}
    for name, allowed in API.items():
        address = f"/api/v1/{plural.get(name, f'{name}s')}/"
        answer = client.get(address)
        assert answer.status_code == (200 if duty in allowed else 403), (duty, address)
        if name not in NO_SCOPE:
            own, foreign = rows[name]
            sees_foreign = duty in allowed and duty not in LOCAL
            keys = {row["id"] for row in answer.json().get("results", [])}
            assert (own.pk in keys, foreign.pk in keys) == (duty in allowed, sees_foreign), (duty, name)
            expected = 200 if sees_foreign else 404 if duty in allowed else 403
            assert client.get(f"{address}{foreign.pk}/").status_code == expected, (duty, name)
            assert client.get(f"{address}{own.pk}/").status_code == (200 if duty in allowed else 403), (duty, name)
        for method in ("put", "patch", "delete"):
            assert getattr(client, method)(f"{address}1/").status_code in {403, 404, 405}, (duty, name, method)


@pytest.mark.parametrize("duty", D)
def test_admin_registers(town: Town, rows: dict[str, tuple[Any, Any]], duty: D) -> None:
    client = signed_in(town, duty)
    for name, viewers in ADMIN_VIEW.items():
        base = f"/admin/{name.replace('_', '/', 1)}/"
        model = name.partition("_")[2]
        may = duty in viewers
        list_status = client.get(base).status_code
        assert list_status == (200 if may else 403 if duty in STAFF else 302), (duty, base)
        if model in NO_SCOPE or duty not in STAFF:
            continue
        own, foreign = rows[model]
        sees_foreign = may and duty not in LOCAL
        for path in ("change/", "history/"):
            own_status = client.get(f"{base}{own.pk}/{path}").status_code
            foreign_status = client.get(f"{base}{foreign.pk}/{path}").status_code
            missing_status = client.get(f"{base}999999/{path}").status_code
            # Without the right to the register every row answers alike, so that none gives itself away.
            expected = (200, 200 if sees_foreign else 404, 404) if may else (403, 403, 403)
            assert (own_status, foreign_status, missing_status) == expected, (duty, base, path)
        exporters = TOWN_WIDE if model != "apikey" else set()
        assert client.get(f"{base}export/").status_code == (200 if duty in exporters else 403), (duty, base)
        importers = OFFICE if name not in IMPORTS else set()
        assert client.get(f"{base}import/").status_code == (200 if duty in importers else 403), (duty, base)
        assert client.post(f"{base}{own.pk}/delete/", {"post": "yes"}).status_code in {403, 404}, (duty, base)


@pytest.mark.parametrize("duty", D)
def test_visit_pages(town: Town, rows: dict[str, tuple[Any, Any]], duty: D) -> None:
    client = signed_in(town, duty)
    records = VISITORS | OFFICE | {D.AREA_LEADER}
    own, foreign = rows["household"]
    status = client.get("/visits/", follow=True).status_code
    assert status == (200 if duty in records else 403), duty
    expected = 200 if duty in records else 403
    assert client.get(f"/visits/households/{own.pk}/record/", follow=True).status_code == expected, duty
    expected = 404 if duty in LOCAL & records else expected
    assert client.get(f"/visits/households/{foreign.pk}/record/", follow=True).status_code == expected, duty
    own_issue, foreign_issue = rows["issue"]
    sees_foreign = client.get(f"/visits/issues/{foreign_issue.pk}/").status_code == 200
    assert sees_foreign == (duty in records - LOCAL), duty
    assert (client.get(f"/visits/issues/{own_issue.pk}/").status_code == 200) == (duty in records), duty


@pytest.mark.parametrize("duty", D)
def test_report_counts_only_what_the_duty_sees(town: Town, rows: dict[str, tuple[Any, Any]], duty: D) -> None:
    answer = signed_in(town, duty).get(f"/api/v1/report/?as_of={today().isoformat()}")
    if answer.status_code == 403:
        assert duty in {D.VILLAGE_AGENT, D.SYSTEM_ADMINISTRATOR} | OTHER_OFFICES
        return
    value = answer.json()["figures"]["issues.raised"]["value"]
    expected = None if duty not in API["issue"] else 1 if duty in LOCAL else 2
    assert value == expected, duty


def test_anonymous_gets_the_sign_in_page_or_401(town: Town, rows: dict[str, tuple[Any, Any]]) -> None:
    client = Client()
    for path in ("/", "/visits/", "/visits/issues/", "/admin/", "/admin/visits/issue/", "/admin/ledgers/"):
        answer = client.get(path, follow=True)
        assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next="), path
    for name in ("organizations", "villages", "households", "visits", "issues", "report", "schema", "docs"):
        answer = client.get(f"/api/v1/{name}/")
        assert answer.status_code == 401, name
        expected = "text/html; charset=utf-8" if name == "docs" else "application/problem+json"
        assert answer.headers["Content-Type"] == expected, name
    assert client.post("/api/v1/visits/", {}, content_type="application/json").status_code == 401
