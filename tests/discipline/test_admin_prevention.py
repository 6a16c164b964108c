"""Responsibility lists, lessons, inspections and lists of powers in the admin."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from chishang.core.dates import today
from discipline.models import (
    InspectionFinding,
    IntegrityEvent,
    PowerItem,
    PowerList,
    ResponsibilityItem,
    ResponsibilityList,
    StyleInspection,
)
from organizations.enums import DutyCode as D
from tests.factories import Town, UserFactory, appoint
from tests.finance.registers import faults
from tests.organizations.test_admin import sign_in

REGISTERS = "/admin/discipline/"
NAMES = ("responsibilitylist", "responsibilityitem", "integrityevent", "styleinspection", "powerlist")


@pytest.fixture
def office(client: Client, town: Town) -> Client:
    return sign_in(client, town, D.DISCIPLINE_CLERK)


def listed(client: Client, register: str, query: str = "") -> list[Any]:
    """The rows that the list shows."""
    page: Any = client.get(f"{REGISTERS}{register}/{query}")
    return list(page.context["cl"].result_list)


def text(client: Client, address: str) -> str:
    return client.get(f"{REGISTERS}{address}").content.decode()


def make_list(kind: str = "committee", **fields: Any) -> ResponsibilityList:
    row: ResponsibilityList = ResponsibilityList.objects.create(
        kind=kind, bearer="镇党委", **{"issued_on": date(2017, 3, 10), **fields}
    )
    return row


def make_item(row: ResponsibilityList, number: int = 1, **fields: Any) -> ResponsibilityItem:
    values = {"content": f"责任事项{number}", "owner": "房长亮", "due_on": today() + timedelta(days=9), **fields}
    item: ResponsibilityItem = ResponsibilityItem.objects.create(responsibility_list=row, number=number, **values)
    return item


def make_event(**fields: Any) -> IntegrityEvent:
    values = {"kind": "lesson", "held_on": date(2017, 2, 5), "topic": "守纪律", "audience": "村干部", "attendees": 60}
    row: IntegrityEvent = IntegrityEvent.objects.create(**{**values, **fields})
    return row


def make_inspection(**fields: Any) -> StyleInspection:
    values = {"inspected_on": date(2017, 1, 11), "unit": "卫生院", "inspectors": "吴美珍", **fields}
    row: StyleInspection = StyleInspection.objects.create(**values)
    return row


def inline(name: str, *rows: dict[str, Any], stored: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = {f"{name}-TOTAL_FORMS": len(rows), f"{name}-INITIAL_FORMS": stored}
    for number, row in enumerate(rows):
        data |= {f"{name}-{number}-{column}": value for column, value in row.items()}
    return data


LIST = {"kind": "committee", "bearer": "镇党委", "issued_on": "2017-03-10", "document_no": "", "organization": ""}
ITEM = {"number": 1, "content": "研究党风廉政建设", "owner": "房长亮", "due_on": "2017-12-20"}


def test_list_is_stored_with_its_items(office: Client) -> None:
    assert office.post(f"{REGISTERS}responsibilitylist/add/", LIST | inline("items", ITEM)).status_code == 302
    assert ResponsibilityItem.objects.get().responsibility_list.bearer == "镇党委"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"due_on": "2017-03-09"}, "完成时限不能早于清单的印发日期（2017-03-10）"),
        ({"done_on": "2099-01-01", "evidence": "会议记录"}, "完成日期不能晚于今天"),
        ({"done_on": "2017-05-01"}, "完成的事项请写明佐证材料"),
    ],
)
def test_item_against_the_rules_is_an_error_and_nothing_is_stored(
    office: Client, values: dict[str, str], words: str
) -> None:
    answer = office.post(f"{REGISTERS}responsibilitylist/add/", LIST | inline("items", ITEM | values))
    assert words in faults(answer)
    assert not ResponsibilityList.objects.exists()


def test_overdue_items_are_marked_and_found(office: Client) -> None:
    late, fine, empty = make_list(), make_list("secretary"), make_list("members")
    make_item(late, 1, due_on=today() - timedelta(days=3))
    make_item(late, 2, due_on=today())
    make_item(fine, 1, due_on=date(2017, 5, 1), done_on=date(2017, 5, 3), evidence="会议记录")
    page = text(office, "responsibilitylist/")
    assert "逾期 1 项" in page
    assert "0/2" in page
    for state, rows in {"overdue": [late], "open": [late], "done": [fine], "empty": [empty]}.items():
        assert listed(office, "responsibilitylist", f"?state={state}") == rows
    assert len(listed(office, "responsibilitylist", "?state=other")) == 3
    page = text(office, f"responsibilitylist/{late.pk}/change/")
    assert "逾期 3 天" in page
    assert "未到期" in page
    assert "逾期 1 项" in page
    assert "已完成，晚 2 天" in text(office, f"responsibilitylist/{fine.pk}/change/")


def test_items_of_all_lists_are_filtered(office: Client) -> None:
    row = make_list()
    late = make_item(row, 1, due_on=today() - timedelta(days=1))
    waiting = make_item(row, 2)
    done = make_item(row, 3, due_on=date(2017, 5, 1), done_on=date(2017, 5, 1), evidence="会议记录")
    for state, item in {"overdue": late, "open": waiting, "done": done}.items():
        assert listed(office, "responsibilityitem", f"?state={state}") == [item]
    assert listed(office, "responsibilityitem", "?in_year=2017") == [done]


def test_each_owner_is_counted(office: Client) -> None:
    row, other = make_list(), make_list("secretary")
    make_item(row, 1, owner="房长亮", due_on=date(2017, 5, 1), done_on=date(2017, 5, 1), evidence="记录")
    make_item(row, 2, owner="房长亮")
    make_item(row, 3, owner="吴美珍", due_on=date(2017, 5, 1))
    make_item(other, 1, owner="史慧")
    page: Any = office.get(f"{REGISTERS}responsibilitylist/{row.pk}/change/")
    counted = {one["owner"]: (one["done"], one["total"], one["overdue"]) for one in page.context["owners"]}
    assert counted == {"房长亮": (1, 2, 0), "吴美珍": (0, 1, 1)}


def test_quarters_stand_above_the_lessons(office: Client) -> None:
    make_event(held_on=date(2017, 2, 5))
    page = text(office, "integrityevent/")
    assert f"{today().year}年一季一堂廉政课" in page
    assert "本季还未开展" in page
    page = text(office, "integrityevent/?in_year=2017")
    assert "2017年一季一堂廉政课" in page
    assert page.count("缺课") == 3
    assert "已开展 1 次" in page
    assert f"{today().year}年一季一堂廉政课" in text(office, "integrityevent/?in_year=x")


def test_lesson_is_no_talk_and_not_in_the_future(office: Client) -> None:
    data = {"kind": "lesson", "held_on": "2017-02-05", "topic": "守纪律", "audience": "村干部", "attendees": 60}
    answer = office.post(f"{REGISTERS}integrityevent/add/", data | {"talk_kind": "routine"})
    assert "只有廉政谈话才填谈话类别" in faults(answer)
    answer = office.post(f"{REGISTERS}integrityevent/add/", data | {"held_on": "2099-01-01"})
    assert "日期不能晚于今天" in faults(answer)
    assert office.post(f"{REGISTERS}integrityevent/add/", data).status_code == 302


def test_open_findings_are_found(office: Client) -> None:
    clean, waiting, settled = make_inspection(), make_inspection(unit="财政所"), make_inspection(unit="司法所")
    answered = make_inspection(unit="民政办")
    InspectionFinding.objects.create(inspection=answered, text="窗口离岗", follow_up="已通报")
    InspectionFinding.objects.create(inspection=waiting, text="离岗未挂牌")
    done = {"follow_up": "已通报", "settled_on": date(2017, 1, 20)}
    InspectionFinding.objects.create(inspection=settled, text="日志不全", **done)
    for state, row in {"open": waiting, "settled": settled, "none": clean}.items():
        assert listed(office, "styleinspection", f"?found_state={state}") == [row]
    assert set(listed(office, "styleinspection", "?found_state=unsettled")) == {waiting, answered}
    page = text(office, "styleinspection/")
    assert "1 个，未整改 1 个" in page
    assert "1 个，1 个待登记完成日期" in page
    assert "未发现问题" in page


def test_finding_settled_before_it_was_found_is_an_error(office: Client) -> None:
    data = {"inspected_on": "2017-01-11", "unit": "卫生院", "inspectors": "吴美珍", "organization": ""}
    finding = {"text": "日志不全", "follow_up": "已补记", "settled_on": "2017-01-10"}
    answer = office.post(f"{REGISTERS}styleinspection/add/", data | inline("findings", finding))
    assert "整改完成日期不能早于检查日期（2017-01-11）" in faults(answer)
    finding["settled_on"] = "2017-01-11"
    answer = office.post(f"{REGISTERS}styleinspection/add/", data | inline("findings", finding))
    assert answer.status_code == 302


def test_villages_without_a_list_and_unpublished_powers_are_told(office: Client, town: Town) -> None:
    row = PowerList.objects.create(village=town.own, item_count=2, settled_on=date(2017, 8, 1))
    page: Any = office.get(f"{REGISTERS}powerlist/")
    assert list(page.context["missing"]) == [town.foreign]
    assert "差 2 项未登记" in page.content.decode()
    PowerItem.objects.create(power_list=row, number=1, name="村务公开", published_on=date(2017, 9, 1))
    PowerItem.objects.create(power_list=row, number=2, name="低保评议")
    assert "1 项未公开" in text(office, "powerlist/")
    assert listed(office, "powerlist", "?published_state=unpublished") == [row]
    assert not listed(office, "powerlist", "?published_state=unlisted")
    PowerItem.objects.update(published_on=date(2017, 9, 1))
    assert listed(office, "powerlist", "?published_state=published") == [row]


def test_power_above_the_declared_number_is_an_error(office: Client, town: Town) -> None:
    data = {"village": town.own.pk, "item_count": 1, "settled_on": "2017-08-01", "settled_precision": "month"}
    answer = office.post(f"{REGISTERS}powerlist/add/", data | inline("items", {"number": 2, "name": "村务公开"}))
    assert "序号不能大于 1" in faults(answer)
    answer = office.post(f"{REGISTERS}powerlist/add/", data | inline("items", {"number": 1, "name": "村务公开"}))
    assert answer.status_code == 302
    assert "2017年8月" in text(office, "powerlist/")


def test_duty_of_a_branch_sees_and_writes_its_own_rows(client: Client, town: Town) -> None:
    user = UserFactory()
    appoint(user, D.DISCIPLINE_CLERK, town.own.branch)
    client.force_login(user, backend="organizations.backends.AppointmentBackend")
    own, foreign = (
        make_list(kind, organization=one.branch)
        for kind, one in zip(("committee", "members"), (town.own, town.foreign), strict=True)
    )
    whole = make_list("secretary")
    assert listed(client, "responsibilitylist") == [own]
    for row in (foreign, whole):
        assert client.get(f"{REGISTERS}responsibilitylist/{row.pk}/change/").status_code == 404
    assert "organization" in faults(client.post(f"{REGISTERS}responsibilitylist/add/", LIST | inline("items")))
    PowerList.objects.create(village=town.foreign, item_count=3)
    page: Any = client.get(f"{REGISTERS}powerlist/")
    assert (list(page.context["missing"]), list(page.context["cl"].result_list)) == ([town.own], [])


@pytest.mark.parametrize("duty", [D.OFFICE_HEAD, D.TOWN_SECRETARY, D.SYSTEM_ADMINISTRATOR])
def test_registers_do_not_exist_for_others(client: Client, town: Town, duty: D) -> None:
    row = make_list()
    sign_in(client, town, duty)
    for name in NAMES:
        for page in ("", "add/", "import/", "export/"):
            answer = client.get(f"{REGISTERS}{name}/{page}")
            assert answer.status_code == 404
            assert "责任清单" not in answer.content.decode()
    assert client.get(f"{REGISTERS}responsibilitylist/{row.pk}/change/").status_code == 404


@pytest.mark.parametrize(
    ("register", "expected"),
    [
        ("responsibilitylist", 13),
        ("responsibilityitem", 14),
        ("integrityevent", 15),
        ("styleinspection", 13),
        ("powerlist", 14),
    ],
)
def test_list_takes_a_constant_number_of_queries(
    office: Client, town: Town, register: str, expected: int, django_assert_num_queries: Any
) -> None:
    def fill(number: int, village: Any) -> None:
        row = make_list(issued_on=date(2017, 3, number))
        make_item(row, 1)
        make_event(held_on=date(2017, 2, number))
        found = make_inspection(inspected_on=date(2017, 1, number))
        InspectionFinding.objects.create(inspection=found, text="离岗")
        if village:
            PowerItem.objects.create(
                power_list=PowerList.objects.create(village=village, item_count=1), number=1, name="公开"
            )

    fill(1, town.own)
    office.get(f"{REGISTERS}{register}/")
    with django_assert_num_queries(expected):
        office.get(f"{REGISTERS}{register}/")
    fill(2, town.foreign)
    fill(3, None)
    with django_assert_num_queries(expected):
        office.get(f"{REGISTERS}{register}/")


def test_items_are_taken_out_with_their_list(office: Client) -> None:
    make_item(make_list())
    address = f"{REGISTERS}responsibilitylist/export/"
    form: Any = office.get(address).context["form"]
    columns = {name: "on" for name in form.fields if "resource_" in name}
    answer = office.post(address, {"format": "0", "resource": "1", **columns})
    rows = list(load_workbook(BytesIO(answer.content)).active.values)  # type: ignore[union-attr]
    assert rows[0][:3] == ("清单", "印发日期", "序号")
    assert rows[1][:3] == ("党委主体责任清单", "2017-03-10", 1)
