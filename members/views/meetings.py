"""Meetings of the branch: what is missing, recording one in under a minute, its page, the calendar of duties."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from chishang.core.dates import today
from members import selectors
from members.forms import MeetingSheet
from members.models import Meeting
from members.selectors.meetings import RECORD, VIEW, BranchDuties
from members.services import record_meeting
from organizations.models import Organization
from organizations.views import SignedInRequest

MEETINGS_A_PAGE = 20
REFUSED = 422
"""HTTP status of a form that was refused."""
FIRST_YEAR = 1949

readers_only = permission_required(VIEW, raise_exception=True)
recorders_only = permission_required(RECORD, raise_exception=True)


@require_safe
@readers_only
def meetings(request: SignedInRequest) -> HttpResponse:
    """List the meetings of one's branches, newest first; above them what is missing."""
    calendar = selectors.missing_meetings(request.user, today().year, today())
    context = {
        "section": "meetings",
        "page": Paginator(selectors.meetings_of(request.user), MEETINGS_A_PAGE).get_page(request.GET.get("page")),
        "own": calendar[0] if len(calendar) == 1 else None,
        "branches_lacking": sum(bool(one.missing_count) for one in calendar),
        "several_branches": len(calendar) > 1,
        "may_record": request.user.has_perm(RECORD),
        "year": today().year,
    }
    return render(request, "members/meetings.html", context)


@recorders_only
def record(request: SignedInRequest) -> HttpResponse:
    """Record a meeting of one's branch; who has several chooses one first."""
    branches = selectors.branches_to_record(request.user, today())
    if request.method == "POST":
        return _take_meeting(request, _branch_or_404(branches, request.POST.get("branch", "")))
    chosen = request.GET.get("branch", "")
    if not chosen:
        found = list(branches)
        if len(found) != 1:
            return render(request, "members/choose_branch.html", {"section": "meetings", "branches": found})
        return _sheet_page(request, MeetingSheet(user=request.user, branch=found[0], kind=request.GET.get("kind")))
    branch = _branch_or_404(branches, chosen)
    return _sheet_page(request, MeetingSheet(user=request.user, branch=branch, kind=request.GET.get("kind")))


def _take_meeting(request: SignedInRequest, branch: Organization) -> HttpResponse:
    sheet = MeetingSheet(user=request.user, branch=branch, data=request.POST)
    if not sheet.is_valid():
        return _sheet_page(request, sheet, status=REFUSED)
    try:
        stored, is_new = record_meeting(actor=request.user, draft=sheet.draft())
    except ValidationError as error:
        sheet.add_errors(error)
        return _sheet_page(request, sheet, status=REFUSED)
    messages.success(request, "已登记。" if is_new else "这次活动已经登记过，没有重复登记。")
    return redirect("members:meeting", stored.pk)


def _sheet_page(request: SignedInRequest, sheet: MeetingSheet, *, status: int = 200) -> HttpResponse:
    return render(request, "members/record.html", {"section": "meetings", "sheet": sheet}, status=status)


def _branch_or_404(branches: Any, key: str) -> Organization:
    if not (key.isascii() and key.isdigit()):
        raise Http404
    branch: Organization = get_object_or_404(branches, pk=key)
    return branch


@require_safe
@readers_only
def meeting(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a meeting with who took part, as far as that was listed."""
    one: Meeting = get_object_or_404(selectors.meetings_of(request.user), pk=pk)
    context = {
        "section": "meetings",
        "meeting": one,
        "attendance": selectors.attendance_of(request.user, one),
        "may_record": request.user.has_perm(RECORD),
    }
    return render(request, "members/meeting.html", context)


@require_safe
@readers_only
def calendar(request: SignedInRequest) -> HttpResponse:
    """Show the duties of a branch, period by period; who sees several gets what each lacks first."""
    year = _year(request.GET.get("year", ""))
    found = selectors.missing_meetings(request.user, year, today())
    context = {
        "section": "meetings",
        "year": year,
        "this_year": today().year,
        "first_year": FIRST_YEAR,
        "branches": found,
        "own": _chosen(found, request.GET.get("branch", "")),
        "may_record": request.user.has_perm(RECORD),
    }
    return render(request, "members/calendar.html", context)


def _year(text: str) -> int:
    """Return the year asked for, or this one when it is none that can be shown."""
    year = int(text) if len(text) == len("2017") and text.isascii() and text.isdigit() else 0
    return year if FIRST_YEAR <= year <= today().year else today().year


def _chosen(calendar: list[BranchDuties], key: str) -> BranchDuties | None:
    """Return the branch to show: the one asked for, or the only one; None when there are several."""
    if key:
        found = next((one for one in calendar if str(one.branch.pk) == key), None)
        if found is None:
            raise Http404
        return found
    return calendar[0] if len(calendar) == 1 else None
