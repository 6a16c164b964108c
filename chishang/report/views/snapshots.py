"""Issued reports: the list, drawing one up, looking at one, signing and withdrawing it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models.functions import Length
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chishang.core.dates import today
from chishang.core.forms import show_errors
from chishang.report import selectors
from chishang.report.enums import ReportState
from chishang.report.models import IssuedReport
from chishang.report.report import build_report
from chishang.report.services import draft_report, release_report, withdraw_report
from chishang.report.snapshot_forms import DraftForm, WithdrawForm
from organizations.views import SignedInRequest

REFUSED = 422
"""HTTP status of what was refused."""
A_PAGE = 20

readers_only = permission_required(selectors.VIEW, raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@readers_only
def snapshots(request: SignedInRequest) -> HttpResponse:
    """List the issued reports, the newest day first; by POST draw another one up."""
    may_draft = selectors.DRAFT in selectors.steps_of(request.user)
    sent = request.POST if request.method == "POST" else None
    form = DraftForm(sent, initial={"as_of": today()}, use_required_attribute=False)
    if sent is not None:
        if not may_draft:
            raise PermissionDenied
        if form.is_valid() and (made := _step(form, draft_report, actor=request.user, **form.cleaned_data)):
            messages.success(request, f"已制表：{made}。请另一位同事核对后签发。")
            return redirect("report:snapshot", made.pk)
    rows = selectors.with_later(selectors.issued_reports(request.user))
    context = {
        "section": "report",
        "page": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
        "form": form if may_draft else None,
        "forms": [form] if form.errors else [],
    }
    return render(request, "report/snapshots.html", context, status=REFUSED if form.errors else 200)


@require_safe
@readers_only
def snapshot(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a report as it was handed out, what differs, its files, and the steps that are open."""
    return _page(request, _report_or_404(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
@readers_only
def release(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask whether the draft is really to be signed; by POST sign it."""
    one = _report_to(request, pk, selectors.RELEASE)
    form = forms.Form(request.POST)
    if request.method == "POST":
        if _step(form, release_report, actor=request.user, report=one):
            messages.success(request, f"已签发第{one.version}版，内容不再改变。")
            return redirect("report:snapshot", pk)
        return _page(request, _report_or_404(request, pk), refused=form)
    if _why_not_sign(request, one):
        return redirect("report:snapshot", pk)
    return render(request, "report/snapshot_release.html", {"section": "report", "report": one, **_compared(one)})


@require_POST
@readers_only
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a draft back."""
    one, form = _report_to(request, pk, selectors.DRAFT, selectors.RELEASE), WithdrawForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["withdrawn_because"]
        if _step(form, withdraw_report, actor=request.user, report=one, reason=reason):
            messages.success(request, "已作废，可以重新制表。")
            return redirect("report:snapshot", pk)
    return _page(request, _report_or_404(request, pk), refused=form)


def _step(form: forms.Form, step: Callable[..., IssuedReport], **given: Any) -> IssuedReport | None:
    """Take the step and return what it gave; put what was refused on the form."""
    form.is_valid()
    try:
        return step(**given)
    except ValidationError as error:
        show_errors(form, error)
        return None


def _report_or_404(request: SignedInRequest, pk: int) -> IssuedReport:
    found: IssuedReport = get_object_or_404(selectors.with_later(selectors.issued_reports(request.user)), pk=pk)
    return found


def _report_to(request: SignedInRequest, pk: int, *steps: str) -> IssuedReport:
    """Return the report; one that the account may not read is 404, one on which it may take none of ``steps`` 403."""
    one = _report_or_404(request, pk)
    if not selectors.steps_of(request.user).intersection(steps):
        raise PermissionDenied
    return one


def _page(request: SignedInRequest, one: IssuedReport, refused: forms.Form | None = None) -> HttpResponse:
    """Show ``one`` with the steps that are open; ``refused`` is the form of a step that was not taken."""
    steps = selectors.steps_of(request.user)
    is_draft = one.state == ReportState.DRAFT
    open_form = refused if isinstance(refused, WithdrawForm) else WithdrawForm(use_required_attribute=False)
    whole = selectors.is_intact(one)
    context = {
        "section": "report",
        "report": one,
        "files": one.files.defer("content").annotate(size=Length("content")),
        "is_intact": whole,
        "sections": selectors.by_section(selectors.figures_of(one)) if whole else [],
        **(_compared(one) if whole else {}),
        "since": _since(one) if whole and steps and one.state != ReportState.WITHDRAWN else None,
        "versions": selectors.with_later(selectors.issued_reports(request.user)).filter(
            organization=one.organization_id, as_of=one.as_of
        ),
        "may_sign": is_draft and selectors.RELEASE in steps,
        "why_not_sign": _why_not_sign(request, one) if is_draft else "",
        "withdraw_form": open_form if is_draft and steps else None,
        "forms": [refused] if refused else [],
    }
    return render(request, "report/snapshot.html", context, status=REFUSED if refused else 200)


def _why_not_sign(request: SignedInRequest, one: IssuedReport) -> str:
    """Return why the account cannot sign the report; empty when it can."""
    if one.state != ReportState.DRAFT:
        return f"这份报告{one.get_state_display()}。"
    if selectors.RELEASE not in selectors.steps_of(request.user):
        return "您没有签发的权限，请镇党委书记或党建办主任签发。"
    if one.drafted_by_id == request.user.pk:
        return "这份报告由您制表，制表人不能自己签发，请由另一位同事签发。"
    return ""


def _compared(one: IssuedReport) -> dict[str, Any]:
    """Return the signed version that ``one`` corrects, and what it changed, with how the two are called."""
    before = selectors.version_before(one)
    changed = selectors.differences(selectors.figures_of(before), selectors.figures_of(one)) if before else []
    names = {"own_name": selectors.issue_name(one.version)}
    names["before_name"] = selectors.issue_name(before.version) if before else ""
    return {"before": before, "changed": changed, **names}


def _since(one: IssuedReport) -> list[selectors.Difference]:
    """Return what the rows say otherwise by now. The whole town's, as ``draft_report`` reads them: for the office."""
    return selectors.differences(selectors.figures_of(one), build_report(as_of=one.as_of).as_data()["figures"])
