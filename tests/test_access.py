"""Every address with every duty, on rows of the own and of a foreign village.

Who may open what is written down here once; an address that is not written down fails the test.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from chishang.core.dates import today
from organizations.enums import DutyCode as D
from tests.factories import Town

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
READERS = ROWS | {D.DISCIPLINE_HEAD, D.DISCIPLINE_CLERK, D.DISTRICT_CLIENT}
"""Who sees members and organisational life, in their scope."""
KEEPERS = TOWN_WIDE | {D.AREA_LEADER, D.BRANCH_SECRETARY}
"""Who sees transfers, dues and development files, too."""
DUES = KEEPERS | {D.FINANCE_HEAD, D.ACCOUNTANT}
FINANCE = {D.FINANCE_HEAD, D.ACCOUNTANT}
MONEY = TOWN_WIDE | OTHER_OFFICES | {D.AREA_LEADER, D.BRANCH_SECRETARY, D.VILLAGE_AGENT, D.DISTRICT_CLIENT}
"""Who sees village money, in their scope."""
BENEFICIARIES = TOWN_WIDE | FINANCE | {D.VILLAGE_AGENT}
DISCIPLINE = {D.DISCIPLINE_HEAD, D.DISCIPLINE_CLERK}
LISTS = EVERYBODY - {D.VILLAGE_AGENT, D.SYSTEM_ADMINISTRATOR}

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
    **dict.fromkeys(("member", "memberchange", "meeting", "training", "trainingattendance"), READERS),
    **dict.fromkeys(("talent", "honour", "election"), READERS),
    **dict.fromkeys(("transfer", "developmentfile"), KEEPERS),
    **dict.fromkeys(("duesstandard", "duesexemption", "duespayment"), DUES),
    **dict.fromkeys(("occupation", "meetingkind", "meetingrule", "duesbracket", "developmentstep"), LISTS),
    **dict.fromkeys(("directive", "directivereceipt"), LISTS),
    "electionterm": READERS,
    "electionforecast": TOWN_WIDE,
    **dict.fromkeys(("account", "subject", "incomekind", "budget", "disbursement", "voucher"), MONEY),
    **dict.fromkeys(("collectiveincome", "dividendscheme", "dividend", "solarplant", "solarsettlement"), MONEY),
    "statement": MONEY,
    "issuedreport": TOWN_WIDE | {D.DISTRICT_CLIENT},
}
HIDDEN_OPEN = (
    *("timelimit", "measurerule", "leadsource", "feedbackcategory", "inspectionround", "feedbackissue"),
    *("responsibilitylist", "responsibilityitem", "integrityevent", "styleinspection", "powerlist"),
)
HIDDEN_SEALED = ("petition", "lead", "case", "sanction", "person", "criticism", "reading")
"""Registers that do not exist for other duties; the sealed ones neither take nor give sheets."""
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
    "organizations_directivereceipt": STAFF - {D.SYSTEM_ADMINISTRATOR},
    "organizations_election": READERS & STAFF,
    "organizations_electionterm": READERS & STAFF,
    "organizations_termrule": READERS & STAFF,
    "organizations_electionforecast": TOWN_WIDE,
    "organizations_journalentry": {D.TOWN_SECRETARY, D.OFFICE_HEAD, D.SYSTEM_ADMINISTRATOR},
    **dict.fromkeys(("members_member", "members_memberchange", "members_meeting"), READERS & STAFF),
    **dict.fromkeys(("members_training", "members_trainingattendance"), READERS & STAFF),
    **dict.fromkeys(("members_talent", "members_honour"), READERS & STAFF),
    "members_transfer": KEEPERS & STAFF,
    **dict.fromkeys(("members_occupation", "members_statisticband"), LISTS & STAFF),
    **dict.fromkeys(("members_meetingkind", "members_meetingrule"), LISTS & STAFF),
    **dict.fromkeys(("members_duesbracket", "members_developmentstep"), LISTS & STAFF),
    "members_developmentfile": KEEPERS & STAFF,
    **dict.fromkeys(("members_duesstandard", "members_duesexemption", "members_duespayment"), DUES & STAFF),
    **dict.fromkeys(("finance_account", "finance_subject", "finance_incomekind"), MONEY & STAFF),
    **dict.fromkeys(("finance_disclosurerule", "finance_period", "finance_budget"), MONEY & STAFF),
    **dict.fromkeys(("finance_budgetadjustment", "finance_assessment", "finance_disbursement"), MONEY & STAFF),
    **dict.fromkeys(("finance_voucher", "finance_collectiveincome", "finance_dividendscheme"), MONEY & STAFF),
    **dict.fromkeys(("finance_dividend", "finance_solarplant", "finance_solarsettlement"), MONEY & STAFF),
    "finance_statement": MONEY & STAFF,
    "finance_beneficiary": BENEFICIARIES & STAFF,
    **dict.fromkeys(("visits_operation", "visits_device"), TOWN_WIDE),
    "organizations_apicall": {D.SYSTEM_ADMINISTRATOR},
    "report_reporttemplate": TOWN_WIDE,
    "organizations_calendarday": PLACES - {D.AREA_LEADER, D.SYSTEM_ADMINISTRATOR},
    **dict.fromkeys((f"discipline_{name}" for name in (*HIDDEN_OPEN, *HIDDEN_SEALED)), DISCIPLINE),
}
NOT_IMPORTED = {
    *(f"discipline_{name}" for name in (*HIDDEN_SEALED, "feedbackissue")),
    *("organizations_user", "organizations_duty", "organizations_apikey", "organizations_journalentry"),
    *("members_memberchange", "members_transfer", "members_developmentfile"),
    *("finance_period", "finance_disbursement", "finance_voucher", "finance_statement"),
    *("organizations_apicall", "report_reporttemplate", "visits_operation", "visits_device"),
}
NO_SCOPE = {
    *("campaign", "issuecategory", "unit", "directive", "duty", "occupation", "meetingkind", "meetingrule"),
    *("duesbracket", "developmentstep", "electionterm", "termrule", "statisticband"),
    *("account", "subject", "incomekind", "disclosurerule", "period"),
    *(
        "calendarday",
        "reporttemplate",
        "issuedreport",
        "timelimit",
        "measurerule",
        "leadsource",
        "feedbackcategory",
        "inspectionround",
        "reading",
    ),
}
"""Lists that are the same for everybody."""
DISCLOSURE = {f"finance:disclosure{page}" for page in ("", "_village", "_statement", "_version")}
OPEN_TO_ALL = (
    {"login", "admin:login", "text-size"}
    | {f"visits:{page}" for page in ("shell", "outbox", "service_worker")}
    | DISCLOSURE
)
OWN_TESTS = {
    # Their answers depend on more than the duty and are tested where they belong.
    *("logout", "password_change", "admin:logout", "admin:password_change", "admin:password_change_done"),
    *("admin:jsi18n", "admin:view_on_site", "admin:autocomplete", "admin:search", "admin:app_list"),
    *("admin:ledgers_confirm", "schema", "api-docs", "visits:feedback", "visits:resubmit", "visits:receipt"),
    *("admin:organizations_user_code", "admin:organizations_apikey_revoke", "admin:visits_issue_move"),
    *("report-rows", "visits:household", "visits:record", "visits:issue", "visits:home", "visits:issues", "home"),
    *("report-api", "admin:index", "admin:ledgers", "terms", "directives", "sign_directive", "directivereceipt-sign"),
    *("changes", "changes-checksum", "report:report", "report:rows", "report:download", "report:issued-file"),
    *(f"report:snapshot{page}" for page in ("s", "", "-release", "-withdraw")),
    *(f"visits:{page}" for page in ("operations", "photo", "rollcall", "session", "reference")),
    *(f"admin:visits_operation_{page}" for page in ("apply", "dismiss", "photo", "exported", "exported_confirm")),
    "admin:visits_device_write_off",
    *(f"admin:report_reporttemplate_{page}" for page in ("file", "own", "words")),
    *("report:reconciliation", "report:reconciliation-rows", "admin:organizations_directive_issue"),
    *(f"members:{page}" for page in ("home", "member", "receive", "meetings", "record", "meeting", "calendar")),
    *(f"admin:members_member_{page}" for page in ("find", "record", "transfer", "take_back", "rejoin")),
    *("admin:members_member_void", "admin:members_member_reveal"),
    *("admin:members_transfer_receive", "admin:members_transfer_return"),
    *(f"admin:members_duespayment_{page}" for page in ("sheet", "arrears", "record", "reverse")),
    *(f"admin:members_developmentfile_{page}" for page in ("due", "step", "void", "stop")),
    *(f"finance:request{step}" for step in ("", "_new", "_edit", "_submit", "_seal", "_reject", "_withdraw", "_post")),
    *(f"finance:statement{step}" for step in ("", "_draft", "_check", "_release", "_withdraw")),
    *("finance:home", "finance:budgets", "finance:budget", "finance:income", "finance:voucher", "finance:reverse"),
    *("finance:statements", "admin:finance_dividend_pay", "admin:finance_dividend_split"),
    *(f"admin:finance_period_{step}" for step in ("close", "ask", "decline", "reopen")),
    *(f"admin:discipline_case_{step}" for step in ("assign", "assign_list", "end_access", "involve", "step")),
    *(f"admin:discipline_feedbackissue_{step}" for step in ("rectify", "return", "strike_off", "verify")),
    *(f"admin:discipline_lead_{step}" for step in ("assign", "finish", "link", "propose")),
    *(f"admin:discipline_petition_{step}" for step in ("acknowledge", "assign", "close")),
    *("admin:discipline_person_namesake", "admin:discipline_sanction_announce", "admin:discipline_sanction_report"),
    *("discipline:deadlines", "discipline:print"),
}


WRITTEN_ONCE = {"journalentry", "apicall"}
"""Registers without a history."""
NOT_EXPORTED = {"apikey", "operation", "device", *WRITTEN_ONCE}


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
    for name, allowed in API.items():
        address = reverse(f"{name}-list")
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


def sheets_of(name: str) -> tuple[set[D], set[D]]:
    """Who takes sheets into a register, unless it takes none, and who takes them out."""
    app, _, model = name.partition("_")
    if app == "discipline":
        return DISCIPLINE, DISCIPLINE if name not in NOT_IMPORTED else set()
    keepers = FINANCE if app == "finance" else OFFICE
    return keepers, TOWN_WIDE | (keepers & FINANCE) if model not in NOT_EXPORTED else set()


@pytest.mark.parametrize("duty", D)
def test_admin_registers(town: Town, rows: dict[str, tuple[Any, Any]], duty: D) -> None:
    client = signed_in(town, duty)
    for name, viewers in ADMIN_VIEW.items():
        base = f"/admin/{name.replace('_', '/', 1)}/"
        model = name.partition("_")[2]
        may = duty in viewers
        hidden = name.startswith("discipline_") and not may
        refused = 404 if hidden else 403
        list_status = client.get(base).status_code
        assert list_status == (200 if may else refused if duty in STAFF else 302), (duty, base)
        if model in NO_SCOPE or duty not in STAFF:
            continue
        own, foreign = rows[model]
        sees_foreign = may and duty not in LOCAL
        for path in ("change/", "history/") if model not in WRITTEN_ONCE else ("change/",):
            own_status = client.get(f"{base}{own.pk}/{path}").status_code
            foreign_status = client.get(f"{base}{foreign.pk}/{path}").status_code
            missing_status = client.get(f"{base}999999/{path}").status_code
            # Without the right to the register every row answers alike, so that none gives itself away.
            expected = (200, 200 if sees_foreign else 404, 404) if may else (refused,) * 3
            assert (own_status, foreign_status, missing_status) == expected, (duty, base, path)
        keepers, exporters = sheets_of(name)
        assert client.get(f"{base}export/").status_code == (200 if duty in exporters else refused), (duty, base)
        importers = keepers if name not in NOT_IMPORTED else set()
        assert client.get(f"{base}import/").status_code == (200 if duty in importers else refused), (duty, base)
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
def test_member_pages(town: Town, rows: dict[str, tuple[Any, Any]], duty: D) -> None:
    client, reads, records = signed_in(town, duty), duty in READERS, duty in VISITORS | OFFICE
    for path in ("/members/", "/members/meetings/", "/members/calendar/", "/report/members/", "/terms/"):
        answer = client.get(path)
        assert answer.status_code == (200 if reads else 403), (duty, path)
        assert not (duty in LOCAL and "外村的" in answer.content.decode()), (duty, path)
    for path, (own, foreign) in {"members/": rows["member"], "members/meetings/": rows["meeting"]}.items():
        expected = 404 if reads and duty in LOCAL else 200 if reads else 403
        assert client.get(f"/{path}{foreign.pk}/").status_code == expected, (duty, path)
        assert client.get(f"/{path}{own.pk}/").status_code == (200 if reads else 403), (duty, path)
    record = "/members/meetings/record/?branch="
    assert client.get(f"{record}{town.own.branch_id}").status_code == (200 if records else 403), duty
    expected = 404 if records and duty in LOCAL else 200 if records else 403
    assert client.get(f"{record}{town.foreign.branch_id}").status_code == expected, duty


@pytest.mark.parametrize("duty", D)
def test_signing_for_a_document(town: Town, rows: dict[str, tuple[Any, Any]], duty: D) -> None:
    client, (own, foreign) = signed_in(town, duty), rows["directivereceipt"]
    signs, page = duty == D.BRANCH_SECRETARY, client.get("/directives/")
    assert page.status_code == (200 if duty in LISTS else 403), duty
    assert not (duty in LOCAL and town.foreign.branch.name in page.content.decode()), duty
    assert client.post(f"/directives/{foreign.pk}/sign/").status_code == (404 if duty in LOCAL & LISTS else 403), duty
    assert client.post(f"/directives/{own.pk}/sign/").status_code == (302 if signs else 403), duty
    # Without the right anywhere every row answers alike, so that none gives itself away.
    api = "/api/v1/directive-receipts/{}/sign/"
    assert client.generic("POST", api.format(foreign.pk)).status_code == (404 if signs else 403), duty
    assert client.generic("POST", api.format(own.pk)).status_code == (200 if signs else 403), duty


@pytest.mark.parametrize("duty", D)
def test_api_takes_entries_of_those_who_may_make_them(town: Town, rows: dict[str, tuple[Any, Any]], duty: D) -> None:
    client = signed_in(town, duty)
    writers = {"meeting": VISITORS | OFFICE, "memberchange": OFFICE, "honour": OFFICE}
    for name, allowed in writers.items():
        answer = client.post(reverse(f"{name}-list"), {}, content_type="application/json")
        assert answer.status_code == (400 if duty in allowed else 403), (duty, name)


@pytest.mark.parametrize("duty", D)
def test_what_happens_to_a_member_is_recorded_by_the_office(
    town: Town, rows: dict[str, tuple[Any, Any]], duty: D
) -> None:
    client, (own, foreign) = signed_in(town, duty), rows["member"]
    for page in ("record", "transfer", "reveal"):
        for member in (own, foreign):
            status = client.get(f"/admin/members/member/{member.pk}/{page}/").status_code
            hidden = duty not in READERS or (duty == D.AREA_LEADER and member == foreign)
            expected = 302 if duty not in STAFF else 200 if duty in OFFICE else 404 if hidden else 403
            assert status == expected, (duty, page, member)


@pytest.mark.parametrize("duty", D)
def test_dues_and_development_pages(town: Town, rows: dict[str, tuple[Any, Any]], duty: D) -> None:
    client, base = signed_in(town, duty), "/admin/members"
    for pages, allowed in (
        ("duespayment/sheet/", DUES),
        ("duespayment/arrears/", DUES),
        ("developmentfile/due/", KEEPERS),
    ):
        answer = client.get(f"{base}/{pages}")
        assert answer.status_code == (302 if duty not in STAFF else 200 if duty in allowed else 403), (duty, pages)
        assert not (duty in LOCAL and "外村的" in answer.content.decode()), (duty, pages)
    for place, village in enumerate((town.own, town.foreign)):
        hidden = duty == D.AREA_LEADER and place == 1
        seen = 302 if duty not in STAFF else 403 if duty not in DUES else 404 if hidden else 200
        assert client.get(f"{base}/duespayment/sheet/?branch={village.branch_id}").status_code == seen, (duty, place)
        file = rows["developmentfile"][place]
        status = client.get(f"{base}/developmentfile/{file.pk}/stop/").status_code
        hidden = hidden or duty not in KEEPERS
        assert status == (302 if duty not in STAFF else 200 if duty in OFFICE else 404 if hidden else 403), duty


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
    own = rows["member"][0].pk
    pages = ("/", "/visits/", "/visits/issues/", "/members/", f"/members/{own}/", "/members/meetings/record/")
    pages += ("/finance/", "/finance/budgets/", "/finance/requests/new/", "/finance/income/", "/finance/statements/")
    pages += ("/directives/", "/report/members/", "/terms/", f"/admin/members/member/{own}/reveal/")
    for path in (*pages, "/admin/", "/admin/visits/issue/", "/admin/members/member/", "/admin/ledgers/"):
        answer = client.get(path, follow=True)
        assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next="), path
    for name in ("organizations", "villages", "households", "visits", "issues", "members", "report", "schema", "docs"):
        answer = client.get(f"/api/v1/{name}/")
        assert answer.status_code == 401, name
        expected = "text/html; charset=utf-8" if name == "docs" else "application/problem+json"
        assert answer.headers["Content-Type"] == expected, name
    assert client.post("/api/v1/visits/", {}, content_type="application/json").status_code == 401
