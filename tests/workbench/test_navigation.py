"""The admin's menu: what one may open stands there, and nothing else."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chishang.workbench.navigation import MENU
from organizations.enums import DutyCode
from tests.factories import Town
from tests.test_access import ADMIN_VIEW, STAFF


def menu_on(client: Client, address: str) -> list[tuple[str, bool]]:
    """The addresses in the menu of a page, and whether each is marked."""
    page = client.get(address).content.decode()
    menu = page.partition('id="nav-sidebar-apps"')[2].partition("<main")[0]
    return [(link, " active" in classes) for link, classes in re.findall(r'<a href="([^"]+)" class="([^"]+)"', menu)]


@pytest.mark.parametrize("duty", sorted(STAFF))
def test_menu_has_exactly_what_one_may_open(town: Town, client: Client, duty: DutyCode) -> None:
    client.force_login(town.people[duty])
    registers = {f"/admin/{name.replace('_', '/', 1)}/" for name, viewers in ADMIN_VIEW.items() if duty in viewers}
    addresses = [address for address, _ in menu_on(client, reverse("admin:index"))]
    pages = [one for one in addresses if one not in registers]
    assert registers <= set(addresses)
    assert [client.get(page).status_code for page in pages] == [200] * len(pages)


def test_headings_of_what_one_may_not_open_are_not_in_the_page(town: Town, client: Client) -> None:
    client.force_login(town.people[DutyCode.OFFICE_CLERK])
    assert "纪检监察" not in client.get(reverse("admin:index")).content.decode()


def test_register_is_marked_on_its_pages_and_no_other_is(town: Town, rows: dict[str, tuple[Any, Any]]) -> None:
    client = Client()
    client.force_login(town.people[DutyCode.OFFICE_CLERK])
    register = reverse("admin:visits_issue_changelist")
    for address in (register, reverse("admin:visits_issue_change", args=[rows["issue"][0].pk])):
        assert [link for link, marked in menu_on(client, address) if marked] == [register]


def test_no_address_stands_twice() -> None:
    names = [entry.name for group in MENU for entry in group.entries]
    assert len(names) == len(set(names))
