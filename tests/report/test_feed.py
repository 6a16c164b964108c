"""The change feed: its order, whom it tells what, its checksums, and its lives."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model
from pytest_django import DjangoAssertNumQueries

from chishang.report.feed import (
    TYPES,
    LostCursor,
    Reading,
    WrongCursor,
    current_feed,
    read_horizon,
    renew_feed,
)
from chishang.report.models import Feed
from organizations.enums import DutyCode
from organizations.models import User
from tests.factories import Town, VisitFactory, make_issue
from tests.finance.money import make_budget, make_request, make_voucher
from tests.report.feeding import let_read_feed, page_of, settle, told
from visits.enums import MoveCode
from visits.models import Issue, IssueEvent, Visit
from visits.services import MoveFacts, move_issue


@pytest.fixture
def district(town: Town) -> User:
    return town.people[DutyCode.DISTRICT_CLIENT]


@pytest.fixture
def secretary(town: Town) -> User:
    """One who follows the feed of the own village."""
    let_read_feed(DutyCode.BRANCH_SECRETARY)
    return User.objects.get(pk=town.people[DutyCode.BRANCH_SECRETARY].pk)


def delete(*rows: Model) -> None:
    """Delete rows as only somebody with the database's own rights could."""
    for row in rows:
        row.delete()


def test_events_are_told_once_in_their_order_and_the_cursor_goes_on(town: Town, district: User) -> None:
    start = page_of(district)
    visit = town.record(None, "路不平")
    issue = visit.issues.get()
    settle()
    move_issue(actor=town.people[DutyCode.OFFICE_CLERK], issue=issue, move=MoveCode.ACCEPT, facts=MoveFacts())
    settle()

    first, second = issue.events.order_by("pk").values_list("pk", flat=True)
    pages = [page_of(district, start.cursor.pack(), limit=2)]
    while pages[-1].more:
        pages.append(page_of(district, pages[-1].cursor.pack(), limit=2))

    assert [one for page in pages for one in told(page)] == [
        ("visit", "created", visit.pk),
        ("issue", "created", issue.pk),
        ("issue_event", "created", first),
        ("issue", "updated", issue.pk),
        ("issue_event", "created", second),
    ]
    end = pages[-1].cursor
    assert (page_of(district, end.pack()).changes, page_of(district, end.pack()).cursor) == ([], end)


def test_same_cursor_gives_the_same_page(town: Town, district: User) -> None:
    start = page_of(district).cursor.pack()
    town.record(None, "路不平", "灯不亮")
    settle()
    page = page_of(district, start, limit=3)

    town.record()
    settle()

    assert [one.event_id for one in page_of(district, start, limit=3).changes] == [
        one.event_id for one in page.changes
    ]


def test_what_is_not_committed_yet_is_not_told(town: Town, district: User) -> None:
    start = page_of(district).cursor.pack()

    town.record()

    assert page_of(district, start).changes == []


def test_merged_issue_stays_and_names_the_other(town: Town, district: User) -> None:
    one, other = town.record(None, "路不平", "路面破损").issues.order_by("pk")
    settle()
    start = page_of(district, types=("issue",)).cursor.pack()

    clerk = town.people[DutyCode.OFFICE_CLERK]
    move_issue(actor=clerk, issue=other, move=MoveCode.MERGE, facts=MoveFacts(merged_into=one, note="同一处"))
    settle()

    page = page_of(district, start, types=("issue",))
    assert told(page) == [("issue", "merged", other.pk)]
    assert page.changes[0].row.merged_into_id == one.pk


def test_money_is_told_with_its_voucher(town: Town, district: User) -> None:
    start = page_of(district).cursor.pack()
    voucher = make_voucher(town)
    settle()

    events = told(page_of(district, start))

    assert events.count(("voucher", "created", voucher.pk)) == 1
    assert events.count(("disbursement", "created", voucher.disbursement_id)) == 1
    assert ("disbursement", "updated", voucher.disbursement_id) in events


def test_deleted_rows_are_told_even_when_what_was_above_them_is_gone(
    town: Town, district: User, secretary: User
) -> None:
    readers = (district, secretary)
    starts = [page_of(user).cursor.pack() for user in readers]
    visits = [VisitFactory(household=one) for one in (town.own_household, town.foreign_household)]
    issues = [make_issue(visit) for visit in visits]
    settle()
    events = [issue.events.get() for issue in issues]
    gone = [("issue_event", "deleted", events[0].pk), ("issue", "deleted", issues[0].pk)]
    gone.append(("visit", "deleted", visits[0].pk))
    foreign = [("issue_event", "deleted", events[1].pk), ("issue", "deleted", issues[1].pk)]
    foreign.append(("visit", "deleted", visits[1].pk))

    for event, issue, visit in zip(events, issues, visits, strict=True):
        delete(event, issue, visit)
    settle()

    by_district, by_secretary = (
        [one for one in told(page_of(user, start)) if one[1] == "deleted"]
        for user, start in zip(readers, starts, strict=True)
    )
    assert sorted(by_district) == sorted(gone + foreign)
    assert sorted(by_secretary) == sorted(gone)


def test_village_reads_nothing_of_another_village(town: Town, secretary: User) -> None:
    for household, branch in ((town.own_household, town.own.branch), (town.foreign_household, town.foreign.branch)):
        town.record(household, "路不平")
        make_request(town, make_budget(branch), actor=town.people[DutyCode.ACCOUNTANT])
    settle()

    page = page_of(secretary)

    for fed in TYPES[:4]:
        own = set(fed.model.objects.visible_to(secretary).values_list("pk", flat=True))  # type: ignore[attr-defined]
        assert {one.row.pgh_obj_id for one in page.changes if one.fed == fed} == own != set()
        assert fed.model.objects.exclude(pk__in=own).exists()  # type: ignore[attr-defined]


def test_visit_put_right_to_another_village_is_told_there_and_no_more_here(town: Town, secretary: User) -> None:
    visit = town.record(town.own_household, "路不平")
    issue = visit.issues.get()
    settle()
    start = page_of(secretary).cursor.pack()

    Visit.objects.filter(pk=visit.pk).update(household=town.foreign_household)
    Issue.objects.filter(pk=issue.pk).update(project="修路")
    IssueEvent.objects.filter(issue=issue).update(note="外村的事")
    settle()

    assert told(page_of(secretary, start)) == []


def test_types_without_the_right_are_left_out(town: Town) -> None:
    let_read_feed(DutyCode.ACCOUNTANT)
    town.record(None, "路不平")
    make_request(town)
    settle()
    accountant = User.objects.get(pk=town.people[DutyCode.ACCOUNTANT].pk)

    reading = Reading(accountant)

    assert reading.types == ("disbursement", "voucher")
    assert {one.fed.name for one in reading.page(reading.cursor(), 100).changes} == {"disbursement"}
    assert list(reading.checksums(reading.cursor())) == ["disbursement", "voucher"]
    nothing = Reading(accountant, ("visit",))
    assert nothing.page(nothing.cursor(), 100).changes == []


@pytest.mark.parametrize("rows", [1, 3])
def test_page_takes_the_same_number_of_queries_for_more_rows(
    town: Town, district: User, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    start, budget = page_of(district).cursor, make_budget(town.own.branch)
    for _ in range(rows):
        town.record(None, "路不平")
        make_voucher(town, budget)
    settle()
    reading = Reading(district)

    with django_assert_num_queries(20):  # horizon, keys, and each type with what its events name
        page = reading.page(start, 1000)
    assert [one.fed.name for one in page.changes].count("visit") == rows
    with django_assert_num_queries(5):
        reading.checksums(page.cursor)


@pytest.mark.parametrize("text", ["x", "x:y", "\x00", "游标", "W10:"])
def test_malformed_cursor_is_refused(district: User, text: str) -> None:
    with pytest.raises(WrongCursor):
        Reading(district).cursor(text)


def test_cursor_under_another_key_is_lost_and_not_malformed(district: User, settings: Any) -> None:
    cursor = page_of(district).cursor.pack()
    settings.SECRET_KEY = "as after a restore without the old one"

    with pytest.raises(LostCursor):
        Reading(district).cursor(cursor)


def test_cursor_is_good_for_its_types_only(district: User) -> None:
    with pytest.raises(WrongCursor):
        Reading(district, ("visit",)).cursor(page_of(district).cursor.pack())


def test_cursor_is_lost_when_the_account_gets_to_see_other_rows(town: Town, secretary: User, district: User) -> None:
    cursor = page_of(secretary).cursor.pack()
    with pytest.raises(LostCursor):
        Reading(district).cursor(cursor)

    secretary.appointments.update(organization=town.foreign.branch)

    with pytest.raises(LostCursor):
        Reading(User.objects.get(pk=secretary.pk)).cursor(cursor)


def test_cursor_is_lost_when_its_event_is_no_more(town: Town, district: User) -> None:
    town.record()
    settle()
    cursor = page_of(district).cursor.pack()
    with connection.cursor() as raw:  # as if the files had been set back, and another event had got the same place
        raw.execute("SET session_replication_role = replica")
        raw.execute("UPDATE visits_visithistory SET pgh_created_at = pgh_created_at + interval '1 microsecond'")
        raw.execute("SET session_replication_role = DEFAULT")

    with pytest.raises(LostCursor):
        Reading(district).cursor(cursor)


def test_first_call_starts_the_feed_and_later_ones_keep_it(district: User) -> None:
    assert not Feed.objects.exists()

    assert Reading(district).feed == Reading(district).feed == Feed.objects.get()


def test_renewed_feed_has_everything_again_and_old_cursors_are_lost(
    town: Town, district: User, capsys: pytest.CaptureFixture[str]
) -> None:
    town.record(None, "路不平")
    before = page_of(district)

    call_command("renew_feed")

    assert capsys.readouterr().out.strip() == str(current_feed().feed_id) != before.cursor.feed_id
    with pytest.raises(LostCursor):
        Reading(district).cursor(before.cursor.pack())
    assert sorted(told(page_of(district))) == sorted(told(before)) != []


def test_renewal_keeps_the_history_append_only_and_makes_none_of_its_own(town: Town) -> None:
    town.record()
    counts = [fed.history.objects.count() for fed in TYPES]

    renew_feed()

    assert [fed.history.objects.count() for fed in TYPES] == counts
    with pytest.raises(Exception, match="append_only"), transaction.atomic():
        TYPES[0].history.objects.update(pgh_xid=7)


def test_feed_of_another_database_is_not_ours(district: User) -> None:
    feed = current_feed()
    Feed.objects.create(database="of another one")

    assert current_feed() not in {feed, Feed.objects.get(database="of another one")}


def test_horizon_and_identity_need_no_special_rights(district: User) -> None:
    feed = current_feed()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE feed_reader")
        cursor.execute("GRANT SELECT ON report_feed TO feed_reader")
        cursor.execute("SET ROLE feed_reader")
        try:
            assert current_feed() == feed
            assert read_horizon() > 0
        finally:
            cursor.execute("RESET ROLE")
