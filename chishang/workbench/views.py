"""Pages that belong to no single app: the home page of each duty, and the answer to a stale form."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chishang.core.dates import today
from chishang.core.ledgers import may_import_any
from organizations.enums import DutyCode
from organizations.models import Appointment, User
from organizations.views import SignedInRequest
from visits.enums import OPEN_STATES, IssueState
from visits.models import Issue


@dataclass(frozen=True)
class Tile:
    """One number of what waits, and the register's list that shows it."""

    label: str
    hint: str
    count: int
    address: str


WAITING: list[tuple[str, str, dict[str, str]]] = [
    ("等待受理", "新登记的问题", {"state__exact": IssueState.REGISTERED}),
    ("已经超期", "过了期限还没解决", {"state__in": ",".join(OPEN_STATES), "due_on__lt": "today"}),
    ("已经退回", "等支部补充", {"state__exact": IssueState.RETURNED}),
    ("等待反馈", "等支部问群众意见", {"state__exact": IssueState.RESOLVED}),
    ("等待销号", "群众已反馈", {"state__exact": IssueState.CONFIRMED}),
]
"""Label, hint, and the filter of the register's list (``today`` stands for the day)."""


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Show office staff what waits; send secretaries to their visits; tell others that nothing waits here."""
    user = request.user
    if user.is_staff:
        context = {"tiles": waiting_tiles(user), "may_import": may_import_any(user), "today": today()}
        return render(request, "workbench/home.html", context)
    if user.has_perm("visits.add_visit"):
        return redirect("visits:home")
    duties = set(Appointment.objects.in_force().filter(user=user).values_list("duty__code", flat=True))
    machine = duties == {DutyCode.DISTRICT_CLIENT}
    return render(request, "workbench/machine.html" if machine else "workbench/no_duty.html")


def waiting_tiles(user: User) -> list[Tile]:
    """Return the numbers of issues that wait, of those that ``user`` may see; none without that right."""
    if not user.has_perm("visits.view_issue"):
        return []
    filters = [_at(day_filter) for _, _, day_filter in WAITING]
    counts = Issue.objects.visible_to(user).aggregate(
        **{f"tile_{number}": Count("pk", filter=_condition(one)) for number, one in enumerate(filters)}
    )
    address = f"{reverse('admin:index')}visits/issue/"
    return [
        Tile(label, hint, counts[f"tile_{number}"], f"{address}?{urlencode(filters[number])}")
        for number, (label, hint, _) in enumerate(WAITING)
    ]


def _at(lookups: dict[str, str]) -> dict[str, str]:
    return {name: today().isoformat() if value == "today" else str(value) for name, value in lookups.items()}


def _condition(lookups: dict[str, str]) -> Q:
    values: dict[str, Any] = {
        name: value.split(",") if name.endswith("__in") else value for name, value in lookups.items()
    }
    return Q(**values)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that is stale or forged (CSRF): nothing was stored, and how to go on."""
    return render(request, "403_csrf.html", status=403)
