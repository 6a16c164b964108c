"""Rights on confidential registers: nobody gives away what he does not hold, in whichever way."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from tablib import Dataset

from chishang.core.dates import today
from organizations.enums import DutyCode as D
from organizations.models import ApiKey, Appointment, Duty, User
from organizations.permissions import may_grant, may_manage
from organizations.resources import AppointmentResource
from tests.factories import Town, UserFactory, appoint

LISTS = "/admin/organizations/"


def sign_in(client: Client, user: User) -> Client:
    client.force_login(user, backend="organizations.backends.AppointmentBackend")
    return client


def confidential() -> set[str]:
    """The keys of the permissions of the confidential registers."""
    rows = Permission.objects.filter(content_type__app_label="discipline")
    return {str(key) for key in rows.values_list("pk", flat=True)}


def form_of(duty: Duty, *permissions: Permission) -> dict[str, object]:
    fields = {"name": duty.name, "place_kind": duty.place_kind, "idle_minutes": 30, "sort_no": 1, "uses_admin": "on"}
    return {**fields, "permissions": [one.pk for one in permissions]}


def holding(duty: Duty, *names: str) -> None:
    """Give the duty's group permissions, as a data migration does."""
    for name in names:
        app_label, codename = name.split(".")
        duty.group.permissions.add(Permission.objects.get(content_type__app_label=app_label, codename=codename))


@pytest.fixture
def administrator(town: Town) -> User:
    return town.people[D.SYSTEM_ADMINISTRATOR]


@pytest.mark.parametrize("everything", [False, True])
def test_duty_form_does_not_offer_what_one_does_not_hold(
    client: Client, town: Town, administrator: User, everything: bool
) -> None:
    user = UserFactory(is_superuser=True) if everything else administrator
    duty = Duty.objects.get(code=D.DISCIPLINE_CLERK)
    page = sign_in(client, user).get(f"{LISTS}duty/{duty.pk}/change/").content.decode()
    offered = set(re.findall(r'name="permissions" value="(\d+)"', page))
    assert len(offered) > 100
    assert not offered & confidential()


def test_duty_form_offers_what_one_holds_oneself(client: Client, town: Town, administrator: User) -> None:
    holding(Duty.objects.get(code=D.SYSTEM_ADMINISTRATOR), "discipline.view_petition")
    duty = Duty.objects.get(code=D.DISCIPLINE_CLERK)
    page = sign_in(client, administrator).get(f"{LISTS}duty/{duty.pk}/change/").content.decode()
    petition = Permission.objects.get(codename="view_petition")
    assert set(re.findall(r'name="permissions" value="(\d+)"', page)) & confidential() == {str(petition.pk)}


def test_saving_a_duty_keeps_its_confidential_rights(client: Client, town: Town, administrator: User) -> None:
    duty = Duty.objects.get(code=D.DISCIPLINE_CLERK)
    before = {str(key) for key in duty.group.permissions.values_list("pk", flat=True)}
    kept = Permission.objects.get(codename="view_organization")
    answer = sign_in(client, administrator).post(f"{LISTS}duty/{duty.pk}/change/", form_of(duty, kept))
    assert answer.status_code == 302
    after = {str(key) for key in duty.group.permissions.values_list("pk", flat=True)}
    assert after == (before & confidential()) | {str(kept.pk)}


def test_confidential_right_that_is_not_offered_is_refused(client: Client, town: Town, administrator: User) -> None:
    duty = Duty.objects.get(code=D.OFFICE_CLERK)
    view = Permission.objects.get(codename="view_case")
    answer = sign_in(client, administrator).post(f"{LISTS}duty/{duty.pk}/change/", form_of(duty, view))
    assert answer.status_code == 200
    assert "permissions" in answer.context["adminform"].form.errors
    assert not duty.group.permissions.filter(pk=view.pk).exists()


@pytest.mark.parametrize("actor", [D.OFFICE_HEAD, D.OFFICE_CLERK])
def test_office_does_not_appoint_to_a_confidential_duty(client: Client, town: Town, actor: D) -> None:
    duty, friend = Duty.objects.get(code=D.DISCIPLINE_CLERK), UserFactory()
    assert not may_grant(town.people[actor], duty)
    row = {"user": friend.pk, "duty": duty.pk, "organization": town.root.pk, "started_on": today().isoformat()}
    answer = sign_in(client, town.people[actor]).post(f"{LISTS}appointment/add/", row)
    assert "请由系统管理员任命" in answer.content.decode()
    sheet = Dataset(headers=["姓名", "职务", "党组织", "行政村", "片区", "开始日期"])
    sheet.append([friend.username, D.DISCIPLINE_CLERK, town.root.code, "", "", today().isoformat()])
    result = AppointmentResource(user=town.people[actor]).import_data(sheet)
    assert "请由系统管理员任命" in result.invalid_rows[0].error.message_dict["职务"][0]
    assert not Appointment.objects.filter(user=friend).exists()


def test_administrator_appoints_to_a_confidential_duty_but_not_himself(
    client: Client, town: Town, administrator: User
) -> None:
    duty, new = Duty.objects.get(code=D.DISCIPLINE_CLERK), UserFactory()
    sign_in(client, administrator)
    for user in (new, administrator):
        row = {"user": user.pk, "duty": duty.pk, "organization": town.root.pk, "started_on": today().isoformat()}
        client.post(f"{LISTS}appointment/add/", row)
    assert list(Appointment.objects.filter(duty=duty, started_on=today()).values_list("user", flat=True)) == [new.pk]


def test_duties_are_not_imported(client: Client, town: Town, administrator: User) -> None:
    assert sign_in(client, administrator).get(f"{LISTS}duty/import/").status_code == 403
    assert sign_in(client, administrator).post(f"{LISTS}duty/process_import/").status_code == 403


@pytest.mark.parametrize("officer", [D.DISCIPLINE_HEAD, D.DISCIPLINE_CLERK])
def test_one_time_code_of_the_discipline_office(client: Client, town: Town, officer: D) -> None:
    account = town.people[officer]
    may = {duty for duty, user in town.people.items() if duty != officer and may_manage(user, account)}
    assert may - {D.DISCIPLINE_HEAD} == {D.SYSTEM_ADMINISTRATOR}
    address = f"{LISTS}user/{account.pk}/one-time-code/"
    for duty in (D.OFFICE_HEAD, D.OFFICE_CLERK, D.TOWN_SECRETARY):
        assert sign_in(client, town.people[duty]).post(address).status_code == 403, duty
    assert User.objects.get(pk=account.pk).password == account.password
    assert sign_in(client, town.people[D.SYSTEM_ADMINISTRATOR]).post(address).status_code == 302
    assert User.objects.get(pk=account.pk).password != account.password


def test_whoever_has_the_same_confidential_rights_may_give_the_code(town: Town) -> None:
    head, clerk = town.people[D.DISCIPLINE_HEAD], town.people[D.DISCIPLINE_CLERK]
    assert may_manage(head, clerk)
    assert not may_manage(clerk, head)  # who hands cases out has one right more


def test_account_of_a_confidential_duty_is_not_changed_by_an_import(town: Town) -> None:
    account = town.people[D.DISCIPLINE_CLERK]
    assert not may_manage(town.people[D.OFFICE_HEAD], account)
    appoint(account, D.ACCOUNTANT, town.root)
    assert not may_manage(town.people[D.OFFICE_HEAD], User.objects.get(pk=account.pk))


def test_key_acts_only_for_an_account_that_one_may_manage(client: Client, town: Town) -> None:
    user = UserFactory()
    appoint(user, D.VILLAGE_AGENT, town.own)
    duty = Duty.objects.get(code=D.VILLAGE_AGENT)
    duty.uses_admin = True
    duty.save()
    places = ("organizations.view_apikey", "organizations.add_apikey", "organizations.view_user")
    holding(duty, *places)
    appoint(town.people[D.DISCIPLINE_CLERK], D.VILLAGE_AGENT, town.own)
    end = timezone.localtime() + timedelta(days=9)
    data = {"name": "区", "expires_at_0": end.strftime("%Y-%m-%d"), "expires_at_1": end.strftime("%H:%M")}
    answer = sign_in(client, user).post(f"{LISTS}apikey/add/", data | {"user": town.people[D.DISCIPLINE_CLERK].pk})
    assert "请由系统管理员签发密钥" in answer.content.decode()
    assert not ApiKey.objects.exists()
