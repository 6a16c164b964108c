"""The admin's menu: what one may open stands there, and nothing else."""

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from chishang.workbench.navigation import MENU, menu_of
from organizations.enums import DutyCode
from organizations.models import User
from tests.factories import Town, UserFactory
from tests.test_access import ADMIN_VIEW, STAFF


def menu_on(user: User, path: str) -> list[tuple[str, bool]]:
    """The addresses in the menu that the account has on a page, and whether each is marked."""
    request = RequestFactory().get(path)
    request.user = user
    return [(line["link"], line["active"]) for group in menu_of(request) for line in group["items"]]


@pytest.mark.parametrize("duty", sorted(STAFF))
def test_menu_has_exactly_what_one_may_open(town: Town, client: Client, duty: DutyCode) -> None:
    client.force_login(town.people[duty])
    registers = {f"/admin/{name.replace('_', '/', 1)}/" for name, viewers in ADMIN_VIEW.items() if duty in viewers}
    offered = {address for address, _ in menu_on(town.people[duty], reverse("admin:index"))}
    pages = {reverse(entry.name) for group in MENU for entry in group.entries if not entry.covers_below}
    assert offered - pages == registers
    assert {page for page in pages if client.get(page).status_code == 200} == offered & pages


@pytest.mark.parametrize("is_superuser", [False, True])
def test_headings_of_what_one_may_not_open_are_not_in_the_page(
    town: Town, client: Client, *, is_superuser: bool
) -> None:
    reader = UserFactory(is_superuser=True) if is_superuser else town.people[DutyCode.OFFICE_CLERK]
    client.force_login(reader)
    assert "账号与权限" in client.get(reverse("admin:index")).content.decode() or not is_superuser
    assert "纪检监察" not in client.get(reverse("admin:index")).content.decode()


def test_register_is_marked_on_its_pages_and_no_other_is(town: Town, rows: dict[str, tuple[Any, Any]]) -> None:
    clerk = town.people[DutyCode.OFFICE_CLERK]
    register = reverse("admin:visits_issue_changelist")
    for address in (register, reverse("admin:visits_issue_change", args=[rows["issue"][0].pk])):
        assert [link for link, marked in menu_on(clerk, address) if marked] == [register]


def test_no_address_stands_twice() -> None:
    names = [entry.name for group in MENU for entry in group.entries]
    assert len(names) == len(set(names))
