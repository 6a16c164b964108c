"""Disbursement requests: the course, the two seals, the pool, posting."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from chishang.core.dates import today
from chishang.core.guards import check_deferred
from finance.enums import RequestMove, RequestState, SealKind, SubjectCode
from finance.models import Budget, Disbursement, Seal, Voucher
from finance.services import (
    draft_request,
    draft_reversal,
    post_request,
    reject_request,
    revise_request,
    seal_request,
    submit_request,
    withdraw_request,
)
from organizations.enums import DutyCode as D
from organizations.models import Appointment, User
from tests.factories import Town, UserFactory, appoint
from tests.finance.money import (
    YUAN,
    draft_of,
    import_voucher,
    make_budget,
    make_request,
    make_submitted,
    make_voucher,
    seal_both,
)

CHECK, APPROVE = SealKind.CHECK, SealKind.APPROVE


def free(budget: Budget) -> Any:
    return Budget.objects.with_balance().get(pk=budget.pk).free


def fresh(user: User) -> User:
    """The account as the next request loads it."""
    return User.objects.get(pk=user.pk)


def test_request_goes_from_draft_to_voucher(town: Town) -> None:
    budget = make_budget(town.own.branch, "1000.00")
    request = make_request(town, budget, "250.10")
    assert (request.state, free(budget)) == (RequestState.DRAFT, YUAN("1000.00"))
    submit_request(actor=request.maker, request=request)
    assert free(budget) == YUAN("749.90")
    request = seal_both(town, request)
    assert request.state == RequestState.APPROVED
    voucher = post_request(actor=town.people[D.ACCOUNTANT], request=request)
    check_deferred()
    assert (voucher.number, voucher.code) == (1, f"记-{today():%Y%m}-0001")
    assert (voucher.maker_name, voucher.checker_name) == ("村报账员甲", "财政所所长甲")
    assert voucher.approver_name == "镇党委书记甲"
    assert [(line.account.code, line.debit, line.credit) for line in voucher.lines.all()] == [
        ("102", YUAN("250.10"), 0),
        ("503", 0, YUAN("250.10")),
    ]
    assert free(budget) == YUAN("749.90")
    moves = [event.move for event in request.events.all()]
    assert moves == ["draft", "submit", "check", "approve", "post"]


def test_posting_twice_gives_the_same_voucher(town: Town) -> None:
    voucher = make_voucher(town)
    again = post_request(actor=town.people[D.ACCOUNTANT], request=voucher.disbursement)
    assert again.pk == voucher.pk
    assert Voucher.objects.count() == 1
    assert voucher.disbursement.events.filter(move=RequestMove.POST).count() == 1


def test_draft_saved_twice_is_one(town: Town) -> None:
    budget, op_id = make_budget(town.own.branch), uuid4()
    agent = town.people[D.VILLAGE_AGENT]
    first, is_new = draft_request(actor=agent, op_id=op_id, draft=draft_of(budget))
    second, is_new_again = draft_request(actor=agent, op_id=op_id, draft=draft_of(budget))
    assert (first.pk, is_new, is_new_again) == (second.pk, True, False)
    with pytest.raises(ValidationError, match="内容不同"):
        draft_request(actor=agent, op_id=op_id, draft=draft_of(budget, "100.01"))
    assert Disbursement.objects.get().amount == YUAN("100.00")


def test_request_from_a_foreign_budget_is_refused(town: Town) -> None:
    foreign = make_budget(town.foreign.branch)
    with pytest.raises(ValidationError, match="选择一项预算"):
        make_request(town, foreign)


def test_pool_cannot_be_overdrawn_by_a_cent(town: Town) -> None:
    budget = make_budget(town.own.branch, "300.00", held=YUAN("100.00"))
    make_submitted(town, budget, "150.00")
    over = make_request(town, budget, "50.01")
    with pytest.raises(ValidationError, match=r"只有 50\.00 元"):
        submit_request(actor=over.maker, request=over)
    just = make_request(town, budget, "50.00")
    submit_request(actor=just.maker, request=just)
    assert free(budget) == 0


def test_rejected_and_withdrawn_requests_give_their_money_back(town: Town) -> None:
    budget = make_budget(town.own.branch, "300.00")
    first, second = make_submitted(town, budget, "150.00"), make_submitted(town, budget, "150.00")
    reject_request(actor=town.people[D.FINANCE_HEAD], request=first, note="缺发票")
    withdraw_request(actor=second.maker, request=second)
    assert free(budget) == YUAN("300.00")


def test_maker_cannot_seal_own_request(town: Town) -> None:
    head = town.people[D.FINANCE_HEAD]
    request = make_submitted(town, actor=head)
    with pytest.raises(ValidationError, match="经办人不能给自己的申请盖章"):
        seal_request(actor=head, request=request, kind=CHECK)
    assert not request.seals.exists()


def test_one_person_cannot_put_both_seals(town: Town) -> None:
    head = town.people[D.FINANCE_HEAD]
    appoint(head, D.TOWN_SECRETARY, town.root)
    request = make_submitted(town)
    seal_request(actor=fresh(head), request=request, kind=CHECK)
    with pytest.raises(ValidationError, match="两枚印鉴要由两个人盖"):
        seal_request(actor=fresh(head), request=request, kind=APPROVE)
    assert request.seals.count() == 1


def test_same_seal_again_changes_nothing(town: Town) -> None:
    request = make_submitted(town)
    for _ in range(2):
        seal_request(actor=town.people[D.FINANCE_HEAD], request=request, kind=CHECK)
    assert request.seals.count() == 1
    with pytest.raises(ValidationError, match="这枚印鉴已经盖过"):
        seal_request(actor=town.people[D.ACCOUNTANT], request=request, kind=CHECK)


@pytest.mark.parametrize(
    ("duty", "kind"),
    [(D.VILLAGE_AGENT, CHECK), (D.TOWN_SECRETARY, CHECK), (D.FINANCE_HEAD, APPROVE), (D.OFFICE_HEAD, APPROVE)],
)
def test_seal_without_the_duty_is_refused(town: Town, duty: D, kind: SealKind) -> None:
    request = make_submitted(town, actor=town.people[D.ACCOUNTANT])
    with pytest.raises(ValidationError, match="没有办理这一步的权限"):
        seal_request(actor=town.people[duty], request=request, kind=kind)


def test_signer_who_lost_the_duty_blocks_posting(town: Town) -> None:
    request = seal_both(town, make_submitted(town))
    Appointment.objects.filter(user=town.people[D.TOWN_SECRETARY]).update(ended_on=today() - timedelta(days=1))
    with pytest.raises(ValidationError, match="镇党委书记甲现在已不担任"):
        post_request(actor=town.people[D.ACCOUNTANT], request=request)
    assert not Voucher.objects.exists()
    reject_request(actor=town.people[D.FINANCE_HEAD], request=request, note="批准人已调离")


def test_posting_needs_both_seals(town: Town) -> None:
    request = make_submitted(town)
    seal_request(actor=town.people[D.FINANCE_HEAD], request=request, kind=CHECK)
    with pytest.raises(ValidationError, match="待盖章"):
        post_request(actor=town.people[D.ACCOUNTANT], request=request)


@pytest.mark.parametrize("days", [-1, 1])
def test_posting_day_lies_between_last_seal_and_today(town: Town, days: int) -> None:
    request = seal_both(town, make_submitted(town))
    with pytest.raises(ValidationError, match="入账日期应在"):
        post_request(actor=town.people[D.ACCOUNTANT], request=request, day=today() + timedelta(days=days))


def test_draft_is_changed_by_its_maker_only_and_not_after_submission(town: Town) -> None:
    budget = make_budget(town.own.branch)
    request = make_request(town, budget)
    with pytest.raises(ValidationError, match="只有经办人自己"):
        revise_request(actor=town.people[D.ACCOUNTANT], request=request, draft=draft_of(budget, "90.00"))
    revise_request(actor=request.maker, request=request, draft=draft_of(budget, "90.00"))
    submit_request(actor=request.maker, request=request)
    with pytest.raises(ValidationError, match="不能这样办理"):
        revise_request(actor=request.maker, request=request, draft=draft_of(budget, "80.00"))
    assert Disbursement.objects.get().amount == YUAN("90.00")


def test_rejection_needs_a_reason(town: Town) -> None:
    request = make_submitted(town)
    with pytest.raises(ValidationError, match="写明退回的原因"):
        reject_request(actor=town.people[D.FINANCE_HEAD], request=request, note="  ")


def test_reversal_mirrors_the_voucher_once_and_frees_the_pool(town: Town) -> None:
    budget = make_budget(town.own.branch, "100.00")
    voucher = make_voucher(town, budget, "100.00")
    request, _ = draft_reversal(actor=town.people[D.ACCOUNTANT], op_id=uuid4(), voucher=voucher, reason="重复拨付")
    with pytest.raises(ValidationError, match="已经有冲销申请"):
        draft_reversal(actor=town.people[D.ACCOUNTANT], op_id=uuid4(), voucher=voucher, reason="再来一次")
    submit_request(actor=request.maker, request=request)
    reversal = post_request(actor=town.people[D.ACCOUNTANT], request=seal_both(town, request))
    check_deferred()
    assert (reversal.number, reversal.reverses) == (2, voucher)
    sides = [(line.account.code, line.debit, line.credit) for line in reversal.lines.all()]
    assert sides == [("102", 0, YUAN("100.00")), ("503", YUAN("100.00"), 0)]
    assert free(budget) == YUAN("100.00")
    with pytest.raises(ValidationError, match="冲销凭证本身不能再冲销"):
        draft_reversal(actor=request.maker, op_id=uuid4(), voucher=reversal, reason="反悔")


def test_voucher_of_a_ledger_without_budget_can_be_reversed(town: Town) -> None:
    voucher = import_voucher(town.root, today(), "54547.00", subject=SubjectCode.PARTY_FUND)
    request, _ = draft_reversal(actor=town.people[D.ACCOUNTANT], op_id=uuid4(), voucher=voucher, reason="记错")
    submit_request(actor=request.maker, request=request)
    reversal = post_request(actor=town.people[D.ACCOUNTANT], request=seal_both(town, request))
    assert (reversal.amount, reversal.number) == (YUAN("54547.00"), 2)


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
    check_deferred()


RAW = {
    "amount after the first seal": "UPDATE finance_disbursement SET amount = 1",
    "payee after the first seal": "UPDATE finance_disbursement SET payee = '别人'",
    "purpose after the first seal": "UPDATE finance_disbursement SET purpose = '别的'",
    "decision after the first seal": "UPDATE finance_disbursement SET decision = '补的'",
    "evidence after the first seal": "UPDATE finance_disbursement SET attachments = 9",
    "maker": "UPDATE finance_disbursement SET maker_id = maker_id + 1",
    "approval without two seals": "UPDATE finance_disbursement SET state = 'approved'",
    "posting without a voucher": "UPDATE finance_disbursement SET state = 'posted'",
    "back to draft": "UPDATE finance_disbursement SET state = 'draft'",
    "the request itself": "DELETE FROM finance_disbursement",
    "the seal": "UPDATE finance_seal SET signer_id = maker_id",
    "removing the seal": "DELETE FROM finance_seal",
    "the course": "UPDATE finance_disbursementevent SET note = '改'",
}


@pytest.mark.parametrize("statement", RAW.values(), ids=RAW.keys())
def test_raw_sql_cannot_change_what_was_sealed(town: Town, statement: str) -> None:
    request = make_submitted(town)
    seal_request(actor=town.people[D.FINANCE_HEAD], request=request, kind=CHECK)
    with pytest.raises(IntegrityError), transaction.atomic():
        run(statement)
    request.refresh_from_db()
    assert (request.state, request.amount, request.seals.count()) == ("submitted", YUAN("100.00"), 1)


def forged(request: Disbursement, **fields: Any) -> Seal:
    values = {"maker": request.maker, "amount": request.amount, "payee": request.payee, "purpose": request.purpose}
    return Seal(disbursement=request, kind=CHECK, duty="财政所所长", **values | fields)


def test_database_refuses_forged_seals(town: Town) -> None:
    request, head = make_submitted(town), town.people[D.FINANCE_HEAD]
    forgeries = (
        forged(request, signer=request.maker),
        forged(request, signer=request.maker, maker=head),
        forged(request, signer=head, amount=YUAN("99.99")),
        forged(request, signer=head, payee="别人"),
    )
    for seal in forgeries:
        with pytest.raises(IntegrityError), transaction.atomic():
            seal.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        forged(make_request(town, request.budget), signer=head).save()
    forged(request, signer=head).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        forged(request, signer=UserFactory()).save()


def test_database_refuses_vouchers_that_no_request_stands_behind(town: Town) -> None:
    voucher = make_voucher(town)
    request = seal_both(town, make_submitted(town, voucher.budget, "20.00"))
    values = {
        field.attname: getattr(voucher, field.attname)
        for field in Voucher._meta.concrete_fields
        if not field.primary_key
    }
    for fields in ({}, {"disbursement_id": None}, {"disbursement_id": request.pk}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Voucher.objects.create(**values | {"code": "X"} | fields)


EXTRA_LINE = """
    INSERT INTO finance_voucherline (voucher_id, number, account_id, debit, credit)
    SELECT voucher_id, 9, account_id, debit, credit FROM finance_voucherline LIMIT 1
"""
RAW_LEDGER = (
    "UPDATE finance_voucher SET amount = amount + 1",
    "UPDATE finance_voucher SET summary = '改'",
    "DELETE FROM finance_voucherline",
    "UPDATE finance_voucherline SET debit = debit + 1 WHERE debit > 0",
    EXTRA_LINE,
    "UPDATE finance_budget SET amount = 99.99, held = 0",
)


@pytest.mark.parametrize("statement", RAW_LEDGER)
def test_raw_sql_cannot_change_the_ledger(town: Town, statement: str) -> None:
    make_voucher(town)
    check_deferred()
    with pytest.raises(IntegrityError), transaction.atomic():
        run(statement)


def test_bulk_update_cannot_change_the_ledger(town: Town) -> None:
    voucher = make_voucher(town)
    with pytest.raises(IntegrityError), transaction.atomic():
        Voucher.objects.update(amount=YUAN("1.00"))
    voucher.amount = YUAN("1.00")
    with pytest.raises(IntegrityError), transaction.atomic():
        voucher.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Voucher.objects.bulk_update([voucher], ["amount"])


def test_maker_of_a_draft_is_not_exchanged(town: Town) -> None:
    request = make_request(town)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disbursement.objects.filter(pk=request.pk).update(maker=town.people[D.ACCOUNTANT])


def test_draft_moves_to_another_budget_and_a_stale_copy_is_refused(town: Town) -> None:
    first, second = make_budget(town.own.branch), make_budget(town.own.branch, subject=SubjectCode.SECRETARY_PAY)
    request = make_request(town, first)
    stale = Disbursement.objects.get(pk=request.pk)
    revise_request(actor=request.maker, request=request, draft=draft_of(second))
    assert Disbursement.objects.get().subject.code == SubjectCode.SECRETARY_PAY
    with pytest.raises(ValidationError, match="刚才改过"):
        submit_request(actor=request.maker, request=stale)


def test_seal_names_the_duty_held_over_the_unit(town: Town) -> None:
    head = town.people[D.FINANCE_HEAD]
    appoint(head, D.ACCOUNTANT, town.foreign.branch)
    request = make_submitted(town)
    seal_request(actor=fresh(head), request=request, kind=CHECK)
    assert request.seals.get().duty == "财政所所长"


def test_reversal_of_a_foreign_voucher_is_refused(town: Town) -> None:
    voucher = import_voucher(town.foreign.branch, today(), "5.00")
    with pytest.raises(ValidationError, match="没有办理这一步的权限"):
        draft_reversal(actor=town.people[D.VILLAGE_AGENT], op_id=uuid4(), voucher=voucher, reason="不该有")
