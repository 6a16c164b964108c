"""Elections, the confidential pre-assessment and the journal in the admin, and their import."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from chishang.core.dates import today
from organizations.enums import DutyCode, ElectionBody, ForecastLevel, JournalAction
from organizations.models import Election, ElectionForecast, ElectionTerm, JournalEntry, Organization, Village
from organizations.resources import (
    ElectionForecastResource,
    ElectionResource,
    ElectionTermResource,
    OrganizationResource,
    TermRuleResource,
)
from organizations.services import write_journal
from tests.core.test_resources import sheet
from tests.factories import Town, UserFactory, VillageFactory, appoint
from tests.organizations.test_admin import sign_in

LISTS = "/admin/organizations/"
HEAD, CLERK, LEADER = DutyCode.OFFICE_HEAD, DutyCode.OFFICE_CLERK, DutyCode.AREA_LEADER
CONFIDENTIAL = "宗族矛盾较多"


@pytest.fixture
def term(town: Town) -> ElectionTerm:
    return ElectionTerm.objects.create(name="2017年村“两委”换届", year=2017)


def election(term: ElectionTerm, village: Village, body: str = ElectionBody.BRANCH, **values: Any) -> Election:
    return Election.objects.create(term=term, village=village, body=body, **values)


@pytest.fixture
def forecasts(town: Town, term: ElectionTerm) -> list[ElectionForecast]:
    return [
        ElectionForecast.objects.create(
            term=term, village=village, assessed_on=date(2017, 9, 1), level=ForecastLevel.COMPLEX, risks=CONFIDENTIAL
        )
        for village in (town.own, town.foreign)
    ]


def test_list_shows_only_rows_of_the_place(client: Client, town: Town, term: ElectionTerm) -> None:
    rows = [election(term, village) for village in (town.own, town.foreign)]
    page = sign_in(client, town, LEADER).get(f"{LISTS}election/").content.decode()
    assert "本村" in page
    assert "外村" not in page
    for path in ("change", "history"):
        assert client.get(f"{LISTS}election/{rows[0].pk}/{path}/").status_code == 200
        assert client.get(f"{LISTS}election/{rows[1].pk}/{path}/").status_code == 404


@pytest.mark.parametrize("register", ["election", "electionforecast", "electionterm", "termrule", "journalentry"])
def test_list_takes_the_same_queries_for_one_row_and_three(
    client: Client, town: Town, term: ElectionTerm, register: str, django_assert_num_queries: Any
) -> None:
    expected = {"election": 16, "electionforecast": 14, "electionterm": 12, "termrule": 12, "journalentry": 15}
    sign_in(client, town, HEAD)

    def add() -> None:
        village = VillageFactory(branch__parent=town.root)
        election(term, village, completed_on=date(2017, 11, 1))
        ElectionForecast.objects.create(term=term, village=village, assessed_on=date(2017, 9, 1), level="stable")
        write_journal(
            actor=town.people[HEAD], action=JournalAction.REVEAL_ID_NUMBER, subject="党员 1", organization_id=None
        )

    add()
    client.get(f"{LISTS}{register}/")
    with django_assert_num_queries(expected[register]):
        client.get(f"{LISTS}{register}/")
    add()
    add()
    with django_assert_num_queries(expected[register]):
        client.get(f"{LISTS}{register}/")


FORM = {"due": "", "present": "", "elected_name": "", "re_elected": "unknown", "result": ""}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"body": "branch", "completed_on": "2017-11-01", "due": 10, "present": 7}, "不足五分之四，选举无效"),
        ({"body": "committee", "completed_on": "2017-11-01", "due": 10, "present": 5}, "没有过半数，选举无效"),
        ({"body": "branch", "due": 10, "present": 11}, "实到人数不能多于应到人数"),
        ({"body": "branch", "completed_on": "2099-01-01"}, "完成日期不能晚于今天"),
    ],
)
def test_invalid_election_is_told_and_not_stored(
    client: Client, town: Town, term: ElectionTerm, values: dict[str, Any], message: str
) -> None:
    sign_in(client, town, CLERK)
    data = {**FORM, "term": term.pk, "village": town.own.pk, "completed_on": "", **values}
    assert message in client.post(f"{LISTS}election/add/", data).content.decode()
    assert not Election.objects.exists()


def test_election_with_four_fifths_is_stored(client: Client, town: Town, term: ElectionTerm) -> None:
    sign_in(client, town, CLERK)
    data = {**FORM, "term": term.pk, "village": town.own.pk, "body": "branch", "completed_on": "2017-11-01"}
    data |= {"due": 10, "present": 8, "elected_name": "赵东强", "re_elected": "false"}
    assert client.post(f"{LISTS}election/add/", data).status_code == 302
    stored = Election.objects.get()
    assert (stored.present, stored.re_elected) == (8, False)


def test_area_leader_looks_only(client: Client, town: Town, term: ElectionTerm) -> None:
    row = election(term, town.own)
    sign_in(client, town, LEADER)
    assert client.get(f"{LISTS}election/add/").status_code == 403
    assert client.post(f"{LISTS}election/{row.pk}/change/", FORM).status_code == 403


def test_forecast_is_for_those_with_its_own_right(
    client: Client, town: Town, forecasts: list[ElectionForecast]
) -> None:
    sign_in(client, town, HEAD)
    assert CONFIDENTIAL in client.get(f"{LISTS}electionforecast/{forecasts[0].pk}/change/").content.decode()
    for duty in (LEADER, DutyCode.DISCIPLINE_HEAD, DutyCode.ACCOUNTANT):
        sign_in(client, town, duty)
        for path in ("", f"{forecasts[0].pk}/change/", f"{forecasts[0].pk}/history/", "export/"):
            assert client.get(f"{LISTS}electionforecast/{path}").status_code in {403, 404}, (duty, path)


def test_forecast_is_shown_nowhere_else(client: Client, town: Town, forecasts: list[ElectionForecast]) -> None:
    row = election(forecasts[0].term, town.own)
    sign_in(client, town, HEAD)
    addresses = [
        *(f"village/{town.own.pk}/change/", f"village/{town.own.pk}/history/", "village/", "election/"),
        *(f"election/{row.pk}/change/", f"election/{row.pk}/history/", f"electionterm/{row.term_id}/change/"),
        f"electionterm/{row.term_id}/history/",
    ]
    for address in addresses:
        answer = client.get(f"{LISTS}{address}")
        assert answer.status_code == 200, address
        page = answer.content.decode()
        assert CONFIDENTIAL not in page, address
        assert "复杂" not in page, address
        assert f"electionforecast/{forecasts[0].pk}" not in page, address
    query = f"{LISTS}election/?q={CONFIDENTIAL}"
    assert CONFIDENTIAL not in client.get(query).content.decode().replace(f'value="{CONFIDENTIAL}"', "")


def journal(town: Town) -> JournalEntry:
    return write_journal(
        actor=town.people[CLERK],
        action=JournalAction.REVEAL_ID_NUMBER,
        subject="党员 12",
        reason="核对转接材料",
        organization_id=town.own.branch_id,
    )


def test_journal_is_read_only_for_everybody(client: Client, town: Town) -> None:
    entry = journal(town)
    for duty in (HEAD, DutyCode.SYSTEM_ADMINISTRATOR, DutyCode.TOWN_SECRETARY):
        sign_in(client, town, duty)
        assert "核对转接材料" in client.get(f"{LISTS}journalentry/").content.decode()
        assert client.get(f"{LISTS}journalentry/{entry.pk}/change/").status_code == 200
        assert client.post(f"{LISTS}journalentry/{entry.pk}/change/", {"reason": "x"}).status_code == 403
        for path in ("add/", "import/", "export/"):
            assert client.get(f"{LISTS}journalentry/{path}").status_code == 403, (duty, path)
    entry.refresh_from_db()
    assert entry.reason == "核对转接材料"


def test_journal_entry_has_no_history_but_leads_back(client: Client, town: Town) -> None:
    entry = journal(town)
    answer = sign_in(client, town, HEAD).get(f"{LISTS}journalentry/{entry.pk}/history/")
    assert answer.headers["Location"] == f"{LISTS}journalentry/{entry.pk}/change/"


@pytest.mark.parametrize("duty", [CLERK, LEADER, DutyCode.DISCIPLINE_HEAD])
def test_journal_is_for_those_who_supervise(client: Client, town: Town, duty: DutyCode) -> None:
    journal(town)
    assert sign_in(client, town, duty).get(f"{LISTS}journalentry/").status_code == 403


def row(**values: object) -> dict[str, object]:
    return {
        "换届": "2017年村“两委”换届",
        "行政村": "TV01",
        "选举对象": "村党支部",
        "完成日期": "2017年11月1日",
        "应到人数": 20,
        "实到人数": 18,
        "选出书记或主任": "赵东强",
        "连任": "是",
        "结果": "",
        **values,
    }


def test_elections_are_imported_by_term_village_and_body(town: Town, term: ElectionTerm) -> None:
    resource = ElectionResource(user=town.people[CLERK])
    result = resource.import_data(sheet(row(), row(选举对象="村民委员会", 连任="", 完成日期="")))
    assert result.totals["new"] == 2, [one.error for one in result.invalid_rows]
    known = Election.objects.get(body=ElectionBody.COMMITTEE)
    assert (known.re_elected, known.completed_on) == (None, None)
    assert resource.import_data(sheet(row())).totals["skip"] == 1
    assert resource.import_data(sheet(row(连任="否"))).totals["update"] == 1
    assert Election.objects.get(body=ElectionBody.BRANCH).re_elected is False


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"实到人数": 15}, "不足五分之四"),
        ({"连任": "也许"}, "应为“是”或“否”"),
        ({"完成日期": "2099-01-01"}, "完成日期不能晚于今天"),
        ({"行政村": "TV02"}, "没有“TV02”"),
    ],
)
def test_wrong_row_of_elections_stores_nothing(
    town: Town, term: ElectionTerm, values: dict[str, object], message: str
) -> None:
    user = UserFactory()
    appoint(user, CLERK, town.own.branch)
    result = ElectionResource(user=user).import_data(sheet(row(**values)))
    assert message in str(result.invalid_rows[0].error)
    assert not Election.objects.exists()


def test_exports_come_back_unchanged(town: Town, forecasts: list[ElectionForecast]) -> None:
    user = town.people[CLERK]
    election(forecasts[0].term, town.own, completed_on=date(2017, 11, 1), re_elected=True)
    for resource in (ElectionResource, ElectionForecastResource, ElectionTermResource, TermRuleResource):
        rows = resource.Meta.model.objects.visible_to(user)
        exported = resource(user=user).export(rows)
        result = resource(user=user).import_data(exported)
        assert result.totals["skip"] == rows.count() > 0, (resource, [one.error for one in result.invalid_rows])


@pytest.mark.parametrize(("text", "expected"), [("是", True), ("否", False), ("", None)])
def test_committee_of_a_branch_comes_in_and_goes_out(town: Town, text: str, expected: bool | None) -> None:
    user = town.people[CLERK]
    own = Organization.objects.filter(pk=town.own.branch_id)
    own.update(has_committee=expected is None or not expected)
    exported = OrganizationResource(user=user).export(own)
    values = dict(zip(exported.headers, exported[0], strict=True)) | {"设支部委员会": text, "党小组数": 3}
    result = OrganizationResource(user=user).import_data(sheet(values))
    assert result.totals["update"] == 1, [one.error for one in result.invalid_rows]
    assert (own.get().has_committee, own.get().party_groups) == (expected, 3)


def test_page_of_a_branch_asks_for_its_committee(client: Client, town: Town) -> None:
    page = sign_in(client, town, CLERK).get(f"{LISTS}organization/{town.own.branch_id}/change/").content.decode()
    assert 'name="has_committee"' in page
    assert 'name="party_groups"' in page


def test_forecast_in_the_future_is_refused(client: Client, town: Town, term: ElectionTerm) -> None:
    data = {"term": term.pk, "village": town.own.pk, "level": "stable", "risks": "", "measures": ""}
    data["assessed_on"] = (today() + timedelta(days=1)).isoformat()
    answer = sign_in(client, town, CLERK).post(f"{LISTS}electionforecast/add/", data)
    assert "预判日期不能晚于今天" in answer.content.decode()
    assert not ElectionForecast.objects.exists()
