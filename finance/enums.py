"""Code lists of village money, and the table of moves of a disbursement request."""

from dataclasses import dataclass

from django.db.models import TextChoices


class AccountCategory(TextChoices):
    """Class of a ledger account (会计科目类别)."""

    ASSET = "asset", "资产"
    LIABILITY = "liability", "负债"
    EQUITY = "equity", "所有者权益"
    COST = "cost", "成本"
    INCOME = "income", "收入"
    EXPENSE = "expense", "支出"


class Side(TextChoices):
    """Side of an account on which it grows. A contra asset (累计折旧) is an asset that grows on the credit side."""

    DEBIT = "debit", "借"
    CREDIT = "credit", "贷"


class SubjectLevel(TextChoices):
    """Whose money a subject is."""

    VILLAGE = "village", "村级"
    TOWN = "town", "镇级"


class SubjectCode(TextChoices):
    """Subjects that figures refer to; offices add others as rows."""

    OPERATION = "village_operation", "村级组织运转经费"
    SECRETARY_PAY = "secretary_pay", "村党组织书记报酬"
    PARTY_FUND = "special_party_fund", "镇党建工作专项经费"
    TWO_NEW_FUND = "special_two_new_fund", "“两新”组织党建工作经费"


class RequestState(TextChoices):
    """How a disbursement request stands."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待盖章"
    APPROVED = "approved", "待入账"
    POSTED = "posted", "已入账"
    REJECTED = "rejected", "未批准"
    WITHDRAWN = "withdrawn", "已撤回"


S = RequestState
RESERVING_STATES = (S.SUBMITTED, S.APPROVED)
"""States in which a request holds money of its budget that nobody else may have."""
ENDED_STATES = (S.POSTED, S.REJECTED, S.WITHDRAWN)


class SealKind(TextChoices):
    """The two seals (双印鉴): the finance office checks, a leader approves."""

    CHECK = "check", "复核"
    APPROVE = "approve", "批准"


class RequestMove(TextChoices):
    """A step in the course of a disbursement request."""

    DRAFT = "draft", "起草"
    REVISE = "revise", "修改草稿"
    SUBMIT = "submit", "提交"
    CHECK = "check", "复核盖章"
    APPROVE = "approve", "批准盖章"
    REJECT = "reject", "退回"
    WITHDRAW = "withdraw", "撤回"
    POST = "post", "入账"


DRAFT = "finance.add_disbursement"
CHECK = "finance.check_disbursement"
APPROVE = "finance.approve_disbursement"
POST = "finance.post_disbursement"
SEAL_PERMISSION = {SealKind.CHECK: CHECK, SealKind.APPROVE: APPROVE}


@dataclass(frozen=True)
class Move:
    """One allowed move: from which states, to which, with which of the permissions; ``maker`` marks the maker's own.

    A seal leads to 待盖章 as long as the other one is missing, and to 待入账 when it is there.
    """

    code: RequestMove
    sources: tuple[RequestState, ...]
    targets: tuple[RequestState, ...]
    permissions: tuple[str, ...]
    maker: bool = False
    needs_note: bool = False


MOVES: dict[RequestMove, Move] = {
    move.code: move
    for move in (
        Move(RequestMove.REVISE, (S.DRAFT,), (S.DRAFT,), (DRAFT,), maker=True),
        Move(RequestMove.SUBMIT, (S.DRAFT,), (S.SUBMITTED,), (DRAFT,), maker=True),
        Move(RequestMove.CHECK, (S.SUBMITTED,), (S.SUBMITTED, S.APPROVED), (CHECK,)),
        Move(RequestMove.APPROVE, (S.SUBMITTED,), (S.SUBMITTED, S.APPROVED), (APPROVE,)),
        Move(RequestMove.REJECT, (S.SUBMITTED, S.APPROVED), (S.REJECTED,), (CHECK, APPROVE), needs_note=True),
        Move(RequestMove.WITHDRAW, (S.DRAFT, S.SUBMITTED, S.APPROVED), (S.WITHDRAWN,), (DRAFT,), maker=True),
        Move(RequestMove.POST, (S.APPROVED,), (S.POSTED,), (POST,)),
    )
}


def allowed_pairs() -> dict[RequestMove, list[tuple[str, str]]]:
    """Return every (from, to) that an event may record, by move; ``""`` is before the draft."""
    pairs = {
        code: [(str(source), str(target)) for source in move.sources for target in move.targets]
        for code, move in MOVES.items()
    }
    return pairs | {RequestMove.DRAFT: [("", str(S.DRAFT))]}


class PovertyLabel(TextChoices):
    """What the beneficiaries of a dividend are called in its year; the word changed with the policy in 2021."""

    POOR = "poor", "贫困户"
    OUT_OF_POVERTY = "out_of_poverty", "脱贫户"
    MONITORED = "monitored", "监测对象"


class Basis(TextChoices):
    """Whether an amount was received, or is a forecast."""

    ACTUAL = "actual", "实际"
    ESTIMATED = "estimated", "预计"


class StatementState(TextChoices):
    """How a disclosure statement stands."""

    DRAFT = "draft", "待审核"
    CHECKED = "checked", "待公开"
    RELEASED = "released", "已公开"
    WITHDRAWN = "withdrawn", "已作废"
