"""The page of the reconciliation: its lines, the rows behind them, and what one may not see."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.enums import ChangeKind
from members.models import Member
from members.services import record_change, register_member
from organizations.enums import DutyCode
from tests.factories import Town

PAGE = "/report/members/"
PERIOD = {"since": "2016-12-31", "until": "2017-12-31"}


def signed_in(town: Town, duty: DutyCode = DutyCode.OFFICE_CLERK) -> Client:
    client = Client()
    client.force_login(town.people[duty], backend="organizations.backends.AppointmentBackend")
    return client


@pytest.fixture
def members(town: Town) -> list[Member]:
    """One of the own branch who died in 2017, one who stayed, and one of the foreign branch."""
    people = (("赵去世", town.own), ("赵在册", town.own), ("钱外村", town.foreign))
    found = [
        register_member(
            actor=None, member=Member(name=name, sex="1", branch=village.branch, joined_on=date(2001, 7, 1))
        )
        for name, village in people
    ]
    record_change(actor=None, member=found[0], kind=ChangeKind.DIED, occurred_on=date(2017, 5, 4))
    return found


def test_page_shows_lines_that_lead_to_their_rows(town: Town, members: list[Member]) -> None:
    client = signed_in(town)
    text = client.get(PAGE, PERIOD).content.decode()
    assert "差额为 0，对账平" in text
    assert '/report/members/died/?since=2016-12-31&amp;until=2017-12-31">1</a>' in text
    rows = client.get(f"{PAGE}died/", PERIOD).content.decode()
    assert "赵去世" in rows
    assert "2017年5月4日" in rows
    assert "赵在册" not in rows


def test_stock_lists_who_counts(town: Town, members: list[Member]) -> None:
    text = signed_in(town).get(f"{PAGE}closing/", PERIOD).content.decode()
    assert "赵在册" in text
    assert "钱外村" in text
    assert "赵去世" not in text


def test_organization_narrows_it(town: Town, members: list[Member]) -> None:
    chosen = {**PERIOD, "organization": town.foreign.branch.code}
    text = signed_in(town).get(f"{PAGE}opening/", chosen).content.decode()
    assert "钱外村" in text
    assert "赵去世" not in text


def test_secretary_sees_the_own_branch_and_no_other(town: Town, members: list[Member]) -> None:
    client = signed_in(town, DutyCode.BRANCH_SECRETARY)
    text = client.get(f"{PAGE}opening/", PERIOD).content.decode()
    assert "赵去世" in text
    assert "钱外村" not in text
    refused = client.get(PAGE, {**PERIOD, "organization": town.foreign.branch.code})
    assert refused.status_code == 422
    assert "没有这个党组织" in refused.content.decode()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"since": "2017-12-31", "until": "2017-12-31"}, "上期末应早于期末"),
        ({"since": "2017-12-31", "until": "2099-12-31"}, "期末不能晚于今天"),
        ({"since": "2017-02-30"}, "不是存在的日期"),
    ],
)
def test_wrong_period_is_told(town: Town, query: dict[str, str], message: str) -> None:
    answer = signed_in(town).get(PAGE, query)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert signed_in(town).get(f"{PAGE}opening/", query).status_code == 422


def test_unknown_line_is_not_found(town: Town) -> None:
    assert signed_in(town).get(f"{PAGE}expected/").status_code == 404


def test_rows_take_the_same_number_of_queries_however_many(town: Town) -> None:
    client, counts = signed_in(town), []
    for number in (1, 3):
        while Member.objects.count() < number:
            member = Member(
                name=f"赵{Member.objects.count()}", sex="1", branch=town.own.branch, joined_on=date(2001, 7, 1)
            )
            register_member(actor=None, member=member)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{PAGE}closing/", PERIOD)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] < 25
