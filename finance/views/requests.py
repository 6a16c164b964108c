"""Disbursement requests: the lists, writing one in under a minute, its page, the voucher and its reversal."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from chishang.core.forms import show_errors
from finance.enums import DRAFT, RequestState
from finance.forms.requests import (
    PostForm,
    RejectForm,
    RequestForm,
    RequestSheet,
    ReverseForm,
    SealForm,
    WithdrawForm,
    initial_of,
    read_op_id,
)
from finance.models import Disbursement, Voucher
from finance.selectors import requests as selectors
from finance.services import draft_request, draft_reversal, revise_request
from finance.services.handing_in import hand_in_request, hand_in_reversal, hand_in_revision
from organizations.views import SignedInRequest

REQUESTS_A_PAGE = 20
MOST_POOLS = 6
"""Whoever has more budgets than this finds them on their own page."""
REFUSED = 422
"""HTTP status of a form that was refused."""
VIEW = "finance.view_disbursement"

readers_only = permission_required(VIEW, raise_exception=True)
makers_only = permission_required(DRAFT, raise_exception=True)
writes = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@readers_only
def home(request: SignedInRequest) -> HttpResponse:
    """List what waits for one's seal or to be posted, and the requests by state; above them the own pools."""
    filters = selectors.filters_for(request.user)
    show = request.GET.get("show", "")
    show = show if show in filters else next(iter(filters))
    _, rows, _ = selectors.REQUEST_FILTERS[show]
    may_draft = request.user.has_perm(DRAFT)
    pools = list(selectors.pools_of(request.user)[: MOST_POOLS + 1]) if may_draft else []
    context = {
        "section": "money",
        "page": Paginator(rows(request.user), REQUESTS_A_PAGE).get_page(request.GET.get("page")),
        "show": show,
        "filters": filters.items(),
        "may_draft": may_draft,
        "pools": pools if len(pools) <= MOST_POOLS else [],
    }
    return render(request, "finance/home.html", context)


@writes
@makers_only
def request_new(request: SignedInRequest) -> HttpResponse:
    """Write a request, and submit it at once or keep it as a draft."""
    pools = list(selectors.pools_of(request.user))
    if request.method != "POST":
        return _sheet_page(request, RequestSheet(pools=pools, initial={"budget_id": _first_choice(request, pools)}))
    sheet = RequestSheet(pools=pools, data=request.POST)
    if not sheet.is_valid():
        return _sheet_page(request, sheet, status=REFUSED)
    store = draft_request if "keep" in request.POST else hand_in_request
    try:
        stored, is_new = store(actor=request.user, op_id=sheet.op_id, draft=sheet.draft())
    except ValidationError as error:
        show_errors(sheet.form, error)
        return _sheet_page(request, sheet, status=REFUSED)
    _tell(request, stored, is_new=is_new)
    return redirect("finance:request", stored.pk)


def _first_choice(request: SignedInRequest, pools: list[Any]) -> str | int:
    return request.GET.get("budget", "") or (pools[0].pk if len(pools) == 1 else "")


def _sheet_page(request: SignedInRequest, sheet: RequestSheet, *, status: int = 200) -> HttpResponse:
    return _form_page(request, sheet.form, status=status, op_id=sheet.op_id)


def _form_page(request: SignedInRequest, form: RequestForm, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "section": "money",
        "form": form,
        "forms": [form],
        "payees": selectors.payees_known_to(request.user),
        **more,
    }
    return render(request, "finance/request_form.html", context, status=status)


def _tell(request: SignedInRequest, stored: Disbursement, *, is_new: bool) -> None:
    done = "已存为草稿，还没有提交。" if stored.state == RequestState.DRAFT else "已提交，等两枚印鉴。"
    messages.success(request, done if is_new else "这份申请已经保存过，没有重复登记。")


@writes
@makers_only
def request_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change the own draft, and submit it or keep it. One that is no draft any more is only shown."""
    one = request_or_404(request, pk)
    if one.maker_id != request.user.pk or one.reverses_id:
        raise PermissionDenied
    if one.state != RequestState.DRAFT:
        messages.success(request, "这份申请已经不是草稿，内容没有再改。")
        return redirect("finance:request", one.pk)
    pools = list(selectors.pools_of(request.user))
    if request.method != "POST":
        sheet = RequestSheet(pools=pools, initial=initial_of(one))
        return _form_page(request, sheet.form, one=one, op_id=sheet.op_id)
    sheet = RequestSheet(pools=pools, data=request.POST)
    if not sheet.is_valid():
        return _form_page(request, sheet.form, one=one, op_id=sheet.op_id, status=REFUSED)
    change = revise_request if "keep" in request.POST else hand_in_revision
    try:
        stored = change(actor=request.user, request=one, draft=sheet.draft())
    except ValidationError as error:
        show_errors(sheet.form, error)
        return _form_page(request, sheet.form, one=one, op_id=sheet.op_id, status=REFUSED)
    _tell(request, stored, is_new=True)
    return redirect("finance:request", one.pk)


@require_safe
@readers_only
def request_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a request: what it asks for, the two seals, the course, and the steps that are open to the account."""
    return show_request(request, request_or_404(request, pk))


STEP_FORMS: dict[str, Callable[..., forms.Form]] = {"reject": RejectForm, "withdraw": WithdrawForm, "post": PostForm}


def show_request(
    request: SignedInRequest, one: Disbursement, *, sent: dict[str, forms.Form] | None = None
) -> HttpResponse:
    """Show ``one`` with the forms of the steps that are open; ``sent`` has the one that was refused, by its name."""
    file = selectors.file_of(request.user, one)
    seals: dict[str, forms.Form] = {place.kind: blank_form(SealForm, place.kind) for place in file.places if place.may}
    steps = {name: blank_form(form, name) for name, form in STEP_FORMS.items() if name in file.moves}
    refused = [form for form in (sent or {}).values() if form.errors]
    shown = {**seals, **steps} | {name: form for name, form in (sent or {}).items() if name in {*seals, *steps}}
    context = {
        "section": "money",
        "one": one,
        "file": file,
        "forms": refused,
        "seals": [(place, shown.get(place.kind)) for place in file.places],
        "steps": {name: shown[name] for name in steps},
    }
    return render(request, "finance/request.html", context, status=REFUSED if refused else 200)


def blank_form(form: Callable[..., forms.Form], name: str, data: Any = None) -> forms.Form:
    """Return the form of the step ``name``, whose ids do not meet those of another step on the page."""
    return form(data, auto_id=f"id_{name}_%s", use_required_attribute=False)


def request_or_404(request: SignedInRequest, pk: int) -> Disbursement:
    """Return the request, or answer 404 for another body's."""
    found: Disbursement = get_object_or_404(selectors.requests_of(request.user), pk=pk)
    return found


@require_safe
@permission_required("finance.view_voucher", raise_exception=True)
def voucher(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a posted voucher with its entries, and whether it was reversed."""
    one = _voucher_or_404(request, pk)
    reversal = Disbursement.objects.visible_to(request.user).filter(reverses=one)
    under_way = reversal.exclude(state__in=(RequestState.REJECTED, RequestState.WITHDRAWN)).first()
    context = {
        "section": "money",
        "one": one,
        "lines": one.lines.select_related("account").order_by("number"),
        "reversal": under_way,
        "may_reverse": not one.reverses_id
        and under_way is None
        and selectors.holds(request.user, DRAFT, one.organization),
    }
    return render(request, "finance/voucher.html", context)


@writes
@makers_only
def reverse(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask to reverse a voucher, with the reason; the same two seals are needed."""
    one = _voucher_or_404(request, pk)
    if not selectors.holds(request.user, DRAFT, one.organization):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    op_id, is_stale = read_op_id(sent)
    form = blank_form(ReverseForm, "reverse", sent)
    if is_stale:
        form.full_clean()
        form.add_error(None, "这张表单已经失效，没有保存。请核对后再按一次。")
    if sent is not None and form.is_valid():
        store = draft_reversal if "keep" in sent else hand_in_reversal
        try:
            stored, is_new = store(actor=request.user, op_id=op_id, voucher=one, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            show_errors(form, error)
        else:
            _tell(request, stored, is_new=is_new)
            return redirect("finance:request", stored.pk)
    context = {"section": "money", "one": one, "form": form, "forms": [form], "op_id": op_id}
    return render(request, "finance/reverse.html", context, status=REFUSED if form.errors else 200)


def _voucher_or_404(request: SignedInRequest, pk: int) -> Voucher:
    rows = Voucher.objects.visible_to(request.user).select_related(
        "organization__village", "subject", "reverses", "reversed_by", "disbursement", "posted_by", "budget"
    )
    found: Voucher | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
