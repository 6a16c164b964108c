"""What the tests of the register of members share."""

from datetime import date

from django.test import Client

from organizations.enums import DutyCode
from tests.factories import Town

OFFICE, LEADER = DutyCode.OFFICE_CLERK, DutyCode.AREA_LEADER
LISTS = "/admin/members/"
MEMBERS = f"{LISTS}member/"
BORN = date(1980, 3, 4)
DAY = date(2016, 3, 1)


def sign_in(client: Client, town: Town, duty: DutyCode) -> Client:
    client.force_login(town.people[duty], backend="organizations.backends.AppointmentBackend")
    return client


def file_of(**values: object) -> dict[str, object]:
    """What one types on the form of a member."""
    return {
        "name": "孙中",
        "sex": "1",
        "ethnic_group": "01",
        "joined_on": "2008-07",
        "full_member_on": "2009-07",
        **values,
    }
