"""Collective income of the villages: by kind, and who is over a threshold."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chishang.core.dates import last_full_year, today
from finance.forms.income import ThresholdForm
from finance.models import CollectiveIncome
from finance.models.income import THRESHOLD
from finance.selectors.budgets import income_of, years_of
from finance.views.budgets import chosen_year
from finance.views.requests import REFUSED
from organizations.views import SignedInRequest


@require_safe
@permission_required("finance.view_collectiveincome", raise_exception=True)
def income(request: SignedInRequest) -> HttpResponse:
    """Show the income of a year by village, those over the typed threshold (in yuan, strictly) on top."""
    years = years_of(request.user, CollectiveIncome)
    year = chosen_year(request.GET.get("year", ""), years)
    form = ThresholdForm(request.GET if "threshold" in request.GET else {"threshold": str(THRESHOLD)})
    context = {"section": "money", "year": year, "years": years, "form": form, "forms": [form]}
    if not form.is_valid():
        return render(request, "finance/income.html", context, status=REFUSED)
    threshold = form.amount(THRESHOLD)
    found = income_of(request.user, year, threshold)
    context |= {
        "threshold": threshold,
        "found": found,
        "groups": [("超过的村", found.over), ("没有超过的村", found.others)],
        "columns": len(found.kinds) + 3,
        "is_over": year <= last_full_year(today()),
    }
    return render(request, "finance/income.html", context)
