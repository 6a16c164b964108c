"""The steps of a request, each a POST: submit, seal (the password is typed again), reject, withdraw, post."""

from collections.abc import Callable
from typing import Any

from axes.utils import reset as lift_lock
from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from chishang.core.forms import show_errors
from chishang.core.middleware import client_address
from finance.enums import MOVES, SEAL_PERMISSION, RequestMove, SealKind
from finance.forms.requests import PostForm, RejectForm, SealForm, WithdrawForm
from finance.models import Disbursement
from finance.selectors.requests import holds
from finance.services import post_request, reject_request, seal_request, submit_request, withdraw_request
from finance.views.requests import blank_form, readers_only, request_or_404, show_request
from organizations.views import SignedInRequest

WRONG_PASSWORD = "密码不对，没有盖章。请再输一次。"  # noqa: S105  what one is told


@require_POST
@readers_only
def submit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Hand in the own draft."""
    one = _request_for(request, pk, RequestMove.SUBMIT)
    form = blank_form(forms.Form, "submit", request.POST)
    return _take(request, one, form, "submit", lambda _: submit_request(actor=request.user, request=one), "已提交。")


@sensitive_post_parameters("password")
@require_POST
@readers_only
def seal(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a seal on a request. Whoever sits at an open screen cannot: the password is asked again.

    Wrong ones count like those of the sign-in, and lock the account for a while.
    """
    one = request_or_404(request, pk)
    try:
        kind = SealKind(request.POST.get("kind", ""))
    except ValueError as error:
        raise BadRequest from error
    if not holds(request.user, SEAL_PERMISSION[kind], one.organization):
        raise PermissionDenied
    form = blank_form(SealForm, kind, request.POST)
    if form.is_valid() and not _is_own_password(request, form.cleaned_data["password"]):
        form.add_error("password", WRONG_PASSWORD)
    done = f"已盖章（{kind.label}）。"
    return _take(request, one, form, kind, lambda _: seal_request(actor=request.user, request=one, kind=kind), done)


def _is_own_password(request: SignedInRequest, password: str) -> bool:
    """Say whether it is the account's password; a right one forgives the wrong ones before, as a sign-in does."""
    name = request.user.username
    found = authenticate(request, username=name, password=password)
    if found is None or found.pk != request.user.pk:
        return False
    lift_lock(username=name, ip=client_address(request))
    return True


@require_POST
@readers_only
def reject(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send a request back for good, with the reason."""
    one = _request_for(request, pk, RequestMove.REJECT)
    form = blank_form(RejectForm, "reject", request.POST)
    return _take(
        request,
        one,
        form,
        "reject",
        lambda given: reject_request(actor=request.user, request=one, **given),
        "已退回。",
    )


@require_POST
@readers_only
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back the own request."""
    one = _request_for(request, pk, RequestMove.WITHDRAW)
    form = blank_form(WithdrawForm, "withdraw", request.POST)
    return _take(
        request,
        one,
        form,
        "withdraw",
        lambda given: withdraw_request(actor=request.user, request=one, **given),
        "已撤回。",
    )


@require_POST
@readers_only
def post(request: SignedInRequest, pk: int) -> HttpResponse:
    """Enter a sealed request in the ledger."""
    one = _request_for(request, pk, RequestMove.POST)
    form = blank_form(PostForm, "post", request.POST)
    return _take(
        request, one, form, "post", lambda given: post_request(actor=request.user, request=one, **given), "已入账。"
    )


def _request_for(request: SignedInRequest, pk: int, code: RequestMove) -> Disbursement:
    """Return the request; another body's is 404, one on which the account may not take the step 403."""
    one, move = request_or_404(request, pk), MOVES[code]
    own = not move.maker or one.maker_id == request.user.pk
    if not own or not any(holds(request.user, permission, one.organization) for permission in move.permissions):
        raise PermissionDenied
    return one


def _take(
    request: SignedInRequest,
    one: Disbursement,
    form: forms.Form,
    name: str,
    step: Callable[[dict[str, Any]], object],
    done: str,
) -> HttpResponse:
    """Take a step with what the form gives; show the page with what is wrong, or lead back to it."""
    if form.is_valid():
        try:
            step(form.cleaned_data)
        except ValidationError as error:
            show_errors(form, error)
        else:
            messages.success(request, done)
            return redirect("finance:request", one.pk)
    return show_request(request, request_or_404(request, one.pk), sent={name: form})
