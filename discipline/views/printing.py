"""The office prints a sheet of its ledger: choose, state a purpose where it is sealed, and get a page for A4."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from chishang.core.forms import show_errors
from discipline.forms.printing import PrintForm
from discipline.services.printing import print_sheet
from discipline.views.office import office_page


@office_page("discipline.view_responsibilitylist")
@require_http_methods(["GET", "HEAD", "POST"])
def print_page(request: HttpRequest) -> HttpResponse:
    """Ask which sheet; print it. Nothing of a sheet stands in an address, so that no history or log has it."""
    form = PrintForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid():
        chosen = form.cleaned_data
        try:
            printed = print_sheet(
                actor=request.user,  # type: ignore[arg-type]  # signed in
                sheet=chosen["sheet"],
                period=chosen["period"],
                purpose=chosen["purpose"],
            )
        except ValidationError as error:
            show_errors(form, error)
        else:
            return render(request, "admin/discipline/print_sheet.html", {"printed": printed})
    context = {
        **admin.site.each_context(request),
        "title": "打印台账",
        "form": form,
        "label": "生成打印页",
        "back": reverse("admin:index"),
    }
    return render(request, "admin/discipline/print.html", context, status=422 if form.is_bound else 200)
