"""Workers killed (SIGKILL) in the middle of postings: nothing acknowledged is lost, nothing is half there."""

import subprocess
import sys

import pytest
from django.db import connection

from finance.enums import RequestState
from finance.models import Disbursement, FiscalYear, Voucher, VoucherLine
from finance.services import post_request
from organizations.enums import DutyCode
from tests.environment import ROOT
from tests.factories import Town, build_town
from tests.finance.money import make_budget, make_submitted, seal_both

pytestmark = pytest.mark.django_db(transaction=True)
REQUESTS, WORKERS, ROUNDS = 48, 2, 3
ACKNOWLEDGED_BEFORE_THE_KILL = 5


@pytest.fixture
def ground() -> Town:
    return build_town()


def start(actor: int, keys: list[int]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.finance.poster", str(connection.settings_dict["NAME"]), str(actor)]
    return subprocess.Popen([*command, *map(str, keys)], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def kill_in_the_middle(workers: list["subprocess.Popen[str]"]) -> set[int]:
    """Kill the workers while they post; return what they had acknowledged by then."""
    answers = [worker.stdout for worker in workers if worker.stdout]
    heard = [int(answer.readline()) for answer in answers for _ in range(ACKNOWLEDGED_BEFORE_THE_KILL)]
    for worker in workers:
        worker.kill()
    rest = [int(line) for worker in workers for line in worker.communicate()[0].split()]
    return {*heard, *rest}


def assert_whole() -> None:
    """Every voucher is whole and belongs to a posted request, the other way round, and numbers have no gap."""
    posted = Disbursement.objects.filter(state=RequestState.POSTED)
    assert set(posted.values_list("pk", flat=True)) == set(Voucher.objects.values_list("disbursement", flat=True))
    numbers = sorted(Voucher.objects.values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert FiscalYear.objects.get().last_number == len(numbers)
    for voucher in Voucher.objects.prefetch_related("lines"):
        lines = voucher.lines.all()
        assert len(lines) == voucher.line_count
        assert sum(line.debit for line in lines) == sum(line.credit for line in lines) == voucher.amount
    assert VoucherLine.objects.count() == 2 * len(numbers)


def test_killed_workers_lose_no_acknowledged_posting_and_leave_no_half_one(ground: Town) -> None:
    budgets = [make_budget(ground.own.branch, "10000.00"), make_budget(ground.foreign.branch, "10000.00")]
    accountant = ground.people[DutyCode.ACCOUNTANT]
    requests = [
        seal_both(ground, make_submitted(ground, budgets[number % 2], actor=accountant)) for number in range(REQUESTS)
    ]
    acknowledged: set[int] = set()
    keys = [request.pk for request in requests]
    for turn in range(ROUNDS):
        share = keys[turn::ROUNDS]  # of its own, so that no worker of a later round runs out of work
        workers = [start(accountant.pk, share[number::WORKERS]) for number in range(WORKERS)]
        acknowledged |= kill_in_the_middle(workers)
        assert acknowledged <= set(Voucher.objects.values_list("disbursement", flat=True))
        assert_whole()
    assert len(acknowledged) >= ROUNDS * WORKERS * ACKNOWLEDGED_BEFORE_THE_KILL
    assert Voucher.objects.count() < REQUESTS, "the workers were done before they were killed"
    before = dict(Voucher.objects.values_list("disbursement", "pk"))
    for request in requests:  # whoever got no answer presses again
        voucher = post_request(actor=accountant, request=request)
        assert before.get(request.pk, voucher.pk) == voucher.pk
    assert Voucher.objects.count() == REQUESTS
    assert_whole()
