"""Filters of members, organisational life, dues and development."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from members.enums import ChangeKind
from organizations.enums import DutyCode
from tests.api import api_client, keys_of
from tests.factories import Town
from tests.members.life import kind, make_meeting, make_member
from tests.registers import HELD_ON, YESTERDAY, change_of, fill_registers

BASE = "/api/v1"


@pytest.fixture
def office(town: Town) -> Client:
    return api_client(town.people[DutyCode.OFFICE_CLERK])


@pytest.fixture
def secretary(town: Town) -> Client:
    return api_client(town.people[DutyCode.BRANCH_SECRETARY])


@pytest.fixture
def own(town: Town) -> dict[str, Any]:
    return fill_registers(town.own, town.people[DutyCode.OFFICE_CLERK])


@pytest.fixture
def foreign(town: Town) -> dict[str, Any]:
    return fill_registers(town.foreign, town.people[DutyCode.OFFICE_CLERK])


def test_member_filters_narrow_the_list(town: Town, office: Client) -> None:
    elder = make_member(town.own.branch, "孙北国", born_on=date(1950, 1, 31), joined_on=date(1970, 2, 1))
    young = make_member(town.foreign.branch, "周小平", joined_on=YESTERDAY, full_member_on=None)
    gone = make_member(town.own.branch, "吴远行")
    change_of(elder, ChangeKind.HARDSHIP)
    change_of(elder, ChangeKind.LOST)
    change_of(young, ChangeKind.FLOATED, place="青岛")
    change_of(gone, ChangeKind.DIED)

    for query, expected in [
        (f"branch={town.own.branch_id}", [elder, gone]),
        ("kind=probationary", [young]),
        ("kind=full", [elder, gone]),
        ("standing=deceased", [gone]),
        ("standing=normal&standing=deceased", [elder, young, gone]),
        ("floating=true", [young]),
        ("floating=false", [elder, gone]),
        ("lost=true", [elder]),
        ("hardship=true", [elder]),
        ("hardship=false", [young, gone]),
        ("joined_before=1970-02-01", [elder]),
        ("joined_after=1970-02-02", [young, gone]),
        ("born_after=1950-01-31&born_before=1950-01-31", [elder]),
        ("born_after=1950-02-01", []),
        ("q=北国", [elder]),
        ("q=zxp", [young]),
        ("q=", [elder, young, gone]),
    ]:
        assert keys_of(office, f"{BASE}/members/?{query}") == [member.pk for member in expected], query


def test_filters_of_the_other_lists_narrow_them(town: Town, own: dict[str, Any], office: Client) -> None:
    theme_day, meeting, attendance = kind(), own["meeting"], own["trainingattendance"]
    lesson = make_meeting(town.own.branch, HELD_ON, "party_lesson", topic="学党史", also_kind=theme_day)
    transfer, member, day = own["transfer"], own["member"], HELD_ON.isoformat()

    for kind_of, query, expected in [
        ("meetings", f"kind={theme_day.pk}", [meeting.pk, lesson.pk]),
        ("meetings", f"kind={lesson.kind_id}", [lesson.pk]),
        ("meetings", f"q=党史&held_after={day}&held_before={day}", [lesson.pk]),
        ("meetings", f"organization={town.foreign.branch_id}", []),
        ("transfers", f"state=in_transit&from_branch={town.own.branch_id}", [transfer.pk]),
        ("transfers", f"to_branch={town.own.branch_id}", []),
        ("transfers", "overdue=true", []),
        ("transfers", f"overdue=false&member={transfer.member_id}&started_before={day}", [transfer.pk]),
        ("member-changes", f"member={member.pk}&kind=joined&voided=false", [own["memberchange"].pk]),
        ("member-changes", "voided=true", []),
        ("member-changes", f"branch={town.own.branch_id}&occurred_before=2010-05-09", []),
        ("meeting-rules", f"kind={theme_day.pk}", [theme_day.rules.get().pk]),
        ("trainings", f"kind=rotation&started_after={day}", [own["training"].pk]),
        ("trainings", "kind=outbound", []),
        ("training-attendances", f"kind=rotation&started_after={day}&started_before={day}", [attendance.pk]),
        ("training-attendances", f"started_before={HELD_ON - timedelta(days=1)}", []),
        ("training-attendances", f"training={own['training'].pk}&member={member.pk}", [attendance.pk]),
        ("training-attendances", "kind=cadres", []),
        ("talents", f"kind=young_returnee&village={town.own.pk}&q=能人", [own["talent"].pk]),
        ("talents", "kind=role_model", []),
        ("honours", f"talent={own['talent'].pk}&village={town.own.pk}&level=district", [own["honour"].pk]),
        ("honours", "granted_after=2017-01-02", []),
        ("development-files", f"state=open&branch={town.own.branch_id}", [own["developmentfile"].pk]),
        ("development-files", "state=stopped", []),
        ("dues-standards", f"member={member.pk}&branch={town.own.branch_id}", [own["duesstandard"].pk]),
        ("dues-exemptions", f"branch={town.own.branch_id}", [own["duesexemption"].pk]),
        ("dues-payments", "month_after=2017-03-01&month_before=2017-03-01", [own["duespayment"].pk]),
        ("dues-payments", "paid_before=2017-03-08", []),
    ]:
        assert keys_of(office, f"{BASE}/{kind_of}/?{query}") == expected, (kind_of, query)


@pytest.mark.parametrize(
    ("kind", "name", "register"),
    [
        ("members", "branch", "branch"), ("member-changes", "member", "member"),
        ("member-changes", "branch", "branch"), ("transfers", "member", "member"),
        ("transfers", "to_branch", "branch"), ("meetings", "organization", "branch"),
        ("training-attendances", "training", "training"), ("training-attendances", "member", "member"),
        ("training-attendances", "branch", "branch"), ("talents", "village", "village"),
        ("honours", "talent", "talent"), ("honours", "village", "village"), ("development-files", "branch", "branch"),
        ("dues-standards", "member", "member"), ("dues-exemptions", "member", "member"),
        ("dues-payments", "branch", "branch"),
    ],
)  # fmt: skip
def test_foreign_key_in_a_filter_is_answered_like_one_that_does_not_exist(
    town: Town, foreign: dict[str, Any], secretary: Client, kind: str, name: str, register: str
) -> None:
    rows = {**foreign, "branch": town.foreign.branch, "village": town.foreign}

    answers = [secretary.get(f"{BASE}/{kind}/", {name: key}) for key in (rows[register].pk, 10**6, 10**30)]

    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("members", "phone=15400001234"), ("members", "id_number=370399"), ("members", "lost=perhaps"),
        ("members", "standing=unknown"), ("members", "born_after=1968-07"), ("members", "q=" + "x" * 51),
        ("members", "address=村"), ("transfers", "state=lost"), ("meetings", "kind=theme_day"),
        ("dues-payments", "month_after=2017"), ("election-forecasts", "risk=1"),
    ],
)  # fmt: skip
def test_unknown_filter_or_value_is_refused(office: Client, kind: str, query: str) -> None:
    response = office.get(f"{BASE}/{kind}/?{query}")

    assert (response.status_code, list(response.json()["errors"])) == (400, [query.partition("=")[0]])
