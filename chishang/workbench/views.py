"""Pages that belong to no single app: the home page, and the answer to a stale form."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def home(request: HttpRequest) -> HttpResponse:
    """Send office staff to the registers and secretaries to their visits."""
    return redirect("admin:index" if request.user.is_staff else "visits:home")


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that is stale or forged (CSRF): nothing was stored, and how to go on."""
    return render(request, "403_csrf.html", status=403)
