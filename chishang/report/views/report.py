"""The report page: every figure of a day with its comparison, the charts, and the cross-checks."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chishang.core.dates import today
from chishang.core.figures import compute
from chishang.report.charts import draw
from chishang.report.checks import Check
from chishang.report.forms import ReportForm, usual_days
from chishang.report.lines import build_lines
from chishang.report.report import Report, build_report
from chishang.report.sections import SECTIONS
from chishang.report.tables import find_table
from organizations.views import SignedInRequest
from visits.selectors import waiting_on_phones

VIEW = "organizations.view_organization"
REFUSED = 422


@require_safe
@permission_required(VIEW, raise_exception=True)
def report(request: SignedInRequest) -> HttpResponse:
    """Show the report of a day, with what the reader may see."""
    form = ReportForm(request.GET, user=request.user)
    if not form.is_valid():
        return refuse(request, form)
    found = build_report(as_of=form.cleaned_data["as_of"], user=request.user, organization=form.code)
    before = replace(found.question, as_of=form.compared_with)
    lines = build_lines(found.question, found.values, compute(before))
    sections = [
        {"section": one, "lines": [lines[key] for key in one.figures], "charts": _charts(found, one.tables)}
        for one in SECTIONS
    ]
    context = _frame(form) | {"report": found, "before": before, "sections": sections, "checks": _sorted(found.checks)}
    context["waiting"] = waiting_on_phones(found.question)
    return render(request, "report/report.html", context)


def refuse(request: SignedInRequest, form: ReportForm) -> HttpResponse:
    """Show what is wrong with the day or the organization, and nothing else."""
    return render(request, "report/report.html", _frame(form) | {"errors_of": [form]}, status=REFUSED)


def query_of(form: ReportForm) -> str:
    """Return what was asked for as it stands in the addresses of rows and files."""
    compare = form.cleaned_data["compare"]
    asked = {
        "as_of": form.cleaned_data["as_of"].isoformat(),
        "compare": compare.isoformat() if compare else "",
        "organization": form.code,
    }
    return urlencode({name: value for name, value in asked.items() if value})


def _frame(form: ReportForm) -> dict[str, Any]:
    query = query_of(form) if form.is_valid() else ""
    return {"section": "report", "form": form, "days": usual_days(today()), "query": query}


def _charts(found: Report, keys: tuple[str, ...]) -> list[Any]:
    """Return the tables of a section as they are drawn; none of which there is nothing to see."""
    tables = [find_table(key, found.question) for key in keys]
    return [draw(table) for table in tables if any(table.totals)]


def _sorted(checks: list[Check]) -> dict[str, list[Check]]:
    """Return the checks that fail, those that hold and those that could not be made."""
    return {
        "failing": [one for one in checks if not one.holds],
        "holding": [one for one in checks if one.difference == 0],
        "unsaid": [one for one in checks if one.difference is None],
    }
