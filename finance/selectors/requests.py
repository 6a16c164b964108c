"""Reads of disbursement requests: what waits for whom, which steps are open, whose seal is missing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q, QuerySet

from finance.enums import DRAFT, ENDED_STATES, MOVES, POST, SEAL_PERMISSION, RequestMove, RequestState, SealKind
from finance.models import Budget, Disbursement, DisbursementEvent, Seal, Voucher
from organizations.models import Duty, Organization, User

MOST_PAYEES = 30
"""How many earlier payees are proposed at most."""


def requests_of(user: User) -> QuerySet[Disbursement]:
    """Return the requests that ``user`` may see, with what a list shows of them, the newest first."""
    found: QuerySet[Disbursement] = Disbursement.objects.visible_to(user)
    return found.select_related("organization__village", "subject", "maker", "reverses")


def waiting_for_seal_of(user: User) -> QuerySet[Disbursement]:
    """Return the submitted requests on which ``user`` may put a seal that is missing, the oldest first.

    Not the own ones, and not those that already bear the own seal.
    """
    lacking = Q(pk__in=[])
    for kind, permission in SEAL_PERMISSION.items():
        rows = Disbursement.objects.visible_to(user, permission).waiting_for_seal(kind)
        lacking |= Q(pk__in=rows.order_by().values("pk"))
    sealed = Seal.objects.filter(signer=user).values("disbursement")
    return requests_of(user).filter(lacking).exclude(maker=user).exclude(pk__in=sealed).order_by("submitted_at", "pk")


def waiting_for_posting(user: User) -> QuerySet[Disbursement]:
    """Return the sealed requests that ``user`` may post, the oldest first."""
    rows = Disbursement.objects.visible_to(user, POST).filter(state=RequestState.APPROVED)
    return requests_of(user).filter(pk__in=rows.order_by().values("pk")).order_by("submitted_at", "pk")


def _under_way(user: User) -> QuerySet[Disbursement]:
    """Return those in which somebody must act; a draft is its maker's own affair."""
    return requests_of(user).exclude(state__in=ENDED_STATES).exclude(Q(state=RequestState.DRAFT) & ~Q(maker=user))


REQUEST_FILTERS: dict[str, tuple[str, Callable[[User], QuerySet[Disbursement]], tuple[str, ...]]] = {
    "seal": ("待我盖章", waiting_for_seal_of, tuple(SEAL_PERMISSION.values())),
    "post": ("待入账", waiting_for_posting, (POST,)),
    "open": ("办理中", _under_way, ()),
    "posted": ("已入账", lambda user: requests_of(user).filter(state=RequestState.POSTED), ()),
    "ended": (
        "退回和撤回",
        lambda user: requests_of(user).filter(state__in=(RequestState.REJECTED, RequestState.WITHDRAWN)),
        (),
    ),
}
"""Label, rows, and the permissions of which one is needed to be offered the filter (none: everybody)."""


def filters_for(user: User) -> dict[str, str]:
    """Return key and label of the filters that ``user`` is offered, what waits for oneself first."""
    return {
        key: label
        for key, (label, _, permissions) in REQUEST_FILTERS.items()
        if not permissions or any(user.has_perm(one) for one in permissions)
    }


def pools_of(user: User) -> QuerySet[Budget]:
    """Return the budgets out of which ``user`` may ask for money, with their balance: of the newest year and the last.

    In January one still settles what belongs to the year before.
    """
    rows = Budget.objects.visible_to(user, DRAFT).filter(subject__is_active=True)
    newest = rows.aggregate(newest=Max("year"))["newest"] or 0
    found: QuerySet[Budget] = rows.filter(year__gte=newest - 1).with_balance()
    return found.select_related("organization__village", "subject").order_by(
        "-year", "organization__sort_no", "organization", "subject__sort_no"
    )


def payees_known_to(user: User) -> list[str]:
    """Return whom ``user``'s bodies paid before, to be proposed while typing."""
    rows = Disbursement.objects.visible_to(user, DRAFT).filter(reverses__isnull=True).order_by()
    newest = rows.values("payee").annotate(newest=Max("pk")).order_by("-newest")
    return list(newest.values_list("payee", flat=True)[:MOST_PAYEES])


def holds(user: User, permission: str, organization: Organization) -> bool:
    """Say whether ``user`` holds ``permission`` at ``organization`` today."""
    return bool(Organization.objects.visible_to(user, permission).filter(pk=organization.pk).exists())


@dataclass(frozen=True)
class SealPlace:
    """The place of one seal on a request: who put it, or who must and whether this account may."""

    kind: SealKind
    seal: Seal | None
    holders: str
    """The duties that hold the seal."""
    may: bool = False
    why_not: str = ""
    """Why this account may not; empty when it may, or when nobody can now."""


@dataclass(frozen=True)
class RequestFile:
    """A request as one account finds it."""

    course: list[DisbursementEvent]
    places: list[SealPlace]
    moves: frozenset[RequestMove]
    """The steps open to the account, seals aside."""
    pool: Budget | None
    """Its budget with the balance; None for one who may not see budgets, or a reversal without one."""
    voucher: Voucher | None


def file_of(user: User, request: Disbursement) -> RequestFile:
    """Return course, seals and pool of ``request``, and what ``user`` may do, with a constant number of queries."""
    held = {
        permission
        for permission in (DRAFT, POST, *SEAL_PERMISSION.values())
        if holds(user, permission, request.organization)
    }
    course = DisbursementEvent.objects.visible_to(user).filter(disbursement=request).select_related("actor")
    return RequestFile(
        course=list(course.order_by("pk")),
        places=_seal_places(user, request, held),
        moves=_open_moves(user, request, held),
        pool=Budget.objects.visible_to(user).with_balance().filter(pk=request.budget_id).first(),
        voucher=Voucher.objects.visible_to(user).filter(disbursement=request).first(),
    )


def _open_moves(user: User, request: Disbursement, held: set[str]) -> frozenset[RequestMove]:
    def is_open(code: RequestMove) -> bool:
        move = MOVES[code]
        own = not move.maker or request.maker_id == user.pk
        return own and request.state in move.sources and not held.isdisjoint(move.permissions)

    codes = {code for code in MOVES if is_open(code)} - {RequestMove.CHECK, RequestMove.APPROVE}
    return frozenset(codes - {RequestMove.REVISE} if request.reverses_id else codes)


def _seal_places(user: User, request: Disbursement, held: set[str]) -> list[SealPlace]:
    seals = {seal.kind: seal for seal in request.seals.select_related("signer")}
    signed = any(seal.signer_id == user.pk for seal in seals.values())
    places = []
    for kind, permission in SEAL_PERMISSION.items():
        seal = seals.get(kind)
        waits = seal is None and request.state == RequestState.SUBMITTED
        why_not = _why_not(user, request, has_duty=permission in held, has_signed=signed) if waits else ""
        places.append(SealPlace(kind, seal, _holders(permission) if waits else "", waits and not why_not, why_not))
    return places


def _why_not(user: User, request: Disbursement, *, has_duty: bool, has_signed: bool) -> str:
    """Return why ``user`` may not put the missing seal; empty when he may."""
    if request.maker_id == user.pk:
        return "您是经办人，不能给自己的申请盖章。"
    if has_signed:
        return "您已经盖过一枚，两枚印鉴要由两个人盖。"
    return "" if has_duty else "您现在的职务不盖这枚印鉴。"


def _holders(permission: str) -> str:
    codename = permission.partition(".")[2]
    duties: Any = Duty.objects.filter(group__permissions__codename=codename)
    return "或".join(dict.fromkeys(duties.values_list("name", flat=True)))
