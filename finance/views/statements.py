"""Statements in the office and the village: which are missing, drawing one up, its check, release and withdrawal."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chishang.core.dates import today
from chishang.core.forms import show_errors
from finance.enums import StatementState
from finance.forms.statements import WHOLE_YEAR, CheckForm, DraftForm, PeriodForm, WithdrawForm
from finance.models import Statement
from finance.selectors import statements as selectors
from finance.selectors.statement_content import readable, statement_content, title_of
from finance.services import check_statement, draft_statement, release_statement, withdraw_statement
from organizations.models import Village
from organizations.views import SignedInRequest

REFUSED = 422
"""HTTP status of what was refused."""
YEAR_DIGITS, MOST_DIGITS = 4, 9
UNDER_WAY = (StatementState.DRAFT, StatementState.CHECKED)
SHOWN: dict[str, tuple[str, Callable[[selectors.Slot], bool]]] = {
    "all": ("全部", lambda slot: True),
    "overdue": ("逾期未公开", lambda slot: slot.is_overdue),
    "under_way": ("正在办理", lambda slot: slot.under_way is not None),
}

readers_only = permission_required(selectors.VIEW, raise_exception=True)


@require_safe
@readers_only
def statements(request: SignedInRequest) -> HttpResponse:
    """List the villages' quarters that are over, with how each statement stands; the overdue ones by themselves."""
    form = _period_form(request)
    rows = selectors.slots(request.user, *_period(form)) if form.is_valid() else []
    show = request.GET.get("show", "all")
    show = show if show in SHOWN else "all"
    context = {
        "section": "statements",
        "form": form,
        "forms": [form],
        "tabs": [(key, label, sum(map(condition, rows))) for key, (label, condition) in SHOWN.items()],
        "show": show,
        "slots": [row for row in rows if SHOWN[show][1](row)],
        "several_villages": len({row.village.pk for row in rows}) > 1,
    }
    return render(request, "finance/statements.html", context, status=REFUSED if form.errors else 200)


def _period_form(request: SignedInRequest) -> PeriodForm:
    """Return the form as sent, or for the last quarter; who has one village sees its whole year."""
    year, quarter = selectors.last_ended_quarter(today())
    several = selectors.sees_several_villages(request.user)
    default = {"year": year, "quarter": quarter if several else WHOLE_YEAR}
    given = {name: request.GET[name] for name in default if name in request.GET}
    return PeriodForm({**default, **given}, first_year=selectors.first_year(request.user))


def _period(form: PeriodForm) -> tuple[int, int | None]:
    return form.cleaned_data["year"], form.cleaned_data["quarter"] or None


@require_http_methods(["GET", "HEAD", "POST"])
@readers_only
def draft(request: SignedInRequest) -> HttpResponse:
    """Show what the ledger says of a village's quarter; by POST draw it up as a statement."""
    village, year, quarter = _asked_for(request)
    is_first = not selectors.was_drafted(village, year, quarter)
    form = DraftForm(request.POST if request.method == "POST" else None, is_first=is_first)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data.get("reason", "")
        try:
            made = draft_statement(actor=request.user, village=village, year=year, quarter=quarter, reason=reason)
        except ValidationError as error:
            show_errors(form, error)
        else:
            messages.success(request, "已制表，请民主理财小组审核。")
            return redirect("finance:statement", made.pk)
    content = statement_content(village, year, quarter)
    context = {
        "section": "statements",
        "village": village,
        "year": year,
        "quarter": quarter,
        "title": title_of(content),
        "content": readable(content),
        "form": form,
        "forms": [form] if form.errors else [],
    }
    return render(request, "finance/statement_draft.html", context, status=REFUSED if form.errors else 200)


def _asked_for(request: SignedInRequest) -> tuple[Village, int, int]:
    """Return village, year and quarter of the address; 404 for another's village and for a quarter not yet over."""
    key, year, quarter = (_number(request.GET.get(name, "")) for name in ("village", "year", "quarter"))
    village: Village = get_object_or_404(Village.objects.visible_to(request.user, selectors.VIEW), pk=key)
    if not Village.objects.visible_to(request.user, selectors.DRAFT).filter(pk=village.pk).exists():
        raise PermissionDenied
    if quarter not in selectors.QUARTERS or len(str(year)) != YEAR_DIGITS:
        raise Http404
    if (year, quarter) > selectors.last_ended_quarter(today()):
        raise Http404
    return village, year, quarter


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0


@require_safe
@readers_only
def statement(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a statement with its course, and the forms of the steps that are open to oneself."""
    return _page(request, _statement_or_404(request, pk))


@require_POST
@readers_only
def check(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note who of the money group checked."""
    one, form = _statement_to(request, pk, selectors.CHECK), CheckForm(request.POST)
    if form.is_valid() and _done(form, check_statement, actor=request.user, statement=one, **form.cleaned_data):
        messages.success(request, "已登记审核，等镇里公开。")
        return redirect("finance:statement", pk)
    return _page(request, one, check_form=form)


@require_POST
@readers_only
def release(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make a checked statement public."""
    one, form = _statement_to(request, pk, selectors.RELEASE), forms.Form(request.POST)
    if form.is_valid() and _done(form, release_statement, actor=request.user, statement=one):
        messages.success(request, "已公开，村民不用登录就能查看。")
        return redirect("finance:statement", pk)
    return _page(request, one, release_form=form)


@require_POST
@readers_only
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back a statement that is not public yet."""
    one, form = _statement_to(request, pk, selectors.DRAFT), WithdrawForm(request.POST, prefix="withdraw")
    if form.is_valid() and _done(form, withdraw_statement, actor=request.user, statement=one, **form.cleaned_data):
        messages.success(request, "已作废，可以重新制表。")
        return redirect("finance:statement", pk)
    return _page(request, one, withdraw_form=form)


def _done(form: forms.Form, step: Callable[..., Statement], **given: Any) -> bool:
    """Take the step; put what was refused on the form and say whether it was taken."""
    try:
        step(**given)
    except ValidationError as error:
        show_errors(form, error)
        return False
    return True


def _statement_or_404(request: SignedInRequest, pk: int) -> Statement:
    found: Statement = get_object_or_404(selectors.statement_of(request.user, pk))
    return found


def _statement_to(request: SignedInRequest, pk: int, right: str) -> Statement:
    """Return the statement; another body's is 404, one on which the step is not one's own 403."""
    one = _statement_or_404(request, pk)
    if right not in selectors.rights_on(request.user, one):
        raise PermissionDenied
    return one


def _page(request: SignedInRequest, one: Statement, **sent: forms.Form) -> HttpResponse:
    """Show ``one`` with the forms that are open; ``sent`` has the one that was refused."""
    one.refresh_from_db(fields=["state", "checked_by", "checked_at", "checkers", "released_at", "reason"])
    rights, fault = selectors.rights_on(request.user, one), selectors.fault_of(one)
    refused = [form for form in sent.values() if form.errors]
    versions = selectors.versions_of(request.user, one)
    open_forms = _open_forms(one, rights, request.user.pk)
    context = {
        "section": "statements",
        "statement": one,
        "fault": fault,
        "title": "" if fault else title_of(one.content),
        "content": None if fault else readable(one.content),
        "differs": selectors.ledger_differs(one) if one.state != StatementState.WITHDRAWN else False,
        "versions": versions,
        "may_correct": selectors.DRAFT in rights and versions[0].state not in UNDER_WAY,
        "checked_it_oneself": one.state == StatementState.CHECKED and one.checked_by_id == request.user.pk,
        "address": request.build_absolute_uri(version_address(one)),
        **open_forms,
        **{name: form for name, form in sent.items() if name in open_forms},
        "forms": refused,
    }
    return render(request, "finance/statement.html", context, status=REFUSED if refused else 200)


def _open_forms(one: Statement, rights: set[str], account: int | None) -> dict[str, forms.Form]:
    found: dict[str, forms.Form] = {}
    if one.state == StatementState.DRAFT and selectors.CHECK in rights:
        found["check_form"] = CheckForm(use_required_attribute=False)
    if one.state == StatementState.CHECKED and selectors.RELEASE in rights and one.checked_by_id != account:
        found["release_form"] = forms.Form()
    if one.state in UNDER_WAY and selectors.DRAFT in rights:
        found["withdraw_form"] = WithdrawForm(prefix="withdraw", use_required_attribute=False)
    return found


def version_address(one: Statement) -> str:
    """Return the address at which this version stays readable once it is public."""
    return reverse("finance:disclosure_version", args=[one.village.code, one.year, one.quarter, one.version])
