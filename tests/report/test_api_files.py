"""The report over REST as files: the same rows in every form, unchanged answers, signed reports byte for byte."""

import base64
import csv
import hashlib
import json
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from chishang.core.dates import today
from chishang.core.figures import all_figures
from chishang.report.enums import FileFormat
from chishang.report.files import MEDIA_TYPES
from chishang.report.models import IssuedReport
from members.models import Honour
from organizations.enums import DutyCode
from organizations.models import Village
from tests.api import api_client, key_headers
from tests.factories import OrganizationFactory, Town
from tests.finance.money import make_voucher
from tests.finance.test_admin_ledger import reverse_of
from tests.report.issuing import DAY, add_late_visit, contents, make_draft, make_released
from tests.report.test_api import busy  # noqa: F401  a fixture
from visits.models import Issue

ADDRESS = "/api/v1/report/"
ROWS = f"{ADDRESS}issues.raised/rows/"
XLSX = MEDIA_TYPES[FileFormat.XLSX]
PLAIN = ["json", "csv", "xlsx"]


def clerk(town: Town) -> Client:
    return api_client(town.people[DutyCode.OFFICE_CLERK])


def from_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"), newline="")))


def from_excel(content: bytes, sheet: str, *, header: int = 0) -> list[dict[str, Any]]:
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(sheet).to_python()
    return [dict(zip(rows[header], row, strict=True)) for row in rows[header + 1 :]]


@pytest.mark.parametrize("address", [ADDRESS, ROWS])
@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        ("", "", "application/json"),
        ("", "*/*", "application/json"),
        ("", "application/json", "application/json"),
        ("", "text/csv", "text/csv; charset=utf-8"),
        ("", "text/html, text/csv;q=0.8", "text/csv; charset=utf-8"),
        ("", XLSX, XLSX),
        ("?format=csv", "", "text/csv; charset=utf-8"),
        ("?format=xlsx", "*/*", XLSX),
        ("?format=xlsx", "application/json", XLSX),
        ("?format=json", "", "application/json"),
        ("", "application/json;q=0.5, text/csv", "text/csv; charset=utf-8"),
        ("", "text/csv;q=0, */*;q=0.1", "application/json"),
        ("", "text/csv; charset=utf-8", "text/csv; charset=utf-8"),
        ("", "application/json; charset=utf-8", "application/json"),
        ("", "text/html, image/gif, *; q=.2, */*; q=.2", "application/json"),
        ("", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
    ],
)
def test_form_is_that_of_the_address_or_of_accept(
    town: Town, address: str, query: str, accept: str, media_type: str
) -> None:
    response = clerk(town).get(address + query, headers={"Accept": accept} if accept else {})

    assert (response.status_code, response.headers["Content-Type"]) == (200, media_type)
    assert ("attachment" in response.headers.get("Content-Disposition", "")) == (media_type != "application/json")


@pytest.mark.parametrize(("address", "choices"), [(ADDRESS, "docx"), (ROWS, "xlsx"), ("/api/v1/villages/", "json")])
@pytest.mark.parametrize("asked", [{"HTTP_ACCEPT": "application/pdf"}, {"QUERY_STRING": "format=pdf"}])
def test_other_forms_are_406_with_those_that_there_are(
    town: Town, address: str, choices: str, asked: dict[str, str]
) -> None:
    response = clerk(town).get(address, **asked)

    assert (response.status_code, response.headers["Content-Type"]) == (406, "application/problem+json")
    assert f"{choices}（{MEDIA_TYPES[FileFormat(choices)].partition(';')[0]}）" in response.json()["detail"]


def test_figures_are_the_same_in_every_form(busy: Town) -> None:  # noqa: F811
    client = clerk(busy)
    figures = client.get(ADDRESS).json()["figures"]
    lines = from_csv(client.get(ADDRESS, {"format": "csv"}).content)
    rows = from_excel(client.get(ADDRESS, {"format": "xlsx"}).content, "数字", header=2)

    assert [line["key"] for line in lines] == [row["代码"] for row in rows] == list(figures)
    for line, row, one in zip(lines, rows, figures.values(), strict=True):
        assert line["value"] == ("" if one["value"] is None else str(one["value"]))
        assert row["数值"] == ("" if one["value"] is None else float(one["value"]))


def test_word_is_given_too(busy: Town) -> None:  # noqa: F811
    response = clerk(busy).get(ADDRESS, {"format": "docx"})

    assert response.headers["Content-Type"] == MEDIA_TYPES[FileFormat.DOCX]
    assert response.content.startswith(b"PK")


@pytest.mark.parametrize("duty", [DutyCode.OFFICE_CLERK, DutyCode.BRANCH_SECRETARY, DutyCode.DISTRICT_CLIENT])
def test_rows_are_the_same_in_every_form(busy: Town, duty: DutyCode) -> None:  # noqa: F811
    client = api_client(busy.people[duty])
    data = client.get(ROWS).json()["results"]
    lines = from_csv(client.get(ROWS, {"format": "csv"}).content)
    rows = from_excel(client.get(ROWS, {"format": "xlsx"}).content, "数据")

    assert len(data) == (3 if duty == DutyCode.BRANCH_SECRETARY else 6)
    assert [int(line["id"]) for line in lines] == [int(row["id"]) for row in rows] == [one["id"] for one in data]
    for one, line, row in zip(data, lines, rows, strict=True):
        flat = dict(_flat(one, tuple(line)))
        assert line == {name: _text(value) for name, value in flat.items()}
        assert {name: _text(value) for name, value in row.items()} == line


def test_negative_amounts_are_numbers_in_every_form(town: Town) -> None:
    client, address = clerk(town), f"{ADDRESS}finance.village_disbursed/rows/"
    reverse_of(town, make_voucher(town, amount="100.00"))

    data = client.get(address).json()["results"]
    lines = from_csv(client.get(address, {"format": "csv"}).content)
    rows = from_excel(client.get(address, {"format": "xlsx"}).content, "数据")

    assert [one["effect"] for one in data] == [line["effect"] for line in lines] == ["100.00", "-100.00"]
    assert [row["effect"] for row in rows] == [100, -100]


def _flat(row: dict[str, Any], names: tuple[str, ...]) -> list[tuple[str, Any]]:
    """The values of ``row`` by dotted names."""
    found = []
    for name in names:
        value: Any = row
        for part in name.split("."):
            value = None if value is None else value[part]
        found.append((name, value))
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return str(int(value))
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def test_columns_are_the_same_whatever_is_null(rows: dict[str, tuple[Any, Any]], town: Town) -> None:
    address, query = f"{ADDRESS}talent.honours/rows/", {"format": "csv", "as_of": today().isoformat()}
    some = clerk(town).get(address, query).content.decode("utf-8-sig").splitlines()
    none = clerk(town).get(address, query | {"as_of": "1990-01-01"}).content.decode("utf-8-sig").splitlines()

    assert (len(some), len(none)) == (1 + Honour.objects.count(), 1)
    assert some[0] == none[0]
    assert "granted_on.precision" in none[0].split(",")


def test_pages_of_files_lead_on_by_their_header(busy: Town) -> None:  # noqa: F811
    client, found, following = clerk(busy), [], f"{ROWS}?format=csv&limit=4"
    while following:
        response = client.get(following)
        found += [int(line["id"]) for line in from_csv(response.content)]
        following = response.headers.get("Link", "").partition(">")[0].lstrip("<")

    assert found == sorted(Issue.objects.values_list("pk", flat=True))


def test_names_of_files_say_what_they_are(busy: Town) -> None:  # noqa: F811
    client = clerk(busy)
    names = [
        unquote(client.get(address, {"format": "xlsx", "as_of": "2017-12-31"}).headers["Content-Disposition"])
        for address in (ADDRESS, ROWS)
    ]

    assert names[0].endswith("测试镇党建工作报告 截至2017-12-31 草稿.xlsx")
    assert names[1].endswith("反映问题 截至2017-12-31.xlsx")


def test_rows_in_files_need_the_permission_too(busy: Town) -> None:  # noqa: F811
    client = api_client(busy.people[DutyCode.ACCOUNTANT])

    for file_format in PLAIN:
        response = client.get(ROWS, {"format": file_format})
        assert (response.status_code, response.headers["Content-Type"]) == (403, "application/problem+json")
    (line,) = (
        one for one in from_csv(client.get(ADDRESS, {"format": "csv"}).content) if one["key"] == "issues.raised"
    )
    assert line["value"] == ""
    tables = from_excel(client.get(ADDRESS, {"format": "xlsx"}).content, "各村走访情况", header=2)
    assert {row["反映问题"] for row in tables[:-1]} == {""}


def test_excel_of_a_secretary_names_no_other_village(busy: Town) -> None:  # noqa: F811
    content = api_client(busy.people[DutyCode.BRANCH_SECRETARY]).get(ADDRESS, {"format": "xlsx"}).content
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    told = {str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row}

    assert not [text for text in told if busy.foreign.name in text or busy.foreign.branch.name in text]
    assert busy.own.name in told


@pytest.mark.parametrize("address", [ADDRESS, ROWS])
@pytest.mark.parametrize("file_format", PLAIN)
def test_unchanged_answer_is_304_and_a_changed_row_is_not(
    busy: Town,  # noqa: F811
    address: str,
    file_format: str,
) -> None:
    headers, client = key_headers(busy.people[DutyCode.DISTRICT_CLIENT]), Client()
    first = client.get(address, {"format": file_format}, headers=headers)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert {"Accept", "Authorization", "Cookie"} <= set(first.headers["Vary"].split(", "))

    again = client.get(address, {"format": file_format}, headers=headers | {"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)

    busy.record(busy.own_household, "路不平")
    changed = client.get(address, {"format": file_format}, headers=headers | {"If-None-Match": tag})
    assert (changed.status_code, changed.headers["ETag"] != tag) == (200, True)


def test_tags_of_different_forms_differ(busy: Town) -> None:  # noqa: F811
    client = clerk(busy)

    assert len({client.get(ADDRESS, {"format": one}).headers["ETag"] for one in PLAIN}) == len(PLAIN)


def test_compressed_answer_has_a_weak_tag_that_matches_as_well(busy: Town) -> None:  # noqa: F811
    client, packed = clerk(busy), {"Accept-Encoding": "gzip"}
    response = client.get(ADDRESS, headers=packed)

    assert (response.headers["Content-Encoding"], response.headers["ETag"][:3]) == ("gzip", 'W/"')
    again = client.get(ADDRESS, headers=packed | {"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_people_keep_nothing_in_their_browser(town: Town) -> None:
    assert "no-store" in clerk(town).get(ADDRESS).headers["Cache-Control"]


@pytest.mark.parametrize("file_format", FileFormat.values)
def test_signed_report_stays_byte_for_byte_whatever_changes(town: Town, file_format: str) -> None:
    stored = contents(make_released(town))[file_format]
    add_late_visit(town)
    Village.objects.filter(pk=town.own.pk).update(name="改名村")
    headers = key_headers(town.people[DutyCode.DISTRICT_CLIENT])
    query = {"snapshot": "latest", "format": file_format}

    response = Client().get(ADDRESS, query, headers=headers | {"Accept-Encoding": "gzip"})

    assert (response.status_code, response.content) == (200, stored)
    digest = base64.b64encode(hashlib.sha256(stored).digest()).decode()
    assert (response.headers["Repr-Digest"], response.headers["Report-Version"]) == (f"sha-256=:{digest}:", "1")
    assert "Content-Encoding" not in response.headers
    fixed = response.headers["Content-Location"]
    assert Client().get(fixed, headers=headers).content == stored
    tag = response.headers["ETag"]
    assert Client().get(fixed, headers=headers | {"If-None-Match": tag}).status_code == 304


def test_latest_is_the_version_in_force_of_the_last_day(town: Town) -> None:
    client, half = api_client(town.people[DutyCode.DISTRICT_CLIENT]), date(2017, 6, 30)
    first, of_half = make_released(town), make_released(town, half)
    add_late_visit(town)
    second = make_released(town, reason="补录了一次走访")
    make_draft(town, date(2018, 3, 31))

    def version(**query: Any) -> tuple[str, str]:
        response = client.get(ADDRESS, {"snapshot": "latest", **query})
        return response.json()["as_of"], response.headers["Report-Version"]

    assert version() == ("2017-12-31", "2")
    assert version(as_of="2017-06-30") == ("2017-06-30", "1")
    assert version(snapshot=first.pk) == ("2017-12-31", "1")
    assert version(snapshot=second.pk, as_of="2017-12-31", organization=town.root.code) == ("2017-12-31", "2")
    assert client.get(ADDRESS, {"snapshot": of_half.pk, "as_of": "2017-12-31"}).status_code == 400


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"snapshot": "latest"}, 200),
        ({"snapshot": "latest", "organization": "T-W00"}, 200),
        ({"snapshot": "latest", "organization": "NONE"}, 404),
        ({"snapshot": "latest", "as_of": "2016-12-31"}, 404),
        ({"snapshot": "987654321"}, 404),
        ({"snapshot": "first"}, 400),
        ({"snapshot": "0"}, 400),
        ({"snapshot": ""}, 400),
        ({"snapshot": "9" * 19}, 400),
    ],
)
def test_signed_report_is_found_or_refused_in_words(town: Town, query: dict[str, str], status: int) -> None:
    make_released(town)
    response = api_client(town.people[DutyCode.DISTRICT_CLIENT]).get(ADDRESS, query)

    assert response.status_code == status
    if status == 404:
        assert "没有这样的已签发报告" in response.json()["detail"]
    if status == 400:
        assert list(response.json()["errors"]) == ["snapshot"]


def test_organization_must_be_that_of_the_signed_report(town: Town) -> None:
    report = make_released(town)
    query = {"snapshot": report.pk, "organization": town.own.branch.code}
    response = api_client(town.people[DutyCode.DISTRICT_CLIENT]).get(ADDRESS, query)

    assert (response.status_code, list(response.json()["errors"])) == (400, ["organization"])


def test_drafts_and_reports_that_one_may_not_read_are_not_there(town: Town) -> None:
    district = api_client(town.people[DutyCode.DISTRICT_CLIENT])
    draft = make_draft(town)
    assert district.get(ADDRESS, {"snapshot": draft.pk}).status_code == 404
    assert district.get(ADDRESS, {"snapshot": "latest"}).status_code == 404
    assert clerk(town).get(ADDRESS, {"snapshot": draft.pk}).status_code == 404


def test_signed_report_is_not_for_a_secretary(town: Town) -> None:
    report = make_released(town)
    client = api_client(town.people[DutyCode.BRANCH_SECRETARY])

    assert {client.get(ADDRESS, {"snapshot": one}).status_code for one in ("latest", report.pk)} == {404}


def test_rows_know_no_snapshot(town: Town) -> None:
    response = clerk(town).get(ROWS, {"snapshot": "latest"})

    assert (response.status_code, list(response.json()["errors"])) == (400, ["snapshot"])


def test_damaged_file_is_not_given(town: Town) -> None:
    report = make_released(town)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE report_issuedreportfile SET content = content || '\\x20' WHERE report_id = %s", [report.pk]
        )
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    client = Client(raise_request_exception=False)
    headers = key_headers(town.people[DutyCode.DISTRICT_CLIENT])

    response = client.get(ADDRESS, {"snapshot": "latest"}, headers=headers)

    assert (response.status_code, response.json()["type"]) == (500, "urn:chishang:problem:internal")


@pytest.mark.parametrize("year", ["0001", "1899", "2101", "9999"])
def test_mistyped_year_is_refused(town: Town, year: str) -> None:
    for file_format in PLAIN:
        response = clerk(town).get(ADDRESS, {"as_of": f"{year}-06-30", "format": file_format})
        assert (response.status_code, list(response.json()["errors"])) == (400, ["as_of"])


@pytest.mark.parametrize("file_format", PLAIN)
def test_more_branches_take_no_more_queries(town: Town, file_format: str) -> None:
    client, found = clerk(town), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(ADDRESS, {"format": file_format}).status_code == 200
        found.append(len(queries))
        OrganizationFactory.create_batch(2, parent=town.root)

    assert found[0] == found[1]
    assert found[0] < 70


def test_amount_of_every_money_figure_is_told_in_wan(rows: dict[str, tuple[Any, Any]], town: Town) -> None:
    figures = clerk(town).get(ADDRESS, {"as_of": DAY.isoformat()}).json()["figures"]

    money = {one.key for one in all_figures() if one.unit == "元"}
    assert {key for key, one in figures.items() if one["value_wan"] is not None} == money
    assert all(
        Decimal(one["value_wan"]) * 10_000 - Decimal(one["value"]) <= 50
        for one in figures.values()
        if one["value_wan"]
    )


def test_nothing_is_issued_by_reading(town: Town) -> None:
    clerk(town).get(ADDRESS, {"format": "xlsx"})

    assert not IssuedReport.objects.exists()
