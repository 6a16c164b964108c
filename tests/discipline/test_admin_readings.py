"""The readings in the admin: one's own and those of records that one may see; never changed."""

import pytest
from django.test import Client

from discipline.models import Reading
from discipline.services.readings import record_import, record_reading
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.discipline.pages import READINGS, named, sign_in
from tests.discipline.records import make_case, make_person
from tests.factories import Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def head(town: Town) -> User:
    return town.people[D.DISCIPLINE_HEAD]


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


def test_readings_of_one_s_records_are_listed_and_no_others(client: Client, head: User, clerk: User) -> None:
    own = named(make_case(make_person("方明远")), clerk, head)
    other = named(make_case(make_person("乔守信"), number="池纪立〔2017〕2号"), head)
    record_reading(actor=head, row=own, purpose="纪委书记审核")
    record_reading(actor=head, row=other, purpose="另一案件的审核")
    record_import(actor=None, operator="root", file="06.xlsx")
    page = sign_in(client, clerk).get(READINGS).content.decode()
    for text in ("纪委书记审核", head.name, "案件 池纪立〔2017〕1号", "root", "06.xlsx"):
        assert text in page
    for hidden in ("另一案件的审核", "池纪立〔2017〕2号", "方明远"):
        assert hidden not in page


def test_one_s_own_readings_stay_though_the_record_is_closed(client: Client, clerk: User) -> None:
    record_reading(actor=clerk, row=make_case(make_person()), purpose="准备案件审理")
    assert "准备案件审理" in sign_in(client, clerk).get(READINGS).content.decode()


@pytest.mark.parametrize(
    ("query", "found"), [("q=2017〕1", True), ("q=审理", True), ("q=信访", False), ("register__exact=case", True)]
)
def test_readings_are_searched_and_filtered(client: Client, clerk: User, query: str, found: bool) -> None:
    record_reading(actor=clerk, row=make_case(make_person()), purpose="准备案件审理")
    assert ("准备案件审理" in sign_in(client, clerk).get(f"{READINGS}?{query}").content.decode()) == found


def test_readings_are_only_looked_at(client: Client, clerk: User, head: User) -> None:
    reading = record_reading(actor=clerk, row=make_case(make_person()), purpose="准备案件审理")
    sign_in(client, clerk)
    page = client.get(f"{READINGS}{reading.pk}/change/").content.decode()
    assert "准备案件审理" in page
    assert 'name="_save"' not in page
    assert client.post(f"{READINGS}{reading.pk}/change/", {"purpose": "改写了"}).status_code == 403
    assert client.get(f"{READINGS}add/").status_code == 403
    assert client.get(f"{READINGS}{reading.pk}/history/").status_code == 404
    sign_in(client, head)
    assert client.get(f"{READINGS}{reading.pk}/change/").status_code == 404
    assert Reading.objects.get().purpose == "准备案件审理"
