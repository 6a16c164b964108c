"""What villagers read without signing in: released statements, and nothing else.

The pages are the same for everybody, so that they may be kept for a minute by whoever stands between.
"""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from finance.models import Statement
from finance.selectors import statements as selectors
from finance.selectors.statement_content import readable, title_of
from finance.views.statements import version_address

KEPT_SECONDS = 60
EVERYBODY: dict[str, Any] = {"user": None, "messages": None}
"""Nothing of the account that happens to be signed in goes into a page that others may be given."""

public = cache_control(public=True, max_age=KEPT_SECONDS)


@login_not_required
@require_safe
@public
def index(request: HttpRequest) -> HttpResponse:
    """List by area the villages that have a public statement, each with its newest; find one by name."""
    text = request.GET.get("q", "")[:50]
    context = {"areas": selectors.disclosed(text), "text": text, **EVERYBODY}
    return render(request, "disclosure/index.html", context)


@login_not_required
@require_safe
@public
def village(request: HttpRequest, code: str) -> HttpResponse:
    """List the public statements of a village."""
    found = selectors.disclosed_quarters(code)
    if not found:
        raise Http404
    return render(request, "disclosure/village.html", {"village": found[0].village, "statements": found, **EVERYBODY})


@login_not_required
@require_safe
@public
def in_force(request: HttpRequest, code: str, year: int, quarter: int) -> HttpResponse:
    """Show the statement of a quarter that is in force."""
    return _page(request, selectors.released_versions(code, year, quarter), None)


@login_not_required
@require_safe
@public
def version(request: HttpRequest, code: str, year: int, quarter: int, number: int) -> HttpResponse:
    """Show one version of a quarter; where a later one replaced it, say so."""
    return _page(request, selectors.released_versions(code, year, quarter), number)


def _page(request: HttpRequest, versions: list[Statement], number: int | None) -> HttpResponse:
    shown = next((one for one in versions if number in (None, one.version)), None)
    if shown is None:
        raise Http404
    fault = selectors.fault_of(shown)
    context = {
        "statement": shown,
        "versions": versions,
        "newest": versions[0],
        "fault": fault,
        "title": "" if fault else title_of(shown.content),
        "content": None if fault else readable(shown.content),
        "address": request.build_absolute_uri(version_address(shown)),
        **EVERYBODY,
    }
    return render(request, "disclosure/statement.html", context)
