"""The yearly reconciliation of members, and the rows behind each of its lines."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chishang.core.dates import today
from chishang.core.scoping import EVERYTHING
from chishang.report.forms import PeriodForm, usual_periods
from members.selectors.reconciliation import LINES, VIEW, Reconciliation, reconcile
from organizations.permissions import Tree
from organizations.views import SignedInRequest

ROWS_A_PAGE = 100
REFUSED = 422


@require_safe
@permission_required(VIEW, raise_exception=True)
def reconciliation(request: SignedInRequest) -> HttpResponse:
    """Show last year + increase − decrease = this year, each line leading to its rows."""
    form = _form(request)
    context: dict[str, Any] = {"form": form, "forms": [form], "periods": usual_periods(today())}
    if not form.is_valid():
        return render(request, "report/reconciliation.html", context, status=REFUSED)
    context["reconciliation"] = _reconcile(request, form)
    return render(request, "report/reconciliation.html", context)


@require_safe
@permission_required(VIEW, raise_exception=True)
def reconciliation_rows(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the rows of one line: the changes it counts, or the members of a stock."""
    form = _form(request)
    if not form.is_valid():
        return render(request, "report/reconciliation.html", {"form": form, "forms": [form]}, status=REFUSED)
    found = _reconcile(request, form)
    if code not in found.rows:
        raise Http404
    rows = (
        found.rows[code]
        .with_other_side(request.user)
        .select_related("member", "branch")
        .order_by("branch__sort_no", "occurred_on", "pk")
    )
    line = next(line for line in LINES if line.code == code)
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {"reconciliation": found, "line": line, "page": page, "is_stock": not line.sign}
    return render(request, "report/reconciliation_rows.html", context)


def _form(request: SignedInRequest) -> PeriodForm:
    return PeriodForm(request.GET, user=request.user, use_required_attribute=False)


def _reconcile(request: SignedInRequest, form: PeriodForm) -> Reconciliation:
    asked = form.cleaned_data
    organization = asked["organization"]
    scope = Tree.load().below(organization.pk) if organization else EVERYTHING
    return reconcile(request.user, since=asked["since"], until=asked["until"], scope=scope)
