"""The office's side of what phones send: held operations, phones, photos."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chishang.core.dates import today
from chishang.core.figures import Question
from organizations.enums import DutyCode
from tests.api import api_client
from tests.factories import HouseholdFactory, Town, UnitFactory
from tests.visits.api.test_phones import operation, picture, put, send, visit_payload
from tests.visits.test_admin import sign_in
from visits.enums import IssueState, MoveCode, OperationState
from visits.models import Device, Issue, IssueCategory, Operation, Photo, Visit
from visits.selectors import waiting_on_phones
from visits.services import MoveFacts, move_issue
from visits.services.lost_phones import write_off_phone

CLERK, TOWN_SECRETARY, LEADER = DutyCode.OFFICE_CLERK, DutyCode.TOWN_SECRETARY, DutyCode.AREA_LEADER
REGISTER, PHONES = "/admin/visits/operation/", "/admin/visits/device/"


@pytest.fixture
def phone(town: Town) -> Client:
    return api_client(town.people[DutyCode.BRANCH_SECRETARY])


@pytest.fixture
def office(client: Client, town: Town) -> Client:
    return sign_in(client, town, CLERK)


def sent(town: Town, phone: Client, **changed: Any) -> Operation:
    """A visit that the secretary's phone sends."""
    body = operation(town, visit_payload(town, **changed))
    send(phone, body)
    return Operation.objects.get(op_id=body["op_id"])


def held(town: Town, phone: Client, **changed: Any) -> Operation:
    """A visit to a household that is no longer the secretary's."""
    return sent(town, phone, **{"household_id": town.foreign_household.pk} | changed)


def resolve(town: Town, issue: Issue) -> None:
    """The office handles the issue to its end."""
    for move, facts in (
        (MoveCode.ACCEPT, MoveFacts()),
        (MoveCode.ASSIGN, MoveFacts(unit=UnitFactory(), due_on=today())),
        (MoveCode.RESOLVE, MoveFacts(note="修好了")),
    ):
        move_issue(actor=town.people[CLERK], issue=issue, move=move, facts=facts)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_held_ones_come_first_and_name_the_household(town: Town, phone: Client, office: Client) -> None:
    held(town, phone)
    sent(town, phone, content="问了用电")
    rows = list(office.get(REGISTER).context["cl"].result_list)
    assert [row.state for row in rows] == [OperationState.HELD, OperationState.APPLIED]
    assert [row.subject_text for row in rows] == [town.foreign_household.name, town.own_household.name]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("state__exact=held", 1),
        ("kind__exact=feedback", 0),
        ("q=问了用电", 1),
        ("q=自来水", 2),
        ("q=支部书记甲", 2),
        ("village=999999", 2),
    ],
)
def test_list_is_filtered_and_searched(town: Town, phone: Client, office: Client, query: str, found: int) -> None:
    held(town, phone)
    sent(town, phone, content="问了用电")
    assert office.get(f"{REGISTER}?{query}").context["cl"].result_count == found


def test_list_is_filtered_by_village(town: Town, phone: Client, office: Client) -> None:
    held(town, phone)
    sent(town, phone)
    for village, state in ((town.own, "applied"), (town.foreign, "held")):
        (row,) = office.get(f"{REGISTER}?village={village.pk}").context["cl"].result_list
        assert row.state == state


def test_lists_take_the_same_queries_for_one_row_and_three(town: Town, phone: Client, office: Client) -> None:
    for address in (REGISTER, PHONES):
        counts = []
        for more in (1, 2):
            for _ in range(more):
                body = operation(town, visit_payload(town, household_id=HouseholdFactory(village=town.own).pk))
                send(phone, body | {"phone": {"device_id": str(uuid4()), "waiting": 1}})
            office.get(address)
            with CaptureQueriesContext(connection) as queries:
                office.get(address)
            counts.append(len(queries))
        assert counts[0] == counts[1], address


def test_page_lays_both_versions_side_by_side(town: Town, phone: Client, office: Client) -> None:
    near = town.record(town.foreign_household, visited_on=today() - timedelta(days=2))
    far = town.record(town.foreign_household, visited_on=today() - timedelta(days=20))
    one = held(town, phone, content="问了用水", remark="下雨")
    text = page(office, f"{REGISTER}{one.pk}/change/")
    assert one.reason in text
    for word in ("问了用水", "下雨", "村民用水：自来水浑浊", "外村　钱西明（TV02-0001）", "支部书记"):
        assert word in text
    assert f"/admin/visits/visit/{near.pk}/" in text
    assert f"/admin/visits/visit/{far.pk}/" not in text
    assert "采纳后：支部书记甲" in text
    assert not Visit.objects.filter(source="phone").exists()  # trying it out left nothing
    assert Operation.objects.get(pk=one.pk).state == OperationState.HELD


def test_one_press_takes_it_in_and_a_second_changes_nothing(town: Town, phone: Client, office: Client) -> None:
    one = held(town, phone)
    receipt = one.receipt
    for told in ("已入库：支部书记甲", "已经是“已入库”，没有再改动"):
        answer = office.post(f"{REGISTER}{one.pk}/apply/", follow=True)
        assert told in answer.content.decode()
    visit = Visit.objects.get()
    one.refresh_from_db()
    assert (visit.household, one.visit, one.state) == (town.foreign_household, visit, OperationState.APPLIED)
    assert one.decided_by == town.people[CLERK]
    assert one.receipt == receipt  # a phone that asks again gets what it got


def test_roll_call_tells_the_decision(town: Town, phone: Client, office: Client) -> None:
    taken, refused = held(town, phone), held(town, phone, content="重复的")
    office.post(f"{REGISTER}{taken.pk}/apply/")
    office.post(f"{REGISTER}{refused.pk}/dismiss/", {"reason": "重复"})
    ops = [[str(one.pk), one.payload_sha256] for one in (taken, refused)]
    call = {"phone": {"device_id": str(uuid4())}, "ops": ops}
    answer = phone.post("/visits/rollcall/", call, content_type="application/json").json()
    assert (answer["known"], answer["dismissed"], answer["held"]) == ([str(taken.pk)], [str(refused.pk)], [])
    assert answer["reasons"] == {str(refused.pk): "重复"}


def test_visit_goes_to_another_household_and_day(town: Town, phone: Client, office: Client) -> None:
    one = held(town, phone, household_id=999_999, visited_on=(today() + timedelta(days=3)).isoformat())
    assert "没有手机上写的这一户" in page(office, f"{REGISTER}{one.pk}/apply/")
    address, other = f"{REGISTER}{one.pk}/apply/", HouseholdFactory(village=town.own)
    answer = office.post(address, {"household": other.pk})
    assert answer.status_code == 422
    assert answer.context["form"].errors["visited_on"] == ["走访日期不能晚于今天。"]
    assert not Visit.objects.exists()
    office.post(address, {"household": other.pk, "visited_on": today().isoformat()})
    assert (Visit.objects.get().household, Visit.objects.get().visited_on) == (other, today())


def test_household_out_of_reach_is_an_error_at_its_field(town: Town, phone: Client, office: Client) -> None:
    one = held(town, phone)
    answer = office.post(f"{REGISTER}{one.pk}/apply/", {"household": 999_999})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["household"])
    assert one.pk in Operation.objects.held().values_list("pk", flat=True)


def test_dismissal_needs_a_reason_and_keeps_the_content(town: Town, phone: Client, office: Client) -> None:
    one = held(town, phone, content="独一无二的话")
    address = f"{REGISTER}{one.pk}/dismiss/"
    answer = office.post(address, {"reason": " "})
    assert (answer.status_code, answer.context["form"].errors["reason"]) == (422, ["请写明为什么不采用。"])
    office.post(address, {"reason": "与纸质台账重复"})
    text = page(office, f"{REGISTER}{one.pk}/change/")
    assert "与纸质台账重复" in text
    assert "独一无二的话" in text
    assert "采纳入库" not in text


def test_feedback_lies_beside_the_issue_as_it_stands(town: Town, phone: Client, office: Client) -> None:
    issue = town.record(town.own_household, "道路塌方").issues.get()
    payload = {"issue_id": issue.pk, "satisfaction": "satisfied", "note": "路通了"}
    send(phone, operation(town, payload, "feedback"))
    one = Operation.objects.get(kind="feedback")
    text = page(office, f"{REGISTER}{one.pk}/change/")
    for word in ("满意", "路通了", "道路塌方", "已登记", "不能“反馈群众”"):
        assert word in text
    resolve(town, issue)
    assert "采纳后：问题已“反馈群众”，现在是“已反馈”。" in page(office, f"{REGISTER}{one.pk}/change/")
    office.post(f"{REGISTER}{one.pk}/apply/")
    issue.refresh_from_db()
    assert issue.state == IssueState.CONFIRMED


@pytest.mark.parametrize("step", ["apply", "dismiss"])
def test_town_secretary_looks_and_the_office_decides(town: Town, phone: Client, client: Client, step: str) -> None:
    one = held(town, phone)
    sign_in(client, town, TOWN_SECRETARY)
    assert "由党建办决定" in page(client, f"{REGISTER}{one.pk}/change/")
    assert client.post(f"{REGISTER}{one.pk}/{step}/", {"reason": "x"}).status_code == 403
    assert client.get(f"{REGISTER}{uuid4()}/{step}/").status_code == 404
    one.refresh_from_db()
    assert one.state == OperationState.HELD


@pytest.mark.parametrize("duty", [LEADER, DutyCode.ACCOUNTANT, DutyCode.SYSTEM_ADMINISTRATOR])
def test_registers_are_closed_to_other_duties(town: Town, phone: Client, client: Client, duty: DutyCode) -> None:
    one = held(town, phone)
    sign_in(client, town, duty)
    for address in (REGISTER, PHONES, f"{REGISTER}{one.pk}/change/", f"{REGISTER}exported/"):
        assert client.get(address).status_code == 403, address
    # Where one may not see rows, none exists.
    assert client.post(f"{REGISTER}{one.pk}/apply/").status_code in {403, 404}


def test_nothing_is_added_changed_imported_or_exported(town: Town, phone: Client, office: Client) -> None:
    one = held(town, phone)
    for path in ("add/", "import/", "export/", f"{one.pk}/delete/"):
        assert office.get(f"{REGISTER}{path}").status_code == 403, path
    office.post(f"{REGISTER}{one.pk}/change/", {"state": "applied"})
    one.refresh_from_db()
    assert one.state == OperationState.HELD
    assert office.get(f"{REGISTER}{one.pk}/history/").status_code == 200


def test_text_of_a_phone_is_never_markup(town: Town, phone: Client, office: Client) -> None:
    one = held(town, phone, content="<script>alert(1)</script>")
    assert "<script>alert(1)" not in page(office, f"{REGISTER}{one.pk}/change/")


# Photos


def with_photos(town: Town, phone: Client, **changed: Any) -> tuple[Operation, Photo]:
    """A visit with two photos, of which one has come."""
    content = picture()
    names = [hashlib.sha256(content).hexdigest(), "0" * 64]
    one = sent(town, phone, photos=names, **changed)
    assert put(phone, content).status_code == 201
    return one, Photo.objects.get()


def test_photos_are_shown_with_visit_and_issue(town: Town, phone: Client, office: Client) -> None:
    one, photo = with_photos(town, phone)
    assert one.visit is not None
    issue = one.visit.issues.get()
    for address in (f"visit/{one.visit_id}", f"issue/{issue.pk}", f"operation/{one.pk}"):
        text = page(office, f"/admin/visits/{address}/change/")
        assert f'src="{REGISTER}photos/{photo.pk}/"' in text, address
        assert "照片 1/2 张" in text, address
    assert "1/2 张" in page(office, REGISTER)


def test_photo_is_given_out_to_those_who_may_see_it_and_kept_private(
    town: Town, phone: Client, client: Client
) -> None:
    _, photo = with_photos(town, phone)
    address = f"{REGISTER}photos/{photo.pk}/"
    for duty, status in ((CLERK, 200), (TOWN_SECRETARY, 200), (LEADER, 404), (DutyCode.ACCOUNTANT, 404)):
        assert sign_in(client, town, duty).get(address).status_code == status, duty
    answer = sign_in(client, town, CLERK).get(address)
    assert answer.content == bytes(photo.content)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"].startswith("private")
    assert client.get(f"{REGISTER}photos/{photo.pk + 1}/").status_code == 404
    assert Client().get(address).status_code == 302


def test_visit_page_of_who_may_not_see_photos_says_nothing_of_them(town: Town, phone: Client, client: Client) -> None:
    one, photo = with_photos(town, phone)
    text = page(sign_in(client, town, LEADER), f"/admin/visits/visit/{one.visit_id}/change/")
    assert f"photos/{photo.pk}/" not in text
    assert "照片" not in text


# Phones


def report(town: Town, client: Client, **told: Any) -> Device:
    said = {"device_id": str(uuid4()), **told}
    client.post("/visits/rollcall/", {"phone": said, "ops": []}, content_type="application/json")
    return Device.objects.get(device_id=said["device_id"])


def test_phone_says_how_many_it_sent_and_the_portal_how_many_came(town: Town, phone: Client, office: Client) -> None:
    device = report(town, phone, waiting=2, oldest_waiting_at="2026-01-02T08:00:00+08:00", sent_total=3)
    told = {"device_id": str(device.pk), "waiting": 2, "sent_total": 3}
    for content in ("一", "二"):
        send(phone, operation(town, visit_payload(town, content=content)) | {"phone": told})
    text = page(office, PHONES)
    assert "手机说已发 3 条，门户已收 2 条" in text
    assert "chishang-late" in text
    send(phone, operation(town, visit_payload(town, content="三")) | {"phone": told})
    text = page(office, PHONES)
    assert "手机说已发 3 条，门户已收 3 条" in text
    assert "chishang-late" not in text
    assert "门户已收 3 条" in page(office, f"{PHONES}{device.pk}/change/")
    assert office.get(f"{PHONES}{device.pk}/history/").status_code == 200
    assert office.get(f"{PHONES}{uuid4()}/history/").status_code == 404


def test_silent_phones_are_filtered(town: Town, phone: Client, office: Client) -> None:
    silent, empty = report(town, phone, waiting=1), report(town, phone)
    report(town, phone, waiting=1)
    long_ago = timezone.now() - timedelta(days=2)
    Device.objects.filter(pk__in=[silent.pk, empty.pk]).update(last_contact_at=long_ago)
    for query, count in (("", 3), ("?holding=waiting", 2), ("?holding=silent", 1)):
        assert office.get(f"{PHONES}{query}").context["cl"].result_count == count
    late = 'class="chishang-late"'
    assert page(office, f"{PHONES}?holding=silent").count(late) == 1
    assert office.get(f"{PHONES}?village={town.own.pk}").context["cl"].result_count == 3
    assert office.get(f"{PHONES}?village={town.foreign.pk}").context["cl"].result_count == 0


def test_lost_phone_is_written_off_and_counts_again_when_it_is_heard_of(
    town: Town, phone: Client, office: Client
) -> None:
    lost = report(town, phone, waiting=3, oldest_waiting_at="2026-01-02T08:00:00+08:00")
    report(town, phone, waiting=1)
    assert f"{PHONES}{lost.pk}/write-off/" in page(office, f"{PHONES}{lost.pk}/change/")
    assert records_waiting() == 4
    answer = office.post(f"{PHONES}{lost.pk}/write-off/", {"reason": " "})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["reason"])
    assert "自动重新计入" in page(office, f"{PHONES}{lost.pk}/write-off/")
    answer = office.post(f"{PHONES}{lost.pk}/write-off/", {"reason": "掉进水库"}, follow=True)
    for place in (f"{PHONES}{lost.pk}/change/", f"{PHONES}{lost.pk}/history/"):
        text = page(office, place)
        assert "掉进水库" in text, place
        assert town.people[CLERK].name in text, place
    assert records_waiting() == 1
    assert "3 条（手机已丢失，不再计）" in page(office, PHONES)
    for query, count in (("waiting", 1), ("silent", 0), ("lost", 1)):
        assert office.get(f"{PHONES}?holding={query}").context["cl"].result_count == count
    report(town, phone, device_id=str(lost.pk), waiting=2)
    assert records_waiting() == 3
    assert "掉进水库" not in page(office, f"{PHONES}{lost.pk}/change/").split("<form")[0]
    assert office.get(f"{PHONES}?holding=lost").context["cl"].result_count == 0


def records_waiting() -> int:
    found = waiting_on_phones(Question(today()))
    assert found is not None
    return found.records


def test_phone_is_written_off_once_and_by_the_office(town: Town, phone: Client, office: Client) -> None:
    lost = report(town, phone, waiting=3)
    address = f"{PHONES}{lost.pk}/write-off/"
    for _ in range(2):
        office.post(address, {"reason": "掉进水库"})
    assert "不用再处理" in office.post(address, {"reason": "找到了"}).content.decode()
    lost.refresh_from_db()
    assert (lost.written_off_reason, lost.written_off_by) == ("掉进水库", town.people[CLERK])
    assert office.get(f"{PHONES}{uuid4()}/write-off/").status_code == 404
    reader = sign_in(Client(), town, TOWN_SECRETARY)
    assert reader.post(address, {"reason": "x"}).status_code == 403
    assert address not in page(reader, f"{PHONES}{lost.pk}/change/")
    with pytest.raises(ValidationError, match="没有处理这部手机的权限"):
        write_off_phone(actor=town.people[TOWN_SECRETARY], device=lost, reason="x")


def test_category_that_is_gone_is_shown_by_its_number(town: Town, phone: Client, office: Client) -> None:
    last = IssueCategory.objects.order_by("pk").last()
    assert last is not None
    issues = [{"category_id": last.pk + 1, "description": "路", "urgency": "urgent"}]
    one = sent(town, phone, issues=issues)
    assert "（没有这个类别）（紧急）：路" in page(office, f"{REGISTER}{one.pk}/change/")
