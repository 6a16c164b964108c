"""Twenty-four writers at once, and one reader who follows the feed all the while: nothing lost, nothing doubled."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from django.db import connections, transaction

from chishang.core.dates import today
from chishang.report.feed import NAMES, TYPES
from finance.models import Disbursement
from organizations.enums import DutyCode
from tests.api import api_client
from tests.factories import Town, build_town, make_issue
from tests.finance.money import import_voucher, make_budget, make_request
from tests.report.feeding import ADDRESS, Copy
from visits.models import Issue, Visit

WRITERS, TRANSACTIONS = 24, 6
PAGE = 40


class ChangedMind(Exception):
    """A writer takes its transaction back."""


@dataclass
class Writer:
    """Writes some rows of several types in each transaction, and takes every fourth back."""

    number: int
    town: Town
    shared: dict[type, list[int]]
    taken_back: list[tuple[str, int]] = field(default_factory=list)

    def write(self) -> None:
        random = Random(self.number)
        try:
            for step in range(TRANSACTIONS):
                try:
                    with transaction.atomic():
                        written = self._one_transaction(random)
                        if step % 4 == 3:
                            self.taken_back += written
                            raise ChangedMind
                except ChangedMind:
                    pass
        finally:
            connections.close_all()

    def _one_transaction(self, random: Random) -> list[tuple[str, int]]:
        """New rows in any order; rows that others change too in one order, or writers would wait for each other."""
        acts: list[Callable[[Random], tuple[str, int]]] = [self._visit, self._issue, self._request]
        written = []
        for act in random.choices(acts, k=random.randint(1, 4)):
            written.append(act(random))
            time.sleep(random.uniform(0, 0.02))
        note = f"{self.number}/{random.random()}"
        for key in sorted(random.sample(self.shared[Visit], 2)):
            Visit.objects.filter(pk=key).update(remark=note)
            time.sleep(random.uniform(0, 0.005))
        Issue.objects.filter(pk__in=self.shared[Issue], pk=random.choice(self.shared[Issue])).update(project=note)
        Disbursement.objects.filter(pk=random.choice(self.shared[Disbursement])).update(purpose=note)
        if random.random() < 0.3:
            voucher = import_voucher(self.town.own.branch, today(), "5.00", number=self._number(random))
            written.append(("voucher", voucher.pk))
        return written

    def _number(self, random: Random) -> int:
        """A number in the year that no other writer takes."""
        return 1 + self.number + WRITERS * random.randrange(10_000)

    def _visit(self, random: Random) -> tuple[str, int]:
        household = random.choice((self.town.own_household, self.town.foreign_household))
        visitor = self.town.people[DutyCode.OFFICE_CLERK]
        visit = Visit.objects.create(
            campaign=self.town.campaign, household=household, visited_on=today(), visitor=visitor
        )
        return "visit", visit.pk

    def _issue(self, random: Random) -> tuple[str, int]:
        issue = make_issue(Visit.objects.get(pk=self._visit(random)[1]))
        return "issue", issue.pk

    def _request(self, random: Random) -> tuple[str, int]:
        first = Disbursement.objects.get(pk=self.shared[Disbursement][0])
        names = ("budget", "organization", "subject", "payee", "purpose", "maker")
        same = {name: getattr(first, name) for name in names}
        return "disbursement", Disbursement.objects.create(amount=random.randint(1, 9), **same).pk


@pytest.fixture
def town(transactional_db: None) -> Town:
    """The small township, committed."""
    return build_town()


@pytest.fixture
def shared(town: Town) -> dict[type, list[int]]:
    """Rows that all writers change."""
    issues = [issue for _ in range(3) for issue in town.record(None, "路不平", "灯不亮").issues.all()]
    budget = make_budget(town.own.branch, "100000.00")
    requests = [make_request(town, budget, "1.00") for _ in range(4)]
    return {
        Visit: sorted({issue.visit_id for issue in issues}),
        Issue: [issue.pk for issue in issues],
        Disbursement: [request.pk for request in requests],
    }


def test_reader_among_many_writers_has_every_committed_event_once(town: Town, shared: dict[type, list[int]]) -> None:
    writers = [Writer(number, town, shared) for number in range(WRITERS)]
    client, copy = api_client(town.people[DutyCode.DISTRICT_CLIENT]), Copy()
    copy.follow(client)
    meanwhile = 0
    with ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(writer.write) for writer in writers]
        while not all(one.done() for one in running):
            page = client.get(ADDRESS, {"cursor": copy.cursor, "limit": PAGE}).json()
            copy.take(page)
            meanwhile += bool(page["events"])
        for one in running:
            one.result()
    copy.follow(client, limit=PAGE)

    heard = [event["event_id"] for event in copy.events]
    assert len(heard) == len(set(heard))
    assert set(heard) == {
        f"{fed.name}-{key}" for fed in TYPES for key in fed.history.objects.values_list("pgh_id", flat=True)
    }
    assert {name: list(copy.alive(name)) for name in NAMES} == {
        fed.name: list(fed.model.objects.order_by("pk").values_list("pk", flat=True))  # type: ignore[attr-defined]
        for fed in TYPES
    }
    assert not [row for writer in writers for row in writer.taken_back if row in copy.rows]
    assert stored(Visit, "remark") == told(copy, "visit", "remark")
    assert stored(Issue, "project") == told(copy, "issue", "project")
    assert stored(Disbursement, "purpose") == told(copy, "disbursement", "purpose")
    checksums = client.get(f"{ADDRESS}checksum/", {"cursor": copy.cursor}).json()["checksums"]
    assert checksums == copy.checksums()
    assert_it_was_hard(copy, writers, meanwhile)


def stored(model: Any, name: str) -> dict[int, str]:
    return dict(model.objects.order_by("pk").values_list("pk", name))


def told(copy: Copy, kind: str, name: str) -> dict[int, str]:
    return {key: data[name] for key, data in copy.alive(kind).items()}


def assert_it_was_hard(copy: Copy, writers: list[Writer], meanwhile: int) -> None:
    """Writers overlapped, wrote much, took some back, and the reader read in between."""
    visits = [event["sequence"] for event in copy.events if event["type"] == "visit"]
    assert visits != sorted(visits)
    assert len(copy.events) > WRITERS * TRANSACTIONS * 4
    assert sum(len(writer.taken_back) for writer in writers) > WRITERS
    assert meanwhile > 3
