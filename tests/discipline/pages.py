"""What the tests of the office's pages share."""

from typing import Any

from django.test import Client

from discipline.models import Case
from organizations.models import User
from tests.discipline.records import name_on

OFFICE = "/admin/discipline/"
CASES, PEOPLE, SANCTIONS = f"{OFFICE}case/", f"{OFFICE}person/", f"{OFFICE}sanction/"
CRITICISMS, READINGS = f"{OFFICE}criticism/", f"{OFFICE}reading/"


def sign_in(client: Client, user: User) -> Client:
    client.force_login(user, backend="organizations.backends.AppointmentBackend")
    return client


def opened(client: Client, address: str, purpose: str = "准备案件审理") -> str:
    """The page of a record, after its purpose is told."""
    return client.post(address, {"purpose": purpose}, follow=True).content.decode()


def fault(answer: Any) -> str:
    """What a form says is wrong with what was typed."""
    context = answer.context
    form = context["adminform"].form if "adminform" in context else context["form"]
    return "；".join(text for texts in form.errors.values() for text in texts)


def named(case: Case, *users: User) -> Case:
    """The case, with the users named on it."""
    for user in users:
        name_on(case, user)
    return case
