"""Documents issued to branches: the secretary reads what came, and signs for it with one press."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from chishang.core.dates import in_words
from organizations import selectors
from organizations.models import DirectiveReceipt
from organizations.services import sign_directive
from organizations.views.sign_in import SignedInRequest

RECEIPTS_A_PAGE = 20
REFUSED = 422
"""HTTP status of what was refused."""

readers_only = permission_required("organizations.view_directivereceipt", raise_exception=True)


@require_safe
@readers_only
def directives(request: SignedInRequest) -> HttpResponse:
    """List the documents of one's branches, those that nobody signed for first."""
    return _page(request)


@require_POST
@readers_only
def sign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sign for a document on behalf of its branch. Pressed twice it only says who signed."""
    receipt = get_object_or_404(selectors.receipts_of(request.user), pk=pk)
    if not DirectiveReceipt.objects.visible_to(request.user, selectors.SIGN).filter(pk=pk).exists():
        raise PermissionDenied
    try:
        signed = sign_directive(actor=request.user, receipt=receipt)
    except ValidationError as error:
        return _page(request, refused=error.messages)
    messages.success(request, f"{receipt.directive.number}已签收，{in_words(signed.signed_on or receipt.issued_on)}。")
    return redirect("directives")


def _page(request: SignedInRequest, *, refused: list[str] | None = None) -> HttpResponse:
    page = Paginator(selectors.receipts_of(request.user), RECEIPTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "directives",
        "page": page,
        "may_sign": selectors.signable(request.user, page),
        "waiting": selectors.receipts_to_sign(request.user).count(),
        "several_branches": selectors.reads_for_several_branches(request.user),
        "refused": refused,
    }
    return render(request, "organizations/directives.html", context, status=REFUSED if refused else 200)
