"""The rows behind one figure of the report, as far as the reader may see them."""

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chishang.core.figures import compute, find_figure
from chishang.report.forms import ReportForm
from chishang.report.lines import build_lines, sees_rows
from chishang.report.report import build_report
from chishang.report.rows import SHOWN, prepare, show
from chishang.report.views.report import VIEW, query_of, refuse
from organizations.views import SignedInRequest

ROWS_A_PAGE = 100


@require_safe
@permission_required(VIEW, raise_exception=True)
def rows(request: SignedInRequest, key: str) -> HttpResponse:
    """List the rows: as many as a count says, or those whose column a sum adds up."""
    figure = find_figure(key)
    if figure is None or figure.confidential:  # a confidential figure has no rows outside its office
        raise Http404
    form = ReportForm(request.GET, user=request.user)
    if not form.is_valid():
        return refuse(request, form)
    found = build_report(as_of=form.cleaned_data["as_of"], user=request.user, organization=form.code)
    question = found.question
    if not sees_rows(figure, question):
        raise PermissionDenied
    values = compute(question, [figure])
    behind = figure.rows(question) if figure.exists(question) else figure.rows(question).none()
    page = Paginator(prepare(behind, request.user), ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "report",
        "report": found,
        "line": build_lines(question, values, values, [figure])[key],
        "columns": SHOWN[behind.model].columns,
        "rows": show(page, behind.model, request.user),
        "page": page,
        "query": query_of(form),
    }
    return render(request, "report/rows.html", context)
