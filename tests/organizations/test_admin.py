"""Registers of organizations, accounts and keys in the admin."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.test import Client, RequestFactory
from django.utils import timezone
from tablib import Dataset

from chishang.core.dates import today
from organizations.enums import DutyCode
from organizations.models import ApiKey, Appointment, Duty, User, VillageStatistic
from organizations.resources import AppointmentResource
from organizations.services import find_api_key, issue_api_key
from tests.factories import Town, UserFactory, VillageFactory, appoint

LISTS = "/admin/organizations/"
ADMINISTRATOR, HEAD, CLERK = DutyCode.SYSTEM_ADMINISTRATOR, DutyCode.OFFICE_HEAD, DutyCode.OFFICE_CLERK


def sign_in(client: Client, town: Town, duty: DutyCode) -> Client:
    client.force_login(town.people[duty], backend="organizations.backends.AppointmentBackend")
    return client


@pytest.mark.parametrize(
    ("register", "expected"), [("organization", 14), ("village", 13), ("appointment", 15), ("user", 12), ("area", 12)]
)
def test_list_takes_the_same_queries_with_more_rows(
    client: Client, town: Town, register: str, expected: int, django_assert_num_queries: object
) -> None:
    sign_in(client, town, HEAD)
    client.get(f"{LISTS}{register}/")
    with django_assert_num_queries(expected):  # type: ignore[operator]
        client.get(f"{LISTS}{register}/")
    for _ in range(2):
        appoint(UserFactory(), DutyCode.VILLAGE_AGENT, VillageFactory(branch__parent=town.root))
    with django_assert_num_queries(expected):  # type: ignore[operator]
        client.get(f"{LISTS}{register}/")


def test_area_leader_sees_the_area_only(client: Client, town: Town) -> None:
    page = sign_in(client, town, DutyCode.AREA_LEADER).get(f"{LISTS}village/").content.decode()
    assert "本村" in page
    assert "外村" not in page
    assert client.get(f"{LISTS}village/{town.foreign.pk}/change/").status_code == 404
    assert client.get(f"{LISTS}village/{town.foreign.pk}/history/").status_code == 404


def test_one_time_code_is_shown_once_and_signs_in(client: Client, town: Town) -> None:
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    sign_in(client, town, ADMINISTRATOR)
    page = client.post(f"{LISTS}user/{secretary.pk}/one-time-code/", follow=True).content.decode()
    code = re.search(r"新口令：([a-z0-9-]+)。", page).group(1)  # type: ignore[union-attr]
    request = RequestFactory().post("/accounts/login/")
    assert authenticate(request, username=secretary.username, password=code) == secretary
    assert code not in client.get(f"{LISTS}user/{secretary.pk}/change/").content.decode()


def test_one_time_code_needs_the_right_to_change_accounts(client: Client, town: Town) -> None:
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    before = User.objects.get(pk=secretary.pk).password
    address = f"{LISTS}user/{secretary.pk}/one-time-code/"
    assert sign_in(client, town, CLERK).post(address).status_code == 403
    assert sign_in(client, town, ADMINISTRATOR).get(address).status_code == 405
    assert User.objects.get(pk=secretary.pk).password == before


def test_key_is_made_shown_once_and_revoked(client: Client, town: Town) -> None:
    sign_in(client, town, ADMINISTRATOR)
    account = town.people[DutyCode.DISTRICT_CLIENT]
    expires = (timezone.localtime() + timedelta(days=90)).strftime("%Y-%m-%d %H:%M")
    date, time = expires.split()
    data = {"user": account.pk, "name": "区报表", "expires_at_0": date, "expires_at_1": time}
    page = client.post(f"{LISTS}apikey/add/", data, follow=True).content.decode()
    text = re.search(r"新密钥：(\S+?)。", page).group(1)  # type: ignore[union-attr]
    key = find_api_key(text)
    assert (key.user, key.created_by) == (account, town.people[ADMINISTRATOR])  # type: ignore[union-attr]
    assert text not in client.get(f"{LISTS}apikey/{key.pk}/change/").content.decode()  # type: ignore[union-attr]
    assert client.get(f"{LISTS}apikey/{key.pk}/revoke/").status_code == 405  # type: ignore[union-attr]
    client.post(f"{LISTS}apikey/{key.pk}/revoke/")  # type: ignore[union-attr]
    assert find_api_key(text) is None


def test_key_register_is_for_the_administrator(client: Client, town: Town) -> None:
    key, _ = issue_api_key(
        actor=None, user=town.people[DutyCode.DISTRICT_CLIENT], name="x", expires_at=timezone.now() + timedelta(1)
    )
    sign_in(client, town, HEAD)
    for path in ("", "add/", f"{key.pk}/change/"):
        assert client.get(f"{LISTS}apikey/{path}").status_code in {403, 404}, path
    assert client.post(f"{LISTS}apikey/{key.pk}/revoke/").status_code in {403, 404}
    assert ApiKey.objects.get().revoked_at is None


def test_duty_s_permissions_are_edited_on_the_duty(client: Client, town: Town) -> None:
    sign_in(client, town, ADMINISTRATOR)
    duty = Duty.objects.get(code=DutyCode.VILLAGE_AGENT)
    page = client.get(f"{LISTS}duty/{duty.pk}/change/").content.decode()
    held = set(re.findall(r'name="permissions" value="(\d+)" checked', page))
    assert held == {str(pk) for pk in duty.group.permissions.values_list("pk", flat=True)}
    kept = list(duty.group.permissions.values_list("pk", flat=True))[:1]
    data = {"name": duty.name, "place_kind": duty.place_kind, "idle_minutes": 30, "sort_no": 1, "permissions": kept}
    assert client.post(f"{LISTS}duty/{duty.pk}/change/", data).status_code == 302
    assert list(duty.group.permissions.values_list("pk", flat=True)) == kept


def test_duty_shows_its_permissions_in_words_to_those_who_only_look(client: Client, town: Town) -> None:
    sign_in(client, town, HEAD)
    duty = Duty.objects.get(code=DutyCode.BRANCH_SECRETARY)
    page = client.get(f"{LISTS}duty/{duty.pk}/change/").content.decode()
    assert "走访：查看、新增" in page
    assert 'name="permissions"' not in page


def test_search_boxes_have_one_script(client: Client, town: Town) -> None:
    sign_in(client, town, HEAD)
    page = client.get(f"{LISTS}appointment/add/").content.decode()
    assert page.count("select2.full") == 1
    assert "select2/i18n/zh-CN" in page


def test_hand_over_ends_one_appointment_and_begins_another(client: Client, town: Town) -> None:
    sign_in(client, town, HEAD)
    old = Appointment.objects.get(user=town.people[DutyCode.BRANCH_SECRETARY])
    data = {
        "user": old.user_id,
        "duty": old.duty_id,
        "organization": old.organization_id,
        "started_on": old.started_on.isoformat(),
        "ended_on": (today() - timedelta(days=1)).isoformat(),
    }
    assert client.post(f"{LISTS}appointment/{old.pk}/change/", data).status_code == 302
    new = UserFactory()
    data |= {"user": new.pk, "started_on": today().isoformat(), "ended_on": ""}
    assert client.post(f"{LISTS}appointment/add/", data).status_code == 302
    assert not User.objects.get(pk=old.user_id).has_perm("visits.add_visit")
    assert User.objects.get(pk=new.pk).has_perm("visits.add_visit")


def test_appointment_at_two_places_says_so(client: Client, town: Town) -> None:
    sign_in(client, town, HEAD)
    duty = Duty.objects.get(code=DutyCode.BRANCH_SECRETARY)
    data = {"user": UserFactory().pk, "duty": duty.pk, "organization": town.own.branch_id, "village": town.own.pk}
    answer = client.post(f"{LISTS}appointment/add/", data | {"started_on": today().isoformat()})
    assert "任职单位只能填一个" in answer.content.decode()


NOT_TO_GIVE = [
    (CLERK, CLERK, DutyCode.TOWN_SECRETARY, "不能办理自己的任职"),
    (CLERK, DutyCode.ACCOUNTANT, HEAD, "请由系统管理员任命"),
    (HEAD, DutyCode.ACCOUNTANT, ADMINISTRATOR, "请由系统管理员任命"),
    (ADMINISTRATOR, ADMINISTRATOR, HEAD, "不能办理自己的任职"),
]


@pytest.mark.parametrize(("actor", "person", "duty", "message"), NOT_TO_GIVE)
def test_nobody_appoints_himself_or_to_more_than_he_may_hand_out(
    client: Client, town: Town, actor: DutyCode, person: DutyCode, duty: DutyCode, message: str
) -> None:
    sign_in(client, town, actor)
    row = {"user": town.people[person].pk, "duty": Duty.objects.get(code=duty).pk, "organization": town.root.pk}
    answer = client.post(f"{LISTS}appointment/add/", row | {"started_on": today().isoformat()})
    assert message in answer.context["adminform"].form.errors["duty"][0]
    assert Appointment.objects.filter(user=town.people[person]).count() == 1


@pytest.mark.parametrize(("actor", "person", "duty", "message"), NOT_TO_GIVE[:3])
def test_appointments_are_imported_by_the_same_rule(
    town: Town, actor: DutyCode, person: DutyCode, duty: DutyCode, message: str
) -> None:
    sheet = Dataset(headers=["姓名", "职务", "党组织", "行政村", "片区", "开始日期"])
    sheet.append([town.people[person].username, duty, town.root.code, "", "", today().isoformat()])
    result = AppointmentResource(user=town.people[actor]).import_data(sheet)
    assert message in result.invalid_rows[0].error.message_dict["职务"][0]
    assert Appointment.objects.filter(user=town.people[person]).count() == 1


def test_own_appointment_is_not_prolonged_on_the_account_s_page(client: Client, town: Town) -> None:
    sign_in(client, town, HEAD)
    head = town.people[HEAD]
    own = head.appointments.get()
    rows = {"appointments-TOTAL_FORMS": 1, "appointments-INITIAL_FORMS": 1, "appointments-0-id": own.pk}
    rows |= {"appointments-0-duty": own.duty_id, "appointments-0-organization": own.organization_id}
    rows |= {"appointments-0-started_on": own.started_on.isoformat(), "appointments-0-user": head.pk}
    data = {"name": head.name, "username": head.username, "phone": "15400000099", "is_active": "on", **rows}
    assert client.post(f"{LISTS}user/{head.pk}/change/", data).status_code == 302
    data["appointments-0-ended_on"] = "2099-12-31"
    answer = client.post(f"{LISTS}user/{head.pk}/change/", data)
    assert "不能办理自己的任职" in answer.content.decode()
    own.refresh_from_db()
    assert own.ended_on is None


def test_head_does_not_take_over_the_administrator_s_account(client: Client, town: Town) -> None:
    administrator = town.people[ADMINISTRATOR]
    sign_in(client, town, HEAD)
    assert client.get(f"{LISTS}user/{administrator.pk}/change/").status_code == 200
    assert client.post(f"{LISTS}user/{administrator.pk}/one-time-code/").status_code == 403
    data = {"name": "x", "username": administrator.username}
    assert client.post(f"{LISTS}user/{administrator.pk}/change/", data).status_code == 403
    assert User.objects.get(pk=administrator.pk).is_active


def test_administrator_does_not_switch_off_a_superuser(client: Client, town: Town) -> None:
    root = User.objects.create_superuser("root", "x", name="超级")
    sign_in(client, town, ADMINISTRATOR)
    assert client.post(f"{LISTS}user/{root.pk}/change/", {"name": "x", "username": "root"}).status_code == 403
    assert client.post(f"{LISTS}user/{root.pk}/one-time-code/").status_code == 403


def test_nothing_can_be_deleted(client: Client, town: Town) -> None:
    sign_in(client, town, HEAD)
    assert client.get(f"{LISTS}village/{town.own.pk}/delete/").status_code == 403
    assert "delete_selected" not in client.get(f"{LISTS}village/").content.decode()


def test_sheet_of_a_register_that_hangs_on_this_one_holds_the_rows_below_the_listed(
    client: Client, town: Town
) -> None:
    for village, households in ((town.own, 111), (town.foreign, 222)):
        VillageStatistic.objects.create(village=village, year=2017, households=households, population=300)
    sign_in(client, town, HEAD)
    address = f"{LISTS}village/export/?q=TV01"
    fields = {name: "on" for name in client.get(address).context["form"].fields if name.startswith("villagestatistic")}
    answer = client.post(address, {"format": "1", "resource": "1", **fields})
    assert answer.status_code == 200
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert [line.split(",") for line in lines] == [["行政村", "年度", "户数", "人口"], ["TV01", "2017", "111", "300"]]
