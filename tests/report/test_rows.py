"""For every figure and every duty: the rows that the API gives are as many as the value says, or add up to it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from chishang.core.figures import Figure, Question, all_figures
from organizations.enums import DutyCode as D
from organizations.enums import PlaceKind
from organizations.models import Duty, Organization, User, Village
from tests.api import api_client
from tests.factories import UserFactory, appoint

ADDRESS = "/api/v1/report/"
DAY = "2017-12-31"
MANY = 100
"""More rows than that are read as JSON by one of the duties only: it is the others' very JSON, and takes its time."""
COUNTED = {D.TOWN_SECRETARY, D.OFFICE_HEAD, D.OFFICE_CLERK, D.DISTRICT_CLIENT, D.DISCIPLINE_HEAD, D.DISCIPLINE_CLERK}
FIGURES = all_figures()
OPEN = [one for one in FIGURES if not one.confidential]
CONFIDENTIAL = [one for one in FIGURES if one.confidential]


def a_village() -> Village:
    """One in which issues were raised."""
    found: Village = Village.objects.filter(households__visits__issues__isnull=False).earliest("pk")
    return found


def holder(duty: D) -> User:
    """An account with the duty in the loaded township: at the town's committee, or in a village of it."""
    village = a_village()
    places: dict[str, Any] = {
        PlaceKind.ORGANIZATION: Organization.objects.get(parent__isnull=True),
        PlaceKind.VILLAGE: village,
        PlaceKind.AREA: village.area,
    }
    place = village.branch if duty == D.BRANCH_SECRETARY else places[Duty.objects.get(code=duty).place_kind]
    user: User = UserFactory()
    appoint(user, duty, place)
    return user


def rows_of(client: Client, figure: Figure, query: str) -> list[dict[str, Any]] | int:
    """All rows behind the figure, page after page; the status of a refusal."""
    found, following = [], f"{ADDRESS}{figure.key}/rows/?{query}&limit=1000"
    while following:
        answer = client.get(following)
        if answer.status_code != 200:
            return answer.status_code
        body = answer.json()
        found += body["results"]
        following = body["next"]
    return found


def total_of(figure: Figure, rows: list[dict[str, Any]]) -> Any:
    return sum(Decimal(row[figure.total]) for row in rows) if figure.total else len(rows)


@pytest.mark.parametrize("duty", D)
def test_rows_make_the_value_for_every_duty(whole_township: None, duty: D) -> None:
    user = holder(duty)
    client, question = api_client(user), Question(as_of=date.fromisoformat(DAY), user=user)
    values = {key: one["value"] for key, one in client.get(f"{ADDRESS}?as_of={DAY}").json()["figures"].items()}
    assert values["org.villages"]  # everybody may ask for the report, and sees at least his own village
    for figure in OPEN:
        value = values[figure.key]
        if value is None:  # of the villages with such rows the villages may be seen, the rows not
            assert rows_of(client, figure, f"as_of={DAY}") in (403, []), figure.key
        elif duty != D.OFFICE_CLERK and not figure.total and value > MANY:  # the same rows, but not through JSON
            assert figure.rows(question).count() == value, figure.key
        else:
            rows = rows_of(client, figure, f"as_of={DAY}")
            assert isinstance(rows, list), (figure.key, rows)
            assert len({row["id"] for row in rows}) == len(rows), figure.key
            assert total_of(figure, rows) == Decimal(value), figure.key


@pytest.mark.parametrize("duty", D)
def test_confidential_counts_have_no_rows(whole_township: None, duty: D) -> None:
    client = api_client(holder(duty))
    figures = client.get(f"{ADDRESS}?as_of={DAY}").json()["figures"]

    assert {figures[one.key]["value"] is not None for one in CONFIDENTIAL} == {duty in COUNTED}
    assert {rows_of(client, one, f"as_of={DAY}") for one in CONFIDENTIAL} == {404}


@pytest.mark.parametrize("query", ["branch", "as_of=2017-06-30"])
def test_rows_make_the_value_of_one_branch_and_of_an_earlier_day(whole_township: None, query: str) -> None:
    client = api_client(holder(D.OFFICE_CLERK))
    if query == "branch":
        query = f"as_of={DAY}&organization={a_village().branch.code}"
    values = {key: one["value"] for key, one in client.get(f"{ADDRESS}?{query}").json()["figures"].items()}
    for figure in OPEN:
        if not figure.total and (values[figure.key] or 0) > MANY:
            continue
        rows = rows_of(client, figure, query)
        assert isinstance(rows, list), figure.key
        assert total_of(figure, rows) == Decimal(values[figure.key] or 0), figure.key
