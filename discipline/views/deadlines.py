"""The page of deadlines."""

from collections import Counter

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from chishang.core.dates import today
from discipline.selectors.deadlines import Urgency, lines_for
from discipline.views.office import office_page


@office_page("discipline.view_case")
def deadlines(request: HttpRequest) -> HttpResponse:
    """Show all that is due, of what the reader may see; ``?kind=`` shows one kind."""
    day = today()
    lines = lines_for(request.user, day)
    kinds = Counter(line.kind for line in lines)
    kind = request.GET.get("kind", "")
    shown = [line for line in lines if line.kind == kind] if kind in kinds else lines
    groups = [(one, [line for line in shown if line.urgency(day) == one]) for one in Urgency]
    context = {
        **admin.site.each_context(request),
        "title": "办理期限",
        "groups": groups,
        "total": len(lines),
        "kinds": sorted(kinds.items()),
        "kind": kind if kind in kinds else "",
        "unknown_years": sorted({year for line in lines for year in line.unknown_years}),
    }
    return TemplateResponse(request, "admin/discipline/deadlines.html", context)
