"""Inside the discipline office: a case is for those named on it, and nothing is for the one whom it is about."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from discipline.models import Person
from discipline.models.sealed import name_index
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.discipline.pages import sign_in
from tests.discipline.planted import Planted, plant
from tests.discipline.walker import HIDDEN, MISSING, Walk, told_by
from tests.factories import Town

CASE, ABOUT = "墨池Xv5mochi", "白石Yb8baishi"
"""In the texts of the case; in those of whatever else is about the person."""
PURPOSE = {"purpose": "核对登记情况"}
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')
CASE_REGISTERS = {"case", "caseaccess", "involvement", "sanction"}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


@pytest.fixture
def planted(town: Town, rows: dict[str, tuple[Any, Any]]) -> Planted:
    """A case on which only the head is named; its lead and its petition are in nobody's hands."""
    planted = plant(town, rows["member"][0], [town.people[D.DISCIPLINE_HEAD]])
    case, sanction = planted.case, planted.rows["sanction"]
    case.number = case.brief = sanction.document_no = sanction.grounds = CASE
    for row in (case, sanction):
        row.save()
    return planted


def pages(walk: Walk) -> list[str]:
    """Every page of the office, but those that tell of no row: empty forms, and what nobody may do."""
    empty = ("/add/", "/import/", "/process_import/", "/delete/")
    found = {one for one in walk.hidden_addresses() if not one.endswith(empty)}
    found |= {f"{one}?q={CASE[:2]}" for one in found if one.count("/") == 4 and one.endswith("/")}
    return sorted(found)


def seen(client: Client, addresses: list[str], *marks: str) -> list[str]:
    """Where one of the marks comes out; the purpose is told where it is asked for."""
    found = []
    for address in addresses:
        answers = [client.get(address)]
        if b'name="purpose"' in answers[0].content and answers[0].status_code == 200:
            answers.append(client.post(address, PURPOSE, follow=True))
        if any(mark.encode() in told_by(answer) for mark in marks for answer in answers):
            found.append(address)
    return found


def test_case_comes_out_for_whoever_is_named_on_it(
    client: Client, town: Town, rows: dict[str, tuple[Any, Any]], planted: Planted
) -> None:
    shown = {f"{HIDDEN}case/", f"{HIDDEN}case/{planted.case.pk}/change/"}
    assert shown <= set(pages(Walk(rows, planted)))
    assert set(seen(sign_in(client, town.people[D.DISCIPLINE_HEAD]), sorted(shown), CASE)) == shown


def test_clerk_who_is_not_named_finds_nothing_of_the_case(
    client: Client, clerk: User, rows: dict[str, tuple[Any, Any]], planted: Planted
) -> None:
    walk = Walk(rows, planted)
    elsewhere = [*walk.searches(lists=False), *walk.boxes(), "/", "/admin/", "/api/v1/report/", "/members/"]
    assert seen(sign_in(client, clerk), [*pages(walk), *elsewhere], CASE) == []


@pytest.mark.parametrize("about", [False, True], ids=["not named", "about himself"])
def test_case_answers_as_one_that_does_not_exist(
    client: Client, clerk: User, rows: dict[str, tuple[Any, Any]], planted: Planted, about: bool
) -> None:
    if about:
        Person.objects.filter(pk=planted.rows["person"].pk).update(account=clerk)
        planted.rows["caseaccess"].pk = None
        planted.rows["caseaccess"].user = clerk
        planted.rows["caseaccess"].save()
    sign_in(client, clerk)
    compared = 0
    for address, missing in hidden_rows(Walk(rows, planted)):
        for method in ("get", "post"):
            answers = [getattr(client, method)(one, PURPOSE) for one in (address, missing)]
            told = [(answer.status_code, TOKEN.sub(b"", answer.content)) for answer in answers]
            assert told[0] == told[1], (method, address)
            assert told[0][0] in {302, 403, 404, 405}, (method, address)
            compared += 1
    assert compared > 40


def hidden_rows(walk: Walk) -> list[tuple[str, str]]:
    """The pages of the case and of what hangs on it, each with the same page of a row that does not exist."""
    keys = [f"{HIDDEN}{name}/{walk.planted.rows[name].pk}/" for name in CASE_REGISTERS]
    missing = {key: key.rpartition("/")[0].rpartition("/")[0] + f"/{MISSING}/" for key in keys}
    found = walk.hidden_addresses()
    return [(one, one.replace(key, missing[key])) for one in found for key in keys if one.startswith(key)]


def test_person_finds_nothing_about_himself(
    client: Client, town: Town, clerk: User, rows: dict[str, tuple[Any, Any]], planted: Planted
) -> None:
    """By the account, and by the name alone; he is even named on the case."""
    registers = planted.rows
    person = registers["person"]
    person.name, person.unit = clerk.name, ABOUT
    person.name_index, person.remark, person.account = name_index(clerk.name), ABOUT, clerk
    registers["criticism"].reason = registers["petition"].summary = registers["lead"].content = ABOUT
    registers["petition"].number = registers["lead"].number = ABOUT
    for name in ("person", "criticism", "petition", "lead"):
        registers[name].save()
    registers["caseaccess"].pk, registers["caseaccess"].user = None, clerk
    registers["caseaccess"].save()
    addresses = pages(Walk(rows, planted))
    assert seen(sign_in(client, clerk), addresses, CASE, ABOUT) == []
    shown = [f"{HIDDEN}{name}/" for name in ("person", "petition", "lead")]
    assert seen(sign_in(client, town.people[D.DISCIPLINE_HEAD]), shown, ABOUT) == shown
