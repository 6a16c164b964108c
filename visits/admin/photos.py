"""Photos of visits, shown to those who may see what phones sent."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from visits.models import Photo

KEPT = 24 * 3600
"""Seconds for which the browser may keep a photo; it never changes."""


@require_safe
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """Give out one photo; another body's does not exist."""
    user: Any = request.user
    found = Photo.objects.visible_to(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    headers = {"Cache-Control": f"private, max-age={KEPT}", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(bytes(found.content), content_type="image/jpeg", headers=headers)
