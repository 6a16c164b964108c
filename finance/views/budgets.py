"""Budgets of a year and the rows behind each number."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from chishang.core.dates import today
from finance.enums import DRAFT
from finance.models import Budget
from finance.selectors.budgets import budgets_of, rows_behind, years_of
from finance.selectors.requests import holds
from organizations.views import SignedInRequest

readers_only = permission_required("finance.view_budget", raise_exception=True)


def chosen_year(text: str, years: list[int]) -> int:
    """Return the year asked for; the newest one with rows (or this one) when it has none."""
    asked = int(text) if len(text) == len("2017") and text.isascii() and text.isdigit() else 0
    return asked if asked in years else next(iter(years), today().year)


@require_safe
@readers_only
def budgets(request: SignedInRequest) -> HttpResponse:
    """Show plan, paid and waiting of a year by village and subject; each number leads to its rows."""
    years = years_of(request.user, Budget)
    year = chosen_year(request.GET.get("year", ""), years)
    organization, subject = request.GET.get("organization", ""), request.GET.get("subject", "")
    context = {
        "section": "money",
        "year": year,
        "years": years,
        "is_part": bool(organization or subject),
        "found": budgets_of(request.user, year, organization=organization, subject=subject),
    }
    return render(request, "finance/budgets.html", context)


@require_safe
@readers_only
def budget(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the rows behind the numbers of one budget."""
    rows = Budget.objects.visible_to(request.user).with_balance().select_related("organization__village", "subject")
    one: Any = get_object_or_404(rows, pk=pk)
    context = {
        "section": "money",
        "one": one,
        "rows": rows_behind(request.user, one),
        "may_draft": one.subject.is_active and holds(request.user, DRAFT, one.organization),
    }
    return render(request, "finance/budget.html", context)
