"""The pages of issued reports, the files to download, and the list that the district reads."""

import base64
import hashlib
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from chishang.core.dates import today
from chishang.report.enums import FileFormat, ReportState
from chishang.report.models import IssuedReport
from chishang.report.services import withdraw_report
from organizations.enums import DutyCode as D
from tests.api import api_client, key_headers
from tests.factories import Town
from tests.report.issuing import DAY, add_late_visit, contents, make_draft, make_released
from tests.report.test_snapshots import tamper

LIST = "/report/issued/"
API = "/api/v1/issued-reports/"
READERS = {D.TOWN_SECRETARY, D.OFFICE_HEAD, D.OFFICE_CLERK, D.DISTRICT_CLIENT}
OFFICE = READERS - {D.DISTRICT_CLIENT}


def client_of(town: Town, duty: D) -> Client:
    return api_client(town.people[duty])


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def page(one: IssuedReport, step: str = "") -> str:
    return f"{LIST}{one.pk}/{step}"


@pytest.mark.parametrize("duty", D)
def test_who_opens_what(town: Town, duty: D) -> None:
    client, released, draft = client_of(town, duty), make_released(town), make_draft(town, today())
    reads, works = duty in READERS, duty in OFFICE
    expected = {
        LIST: 200 if reads else 403,
        page(released): 200 if reads else 403,
        page(released, "json/"): 200 if reads else 403,
        page(draft): 200 if works else 404 if reads else 403,
        page(draft, "xlsx/"): 200 if works else 404 if reads else 403,
        page(released, "pdf/"): 404 if reads else 403,
        f"{LIST}999999/": 404 if reads else 403,
        f"{LIST}999999/json/": 404 if reads else 403,
        API: 200 if reads else 403,
        f"{API}{released.pk}/": 200 if reads else 403,
        f"{API}{draft.pk}/": 404 if reads else 403,
    }
    assert {path: client.get(path).status_code for path in expected} == expected
    signs = duty in {D.TOWN_SECRETARY, D.OFFICE_HEAD}
    refused = 404 if reads and not works else 403
    assert client.get(page(draft, "release/")).status_code == (200 if signs else 403 if works else refused)
    assert client.post(page(draft, "withdraw/")).status_code == (422 if works else refused)


def test_anonymous_signs_in_first(town: Town) -> None:
    one = make_released(town)
    for path in (LIST, page(one), page(one, "json/"), "/report/download/json/"):
        assert Client().get(path).headers["Location"].startswith("/accounts/login/?next="), path
    assert Client().get(API).status_code == 401


def test_list_tells_state_people_reason_and_hash(town: Town) -> None:
    first = make_released(town)
    add_late_visit(town)
    second = make_draft(town, reason="补录一次走访")

    shown = text_of(client_of(town, D.TOWN_SECRETARY).get(LIST))

    assert "截至2017年12月31日，第2版" in shown
    assert "更正：补录一次走访" in shown
    assert first.sha256 in shown
    assert f"校验码 {second.sha256[:8]}…" in shown
    assert "党建办干事甲" in shown
    assert shown.count("待签发") == 1
    assert "✓ 已签发，现行" in shown
    assert "制一份报告" not in shown  # the secretary signs only


def test_drawing_up_and_signing_through_the_pages(town: Town) -> None:
    clerk, head = client_of(town, D.OFFICE_CLERK), client_of(town, D.OFFICE_HEAD)

    answer = clerk.post(LIST, {"as_of": "2017-12-31", "reason": ""}, follow=True)

    one = IssuedReport.objects.get()
    assert answer.redirect_chain == [(page(one), 302)]
    assert "已制表" in text_of(answer)
    assert "您没有签发的权限" in text_of(answer)
    assert "签发后区里就能读到" in text_of(head.get(page(one, "release/")))
    assert IssuedReport.objects.get().state == ReportState.DRAFT
    answer = head.post(page(one, "release/"), follow=True)
    assert "已签发第1版" in text_of(answer)
    again = head.post(page(one, "release/"), follow=True)
    assert again.redirect_chain == [(page(one), 302)]
    assert IssuedReport.objects.get().released_by == town.people[D.OFFICE_HEAD]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"as_of": ""}, "请填写截至日。"),
        ({"as_of": "昨天"}, "不是日期"),
        ({"as_of": "2017-02-30"}, "不是存在的日期"),
        ({"as_of": "2999-01-01"}, "年份不对"),
        ({"as_of": (today() + timedelta(days=1)).isoformat()}, "截至日不能晚于今天"),
        ({"as_of": "2017-12-31"}, "记录与已签发的第1版相同，不用更正。"),
        ({"as_of": "2017-12-31", "reason": "长" * 201}, "更正了什么最多 200 个字，现在有 201 个"),
        ({}, "请填写截至日。"),
    ],
)
def test_what_cannot_be_drawn_up_is_told(town: Town, sent: dict[str, str], told: str) -> None:
    make_released(town)

    answer = client_of(town, D.OFFICE_CLERK).post(LIST, sent)

    assert answer.status_code == 422
    assert told in text_of(answer)
    assert IssuedReport.objects.count() == 1


def test_drawing_up_is_for_the_office(town: Town) -> None:
    for duty in (D.TOWN_SECRETARY, D.DISTRICT_CLIENT, D.BRANCH_SECRETARY):
        assert client_of(town, duty).post(LIST, {"as_of": "2017-12-31"}).status_code == 403, duty
    assert not IssuedReport.objects.exists()


def test_maker_is_told_why_he_cannot_sign(town: Town) -> None:
    head = client_of(town, D.OFFICE_HEAD)
    head.post(LIST, {"as_of": "2017-12-31"})
    one = IssuedReport.objects.get()

    assert "制表人不能自己签发" in text_of(head.get(page(one)))
    assert page(one, "release/") not in text_of(head.get(page(one)))
    assert head.get(page(one, "release/")).status_code == 302
    answer = head.post(page(one, "release/"))
    assert (answer.status_code, "制表人不能自己签发" in text_of(answer)) == (422, True)


def test_draft_whose_rows_changed_says_so_and_is_not_signed(town: Town) -> None:
    one, head = make_draft(town), client_of(town, D.OFFICE_HEAD)
    add_late_visit(town)

    shown = text_of(head.get(page(one)))
    assert "制表以后记录有变化" in shown
    assert page(one, "release/") not in shown
    answer = head.post(page(one, "release/"))
    assert (answer.status_code, "制表以后记录有变化，不能签发这一版" in text_of(answer)) == (422, True)


def test_withdrawing_through_the_page(town: Town) -> None:
    one, clerk = make_draft(town), client_of(town, D.OFFICE_CLERK)
    answer = clerk.post(page(one, "withdraw/"), {"withdrawn_because": " "})
    assert (answer.status_code, "请写明为什么作废。" in text_of(answer)) == (422, True)

    answer = clerk.post(page(one, "withdraw/"), {"withdrawn_because": "日期写错"}, follow=True)

    assert "已作废" in text_of(answer)
    assert "日期写错" in text_of(answer)
    answer = client_of(town, D.OFFICE_HEAD).post(page(one, "release/"))
    assert (answer.status_code, "现在是“已作废”" in text_of(answer)) == (422, True)


def test_steps_need_the_token_of_the_page(town: Town) -> None:
    one = make_draft(town)
    client = api_client(town.people[D.OFFICE_HEAD], enforce_csrf_checks=True)
    for path in (page(one, "release/"), page(one, "withdraw/"), LIST):
        assert client.post(path, {"withdrawn_because": "错"}).status_code == 403, path
    one.refresh_from_db()
    assert one.state == ReportState.DRAFT
    assert client.get(page(one, "withdraw/")).status_code == 405


def test_report_shows_what_it_said_what_it_changed_and_what_came_since(town: Town) -> None:
    make_released(town)
    add_late_visit(town)
    second = make_released(town, reason="补录一次走访")
    add_late_visit(town)
    add_late_visit(town)

    shown = client_of(town, D.OFFICE_CLERK).get(page(second))

    def told(name: str) -> dict[str, tuple[Any, Any, Any]]:
        return {one.label: (one.before, one.after, one.change) for one in shown.context[name]}

    assert told("changed")["走访次数"] == (0, 1, 1)
    assert told("since")["走访次数"] == (1, 3, 2)
    assert "走访户数" not in told("since")
    assert "比第1版改了什么" in text_of(shown)
    assert "＋2" in text_of(shown)
    figures = [one for _, rows in shown.context["sections"] for one in rows]
    assert next(one["value"] for one in figures if one["label"] == "走访次数") == 1


def test_district_reads_nothing_that_came_since(town: Town) -> None:
    one = make_released(town)
    add_late_visit(town)

    shown = client_of(town, D.DISTRICT_CLIENT).get(page(one))

    assert shown.context["since"] is None
    assert "补录了什么" not in text_of(shown)


def test_damaged_report_shows_no_figures_and_gives_no_file(town: Town) -> None:
    one, client = make_released(town), client_of(town, D.DISTRICT_CLIENT)
    tamper(one)

    shown = client.get(page(one))

    assert "存储的文件与校验码不符" in text_of(shown)
    assert shown.context["sections"] == []
    assert client.get(page(one, "json/")).headers["Location"] == page(one)


@pytest.mark.parametrize("file_format", FileFormat.values)
def test_issued_file_is_given_byte_for_byte(town: Town, file_format: str) -> None:
    one = make_released(town)
    stored = contents(one)[file_format]
    add_late_visit(town)

    answer = client_of(town, D.DISTRICT_CLIENT).get(page(one, f"{file_format}/"), headers={"Accept-Encoding": "gzip"})

    assert answer.content == stored
    digest = base64.b64encode(hashlib.sha256(stored).digest()).decode()
    assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    assert "Content-Encoding" not in answer.headers
    name = quote(f"测试镇党建工作报告 截至2017-12-31 第1版.{file_format}")
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"


@pytest.mark.parametrize("file_format", FileFormat.values)
def test_live_file_is_what_the_reader_may_see(town: Town, file_format: str) -> None:
    add_late_visit(town)
    town.record(town.foreign_household, visited_on=DAY)
    client = client_of(town, D.BRANCH_SECRETARY)

    answer = client.get(f"/report/download/{file_format}/", {"as_of": "2017-12-31"})

    assert answer.status_code == 200
    name = quote(f"党建工作报告 截至2017-12-31 草稿.{file_format}")
    assert answer.headers["Content-Disposition"].endswith(name)
    if file_format == FileFormat.JSON:
        assert answer.json()["figures"]["visits.count"]["value"] == 1


def test_live_file_of_a_branch_and_of_today(town: Town) -> None:
    client, code = client_of(town, D.OFFICE_CLERK), town.foreign.branch.code

    assert client.get("/report/download/json/", {"organization": code}).json()["organization"]["code"] == code
    assert client.get("/report/download/json/").json()["as_of"] == today().isoformat()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("as_of=x", "不是日期"),
        (f"as_of={today() + timedelta(days=1)}", "截至日不能晚于今天。"),
        ("organization=NONE", "没有这个党组织"),
    ],
)
def test_download_of_nothing_sensible_is_told(town: Town, query: str, told: str) -> None:
    answer = client_of(town, D.OFFICE_CLERK).get(f"/report/download/docx/?{query}")

    assert (answer.status_code, told in text_of(answer)) == (422, True)


def test_download_stays_in_the_readers_scope(town: Town) -> None:
    secretary = client_of(town, D.BRANCH_SECRETARY)

    foreign = secretary.get("/report/download/json/", {"organization": town.foreign.branch.code})

    assert foreign.status_code == 422
    assert town.foreign.branch.name not in text_of(foreign)
    assert secretary.get("/report/download/pdf/").status_code == 404


def test_api_lists_the_signed_reports(town: Town) -> None:
    first = make_released(town)
    add_late_visit(town)
    second = make_released(town, reason="补录一次走访")
    withdraw_report(actor=town.people[D.OFFICE_CLERK], report=make_draft(town, date(2017, 6, 30)), reason="错")

    answer = Client().get(f"{API}?ordering=-as_of", headers=key_headers(town.people[D.DISTRICT_CLIENT]))

    assert [(row["id"], row["version"], row["in_force"]) for row in answer.json()["results"]] == [
        (second.pk, 2, True),
        (first.pk, 1, False),
    ]
    assert answer.json()["results"][0] == {
        "id": second.pk,
        "organization": {"code": "T-W00", "name": "中共测试镇委员会"},
        "as_of": "2017-12-31",
        "version": 2,
        "in_force": True,
        "reason": "补录一次走访",
        "released_at": answer.json()["results"][0]["released_at"],
        "sha256": {one.format: one.sha256 for one in second.files.all()},
    }


@pytest.mark.parametrize("more", [0, 2])
def test_number_of_queries_does_not_grow(
    town: Town, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one = make_released(town)
    for number in range(1, more + 1):
        make_released(town, DAY - timedelta(days=number))
        add_late_visit(town)
        one = make_released(town, reason="补录")
    client = client_of(town, D.OFFICE_HEAD)
    for path, queries in {LIST: 12, page(one): 22 if more else 20, API: 12}.items():
        with django_assert_num_queries(queries):
            assert client.get(path).status_code == 200
