"""Fixtures of the register of members."""

from datetime import date

import pytest
from django.test import Client

from members.enums import Sex
from members.models import Member
from members.services import register_member
from tests.factories import Town
from tests.members.books import id_number
from tests.members.people import BORN, OFFICE, sign_in


@pytest.fixture
def office(client: Client, town: Town) -> Client:
    return sign_in(client, town, OFFICE)


@pytest.fixture
def members(town: Town) -> tuple[Member, Member]:
    """One of the own and one of the foreign branch, both with an ID number."""
    found = []
    for branch, name in ((town.own.branch, "赵东强"), (town.foreign.branch, "钱西明")):
        joined = {"joined_on": date(2008, 7, 1), "full_member_on": date(2009, 7, 1)}
        member = Member(branch=branch, name=name, sex=Sex.MALE, **joined)
        found.append(register_member(actor=None, member=member, id_number=id_number(BORN)))
    return found[0], found[1]
