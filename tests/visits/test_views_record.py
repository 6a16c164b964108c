"""Recording a visit: stored once, whatever is pressed; refused at the field, with what was typed kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.factories import CampaignFactory, HouseholdFactory, Town, build_town
from visits.enums import IssueState, Source, Urgency
from visits.models import Household, Issue, IssueCategory, Operation, Visit
from visits.services import SentOperation, VisitDraft, receive_operation

SECRETARY = DutyCode.BRANCH_SECRETARY
WORDS = "问了收成，老两口身体都好"


@pytest.fixture
def secretary(client: Client, town: Town) -> Client:
    client.force_login(town.people[SECRETARY])
    return client


def where(household: Household) -> str:
    return reverse("visits:record", args=[household.pk])


def category() -> str:
    return str(IssueCategory.objects.get(name="村民用水").pk)


def typed(**more: Any) -> dict[str, Any]:
    """What the browser sends when only the required fields are filled."""
    sheet = {"op_id": str(uuid4()), "visited_on": today().isoformat(), "content": WORDS, "blocks": "3"}
    for number in range(3):
        sheet |= {f"issue{number}-category": "", f"issue{number}-description": ""}
    return {**sheet, **more}


def with_issue(**more: Any) -> dict[str, Any]:
    return typed(**{"issue0-category": category(), "issue0-description": "自来水浑浊", **more})


def test_form_opens_under_an_operation_id_of_its_own(secretary: Client, town: Town) -> None:
    first, second = (secretary.get(where(town.own_household)) for _ in range(2))

    assert first.status_code == 302
    assert first.url != second.url
    assert f'name="op_id" value="{first.url.partition("?op=")[2]}"' in secretary.get(first.url).text


def test_form_asks_for_two_fields_only_and_proposes_today(secretary: Client, town: Town) -> None:
    sheet = secretary.get(where(town.own_household), follow=True).context["sheet"]

    assert [name for name, field in sheet.visit.fields.items() if field.required] == ["visited_on", "content"]
    assert sheet.visit["visited_on"].value() == today()


def test_visit_is_stored_and_leads_to_its_receipt(secretary: Client, town: Town) -> None:
    response = secretary.post(where(town.own_household), typed(companions="王五"))

    visit = Visit.objects.get()
    assert response.status_code == 302
    assert response.url == reverse("visits:receipt", args=[visit.pk])
    assert (visit.household, visit.visited_on, visit.content) == (town.own_household, today(), WORDS)
    assert (visit.visitor, visit.entered_by) == (town.people[SECRETARY], town.people[SECRETARY])
    assert (visit.companions, visit.source, visit.campaign) == ("王五", Source.PAGE, town.campaign)


def test_visit_with_issues_registers_each_filled_block(secretary: Client, town: Town) -> None:
    second = {"issue2-category": category(), "issue2-description": "路灯不亮", "issue2-urgent": "on"}

    secretary.post(where(town.own_household), with_issue(**second))

    found = Issue.objects.order_by("pk").values_list("description", "urgency", "state")
    assert list(found) == [
        ("自来水浑浊", Urgency.NORMAL, IssueState.REGISTERED),
        ("路灯不亮", Urgency.URGENT, IssueState.REGISTERED),
    ]


def test_visit_may_be_entered_for_another_person_of_the_village(secretary: Client, town: Town) -> None:
    other = town.people[DutyCode.FIRST_SECRETARY]

    secretary.post(where(town.own_household), typed(visitor=str(other.pk)))

    visit = Visit.objects.get()
    assert (visit.visitor, visit.entered_by) == (other, town.people[SECRETARY])


def test_day_may_be_written_as_people_do(secretary: Client, town: Town) -> None:
    day = today() - timedelta(days=1)

    secretary.post(where(town.own_household), typed(visited_on=f"{day.year}年{day.month}月{day.day}日"))

    assert Visit.objects.get().visited_on == day


def test_pressing_twice_stores_one_visit(secretary: Client, town: Town) -> None:
    sheet = with_issue()

    first, second = (secretary.post(where(town.own_household), sheet) for _ in range(2))

    assert first.url == second.url
    assert (Visit.objects.count(), Issue.objects.count()) == (1, 1)


def test_going_back_comes_to_the_same_form_which_says_it_was_sent(secretary: Client, town: Town) -> None:
    form = secretary.get(where(town.own_household)).url
    secretary.post(where(town.own_household), typed(op_id=form.partition("?op=")[2]))

    response = secretary.get(form)

    assert "这张表单已经上报" in response.text
    assert reverse("visits:receipt", args=[Visit.objects.get().pk]) in response.text
    assert "<textarea" not in response.text


def test_same_form_with_other_words_is_kept_apart_and_can_be_taken_over(secretary: Client, town: Town) -> None:
    sheet = typed()
    secretary.post(where(town.own_household), sheet)
    stored = Visit.objects.get()

    response = secretary.post(where(town.own_household), {**sheet, "content": "下午又去了一次"})

    assert response.status_code == 409
    assert reverse("visits:receipt", args=[stored.pk]) in response.text
    assert "下午又去了一次" in response.text
    assert Visit.objects.get().content == WORDS
    fresh = str(response.context["sheet"].op_id)
    assert fresh != sheet["op_id"]

    secretary.post(where(town.own_household), {**sheet, "content": "下午又去了一次", "op_id": fresh})

    assert Visit.objects.count() == 2


def test_form_that_the_phone_has_sent_and_that_waits_says_so(secretary: Client, town: Town) -> None:
    sheet, draft = typed(), VisitDraft(town.own_household.pk, today(), content=WORDS)
    by_phone = SentOperation(UUID(sheet["op_id"]), "visit", draft.as_payload(), draft.sha256)
    receive_operation(user=town.people[SECRETARY], sent=by_phone, doubt="请核对")

    response = secretary.post(where(town.own_household), sheet)

    assert response.status_code == 422
    assert "这张表单已经收到，等镇党建办处理。不用再报。" in response.text
    assert "内容不同" not in response.text


def test_operation_id_of_another_account_gives_nothing_away(client: Client, town: Town) -> None:
    sheet = typed(content="别人的话")
    client.force_login(town.people[DutyCode.OFFICE_CLERK])
    client.post(where(town.foreign_household), sheet)
    client.force_login(town.people[SECRETARY])

    opened = client.get(f"{where(town.own_household)}?op={sheet['op_id']}")
    response = client.post(where(town.own_household), {**sheet, "content": WORDS})

    assert "别人的话" not in opened.text
    assert response.status_code == 409
    assert response.context["stored"] is None
    assert "receipts" not in response.text
    assert Visit.objects.count() == 1


@pytest.mark.parametrize("op_id", ["", "x", "12345678-1234", "zzzzzzzz-0000-4000-8000-000000000000"])
def test_malformed_operation_id_is_a_stale_form_that_keeps_the_words(
    secretary: Client, town: Town, op_id: str
) -> None:
    response = secretary.post(where(town.own_household), typed(op_id=op_id))

    assert response.status_code == 422
    assert "这张表单已经失效" in response.text
    assert WORDS in response.text
    assert Visit.objects.count() == 0

    secretary.post(where(town.own_household), typed(op_id=str(response.context["sheet"].op_id)))

    assert Visit.objects.count() == 1


BAD = {
    "future": ({"visited_on": (today() + timedelta(days=1)).isoformat()}, "走访日期不能晚于今天。"),
    "no day": ({"visited_on": ""}, "请填写走访日期。"),
    "no such day": ({"visited_on": "2017-02-30"}, "“2017-02-30”不是存在的日期"),
    "before any campaign": ({"visited_on": "2001-01-01"}, "这一天没有进行中的走访活动"),
    "nothing said": ({"content": "  "}, "请写一写谈了什么，一句话也可以。"),
    "too much said": ({"content": "长" * 2001}, "谈了什么最多 2000 个字，现在有 2001 个，请写短些。"),
    "companions too long": ({"companions": "长" * 101}, "同行人最多 100 个字，现在有 101 个。"),
    "visitor unknown": ({"visitor": "987654"}, "走访人应是负责这个村的人员"),
    "visitor forged": ({"visitor": "x"}, "走访人应是负责这个村的人员"),
    "household malformed": ({"household": "x"}, "请选择本村的农户或企业。"),
    "category unknown": ({"issue0-category": "987654", "issue0-description": "水浑"}, "没有这个问题类别"),
    "category malformed": ({"issue0-category": "x", "issue0-description": "水浑"}, "没有这个问题类别"),
    "no category": ({"issue0-description": "水浑"}, "请选择问题类别。"),
    "urgent only": ({"issue1-urgent": "on"}, "请写明是什么问题"),
    "issue too long": (
        {"issue0-category": "1", "issue0-description": "长" * 501},
        "问题描述最多 500 个字，现在有 501 个",
    ),
    "null character": ({"content": "问了\x00收成"}, "不允许"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_at_the_field_and_stores_nothing(secretary: Client, town: Town, case: str) -> None:
    wrong, message = BAD[case]

    response = secretary.post(where(town.own_household), typed(**{"companions": "王五", **wrong}))

    assert response.status_code == 422
    assert response.text.count(message) >= 1
    assert 'role="alert"' in response.text
    assert "王五" in response.text or "companions" in wrong
    assert (Visit.objects.count(), Issue.objects.count(), Operation.objects.count()) == (0, 0, 0)


def test_refused_form_goes_through_under_the_same_operation_id_once_corrected(secretary: Client, town: Town) -> None:
    sheet = typed(content="")
    response = secretary.post(where(town.own_household), sheet)
    assert str(response.context["sheet"].op_id) == sheet["op_id"]

    assert secretary.post(where(town.own_household), {**sheet, "content": WORDS}).status_code == 302


def test_household_of_another_village_is_refused_in_address_and_form(secretary: Client, town: Town) -> None:
    in_address = secretary.post(where(town.foreign_household), typed())
    in_form = secretary.post(where(town.own_household), typed(household=str(town.foreign_household.pk)))

    assert in_address.status_code == 404
    assert in_form.status_code == 422
    assert "请选择本村的农户或企业。" in in_form.text
    assert Visit.objects.count() == 0


def test_visitor_of_another_village_is_refused(secretary: Client, town: Town) -> None:
    stranger = town.people[DutyCode.ACCOUNTANT]

    response = secretary.post(where(town.own_household), typed(visitor=str(stranger.pk)))

    assert "走访人应是负责这个村的人员" in response.text
    assert Visit.objects.count() == 0


def test_category_out_of_use_is_refused(secretary: Client, town: Town) -> None:
    sheet = with_issue()
    IssueCategory.objects.filter(pk=category()).update(is_active=False)

    response = secretary.post(where(town.own_household), sheet)

    assert "没有这个问题类别" in response.text
    assert Visit.objects.count() == 0


def test_line_breaks_count_once_as_in_the_browser(secretary: Client, town: Town) -> None:
    secretary.post(where(town.own_household), typed(content="字\r\n" * 999 + "字字"))

    assert len(Visit.objects.get().content) == 2000


def test_one_more_issue_keeps_what_was_typed_and_stores_nothing(secretary: Client, town: Town) -> None:
    response = secretary.post(where(town.own_household), with_issue(add="yes", visited_on="", companions="王五"))

    sheet = response.context["sheet"]
    assert (response.status_code, sheet.block_count) == (200, 4)
    assert 'role="alert"' not in response.text
    assert "自来水浑浊" in response.text
    assert "王五" in response.text
    assert Visit.objects.count() == 0


@pytest.mark.parametrize(("blocks", "count"), [("4", 4), ("99", 10), ("-1", 3), ("x", 3), ("²", 3), ("9" * 5000, 10)])
def test_number_of_blocks_stays_within_its_limits(secretary: Client, town: Town, blocks: str, count: int) -> None:
    response = secretary.post(where(town.own_household), typed(content="", blocks=blocks))

    assert response.context["sheet"].block_count == count


def test_newest_running_campaign_takes_the_visit(secretary: Client, town: Town) -> None:
    newer = CampaignFactory(started_on=today() - timedelta(days=5))

    secretary.post(where(town.own_household), typed())

    assert Visit.objects.get().campaign == newer


def test_forged_form_stores_nothing_and_says_how_to_go_on(town: Town) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.people[SECRETARY])

    response = client.post(where(town.own_household), typed())

    assert response.status_code == 403
    assert "这张表单已经过期" in response.text
    assert Visit.objects.count() == 0


def test_area_leader_may_record_in_the_area_but_an_agent_may_not(client: Client, town: Town) -> None:
    client.force_login(town.people[DutyCode.AREA_LEADER])
    assert client.post(where(town.own_household), typed()).status_code == 302
    client.force_login(town.people[DutyCode.VILLAGE_AGENT])
    assert client.post(where(town.own_household), typed()).status_code == 403
    assert Visit.objects.count() == 1


@pytest.mark.parametrize("households", [1, 3])
def test_form_takes_as_many_queries_for_a_large_village_as_for_a_small_one(
    secretary: Client, town: Town, django_assert_num_queries: Any, households: int
) -> None:
    HouseholdFactory.create_batch(households - 1, village=town.own)

    with django_assert_num_queries(14):
        secretary.get(f"{where(town.own_household)}?op={uuid4()}")


@pytest.mark.parametrize("attempt", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_two_simultaneous_presses_store_one_visit(attempt: int) -> None:
    town = build_town()
    sheet, address = with_issue(), where(town.own_household)
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(town.people[SECRETARY])

    def press(client: Client) -> str:
        try:
            return client.post(address, sheet).url
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = set(pool.map(press, clients))

    assert answers == {reverse("visits:receipt", args=[Visit.objects.get().pk])}
    assert Issue.objects.count() == 1
