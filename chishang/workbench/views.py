"""Pages of no single app: the home page of each duty, terms that end, the size of the text, a stale form."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from chishang.core.dates import today
from chishang.core.ledgers import may_import_any
from chishang.workbench.tiles import tile_groups
from organizations.enums import DutyCode
from organizations.models import Appointment
from organizations.selectors import VIEW_ELECTION, terms_ending
from organizations.views import SignedInRequest

TEXT_SIZES = {"": "标准", "large": "大", "huge": "特大"}
"""What stands in the cookie, and its label: 20, 24 and 30 px (the elder-friendly rules ask for 18 at least)."""
YEAR = 365 * 24 * 3600


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Show office staff what waits; send secretaries to their visits, agents to the money; tell others so."""
    user = request.user
    if user.is_staff:
        context = {"groups": tile_groups(user), "may_import": may_import_any(user), "today": today()}
        return render(request, "workbench/home.html", context)
    if user.has_perm("visits.add_visit"):
        return redirect("visits:home")
    if user.has_perm("finance.add_disbursement"):
        return redirect("finance:home")
    duties = set(Appointment.objects.in_force().filter(user=user).values_list("duty__code", flat=True))
    machine = duties == {DutyCode.DISTRICT_CLIENT}
    return render(request, "workbench/machine.html" if machine else "workbench/no_duty.html")


@require_safe
@permission_required(VIEW_ELECTION, raise_exception=True)
def terms(request: SignedInRequest) -> HttpResponse:
    """List the bodies whose term ends within six months, or is over."""
    found = terms_ending(request.user)
    context = {
        "overdue": [one for one in found if one.is_overdue],
        "coming": [one for one in found if not one.is_overdue],
        "today": today(),
    }
    return render(request, "workbench/terms.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def text_size(request: HttpRequest) -> HttpResponse:
    """Let people choose how large the text is in this browser, and go back to where they were.

    The choice is a cookie that scripts may read: the page kept on the phone knows nothing of who reads it.
    """
    following = request.POST.get("next") or request.headers.get("Referer") or "/"
    if not url_has_allowed_host_and_scheme(following, allowed_hosts=request.get_host()):
        following = "/"
    size = request.POST.get("size")
    if size in TEXT_SIZES:
        answer = redirect(following)
        answer.set_cookie("text", size, max_age=YEAR, secure=settings.CSRF_COOKIE_SECURE, samesite="Lax")
        return answer
    context = {"sizes": TEXT_SIZES.items(), "chosen": request.COOKIES.get("text", ""), "next": following}
    return render(request, "workbench/text_size.html", context)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that is stale or forged (CSRF): nothing was stored, and how to go on."""
    return render(request, "403_csrf.html", status=403)
