"""The secretary's pages: households, recording a visit, the receipt, the issues and their course."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from chishang.core.dates import today
from chishang.core.forms import show_errors
from members.selectors import due_this_month
from organizations.selectors import receipts_to_sign
from organizations.views import SignedInRequest
from visits import selectors
from visits.enums import MoveCode, Source
from visits.forms import AnswerForm, FeedbackForm, ResubmitForm, VisitSheet
from visits.models import Household, Issue, Visit
from visits.services import (
    MoveFacts,
    MoveRefused,
    OperationReused,
    answer_issue,
    feedback_as_move,
    moves_open_to,
    record_visit,
)

HOUSEHOLDS_A_PAGE, ISSUES_A_PAGE = 30, 20
REFUSED, CONFLICT = 422, 409
"""HTTP status of a form that was refused, and of one that was sent before with other content."""

visitors_only = permission_required(selectors.VISIT, raise_exception=True)


@require_safe
@visitors_only
def home(request: SignedInRequest) -> HttpResponse:
    """List the households that one may visit, found by name, pinyin initials or number."""
    text, not_yet = request.GET.get("q", "")[:50], request.GET.get("show") == "not_yet"
    households = selectors.households_to_visit(request.user, text, not_yet=not_yet)
    context = {
        "section": "households",
        "page": _page(request, households, HOUSEHOLDS_A_PAGE),
        "text": text,
        "not_yet": not_yet,
        "awaiting": selectors.issues_awaiting(request.user).count(),
        "to_sign": receipts_to_sign(request.user).count(),
        "due_meetings": due_this_month(request.user, today()),
        "several_villages": selectors.visits_several_villages(request.user),
    }
    return render(request, "visits/home.html", context)


@require_safe
@visitors_only
def household(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a household with its visits and issues."""
    one = _household_or_404(request, pk)
    context = {"section": "households", "household": one, "file": selectors.file_of(request.user, one)}
    return render(request, "visits/household.html", context)


@visitors_only
def record(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record a visit.

    The operation id is made when the form opens and stands in its address, so that going back or reloading comes to
    the same form, which after its first sending only shows what was stored.
    """
    one = _household_or_404(request, pk)
    if request.method == "POST":
        return _take_visit(request, one)
    try:
        op_id = UUID(request.GET.get("op", ""))
    except ValueError:
        return redirect(f"{request.path}?op={uuid4()}")
    stored = selectors.stored_visit(request.user, op_id)
    if stored:
        return render(request, "visits/reported.html", {"section": "households", "visit": stored, "household": one})
    return _sheet_page(request, one, VisitSheet(user=request.user, household=one, op_id=op_id))


def _take_visit(request: SignedInRequest, one: Household) -> HttpResponse:
    sheet = VisitSheet(user=request.user, household=one, op_id=uuid4(), data=request.POST)
    if "add" in request.POST:
        sheet.with_another_block(request.POST)
        return _sheet_page(request, one, sheet)
    if not sheet.is_valid():
        return _sheet_page(request, one, sheet, status=REFUSED)
    try:
        visit, _ = record_visit(actor=request.user, op_id=sheet.op_id, draft=sheet.draft(), source=Source.PAGE)
    except OperationReused:
        stored = selectors.stored_visit(request.user, sheet.op_id)
        sheet.start_anew()
        return _sheet_page(request, one, sheet, status=CONFLICT, reused=True, stored=stored)
    except ValidationError as error:
        sheet.add_errors(error)
        return _sheet_page(request, one, sheet, status=REFUSED)
    return redirect("visits:receipt", visit.pk)


def _sheet_page(
    request: SignedInRequest, one: Household, sheet: VisitSheet, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"section": "households", "household": one, "sheet": sheet, **more}
    return render(request, "visits/record.html", context, status=status)


@require_safe
@visitors_only
def receipt(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show that a visit is stored, with its number and what was recorded."""
    visits = Visit.objects.visible_to(request.user).select_related("household__village", "visitor", "entered_by")
    visit = get_object_or_404(visits, pk=pk)
    issues = selectors.issues_of(request.user, "all").filter(visit=visit).order_by("pk")
    return render(request, "visits/receipt.html", {"section": "households", "visit": visit, "issues": issues})


@require_safe
@visitors_only
def issues(request: SignedInRequest) -> HttpResponse:
    """List the issues of one's villages: those that wait for oneself, the unsolved ones, or all."""
    show = request.GET.get("show", "open")
    show = show if show in selectors.ISSUE_FILTERS else "open"
    context = {
        "section": "issues",
        "page": _page(request, selectors.issues_of(request.user, show), ISSUES_A_PAGE),
        "show": show,
        "filters": selectors.ISSUE_FILTERS.items(),
        "several_villages": selectors.visits_several_villages(request.user),
    }
    return render(request, "visits/issues.html", context)


@require_safe
@visitors_only
def issue(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show an issue, its course, and the form of what waits for oneself."""
    return _issue_page(request, _issue_or_404(request, pk))


@require_POST
@visitors_only
def feedback(request: SignedInRequest, pk: int) -> HttpResponse:
    """Store what the household said of the result."""
    one, form = _issue_for_feedback(request, pk), FeedbackForm(request.POST)
    if form.is_valid():
        move, facts = feedback_as_move(form.cleaned_data["satisfaction"], form.cleaned_data["note"])
        if _takes_answer(request, one, form, move, facts):
            messages.success(request, "群众的意见已经记下。")
            return redirect("visits:issue", one.pk)
    return _issue_page(request, one, feedback_form=form)


@require_POST
@visitors_only
def resubmit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send a returned issue in again, with what was missing."""
    one, form = _issue_for_feedback(request, pk), ResubmitForm(request.POST)
    if form.is_valid():
        facts = MoveFacts(note=form.cleaned_data["note"])
        if _takes_answer(request, one, form, MoveCode.RESUBMIT, facts):
            messages.success(request, "已经补充并重新上报。")
            return redirect("visits:issue", one.pk)
    return _issue_page(request, one, resubmit_form=form)


def _takes_answer(request: SignedInRequest, one: Issue, form: AnswerForm, move: MoveCode, facts: MoveFacts) -> bool:
    """Say whether the answer is stored, now or when it came before; what speaks against it is shown at the form."""
    try:
        answer_issue(actor=request.user, issue=one, move=move, facts=facts, seen=form.cleaned_data["seen"])
    except MoveRefused as error:
        show_errors(form, error)
        return False
    return True


def _issue_page(request: SignedInRequest, one: Issue, **sent: forms.Form) -> HttpResponse:
    """Show ``one`` with the forms of the moves that are open; ``sent`` has the one that was refused.

    Where its move is no longer open, the words that were typed stand on the page, so that they are not lost.
    """
    moves = {move.code for move in moves_open_to(request.user, one)}
    context: dict[str, Any] = {"section": "issues", "issue": one, "course": selectors.course_of(request.user, one)}
    if MoveCode.CONFIRM in moves:
        context["feedback_form"] = FeedbackForm(use_required_attribute=False)
    if MoveCode.RESUBMIT in moves:
        context["resubmit_form"] = ResubmitForm(use_required_attribute=False)
    refused = [form for form in sent.values() if form.errors]
    context |= {"forms": refused, "closed": [form for name, form in sent.items() if name not in context]}
    context |= {name: form for name, form in sent.items() if name in context}
    return render(request, "visits/issue.html", context, status=REFUSED if refused else 200)


def _household_or_404(request: SignedInRequest, pk: int) -> Household:
    households = Household.objects.visible_to(request.user, selectors.VISIT).select_related("village")
    found: Household = get_object_or_404(households, pk=pk)
    return found


def _issue_or_404(request: SignedInRequest, pk: int) -> Issue:
    visible = selectors.issues_of(request.user, "all").select_related("unit", "assignee", "visit__visitor")
    return get_object_or_404(visible, pk=pk)


def _issue_for_feedback(request: SignedInRequest, pk: int) -> Issue:
    """Return the issue; another body's is 404, one that is only to be read 403."""
    one = _issue_or_404(request, pk)
    if not Issue.objects.visible_to(request.user, selectors.FEEDBACK).filter(pk=one.pk).exists():
        raise PermissionDenied
    return one


def _page(request: SignedInRequest, rows: QuerySet, size: int) -> Any:
    return Paginator(rows, size).get_page(request.GET.get("page"))
