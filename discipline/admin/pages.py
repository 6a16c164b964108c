"""What the sealed registers share: no sheets in or out, search by exact name, pages of one record beside its form."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminTextInputWidget

from chishang.core.dates import in_words, today
from chishang.core.forms import DayField, show_errors
from discipline.admin.common import ReadWithPurpose, hidden
from discipline.models.sealed import name_index
from discipline.selectors.limits import Due

UNPROCESSABLE = 422


def day_field(label: str, *, required: bool = True, hint: str = "") -> DayField:
    """Return a field for a day."""
    widget = UnfoldAdminTextInputWidget(attrs={"type": "date"})
    return DayField(label=label, required=required, widget=widget, help_text=hint)


def text_field(label: str, *, most: int, required: bool = True, hint: str = "") -> forms.CharField:
    """Return a field for one line."""
    widget = UnfoldAdminTextInputWidget()
    return forms.CharField(label=label, max_length=most, required=required, widget=widget, help_text=hint)


def due_in_words(due: Due | None, done_on: Any = None) -> str:
    """Return a deadline as lists show it; red when it is missed."""
    if due is None:
        return "—"
    text = in_words(due.on) + ("" if due.is_certain else "（待核）")
    if due.is_missed(today(), done_on):
        return format_html('<span class="chishang-late">{} 逾期</span>', text)
    return text


class SealedRegister(ReadWithPurpose):
    """A register of which nothing comes in or goes out as a sheet, and where names are found only whole."""

    name_path: str
    """The way to the index of the person's name."""
    number_paths: tuple[str, ...]
    """Columns that are found by a part of them."""

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Refuse: the way in is the office's workbook."""
        return False

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Refuse: the way out is printing."""
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find a number by a part of it, a person by the whole name."""
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(**{self.name_path: name_index(term)})
        for column in self.number_paths:
            wanted |= Q(**{f"{column}__icontains": term})
        # By key: a case with several persons would be listed several times.
        return queryset.filter(pk__in=self.model.objects.filter(wanted).order_by().values("pk")), False

    def record_urls(self, views: dict[str, Callable[..., HttpResponse]]) -> list[URLPattern]:
        """Return the addresses ``<key>/<name>/`` of views of one record; for others they do not exist."""
        meta = self.opts
        return [
            path(f"<int:pk>/{name}/", self.guarded(view), name=f"{meta.app_label}_{meta.model_name}_{name}")
            for name, view in views.items()
        ]

    def guarded(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """Return a view of the admin that others do not find."""
        inner = self.admin_site.admin_view(view)
        return hidden(self.admin_site, self._permission("view"), inner)

    def form_page(
        self,
        request: HttpRequest,
        pk: int,
        form_of: Callable[[Any], forms.BaseForm],
        write: Callable[[Any, dict[str, Any]], str],
        title: str,
    ) -> HttpResponse:
        """Show a form about a record; when it is filled in, ``write(row, data)`` and tell what it returns.

        The purpose is asked first. A row that one may not see is none, one that one may not change is forbidden.
        """
        asked = self.ask_purpose(request, str(pk), may_save=True)
        if asked is not None:
            return asked
        row = self.get_object(request, str(pk))
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        form = form_of(row)
        if form.is_valid():
            try:
                told = write(row, form.cleaned_data)
            except ValidationError as error:
                show_errors(form, error)
            else:
                messages.success(request, told)
                return redirect(self.address(pk))
        return self.page(request, row, form, title, self.address(pk))

    def page(self, request: HttpRequest, row: Any, form: forms.BaseForm, title: str, back: str) -> HttpResponse:
        """Return the page of a form about ``row``."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{title}：{row}",
            "label": title,
            "row": row,
            "form": form,
            "back": back,
        }
        status = UNPROCESSABLE if form.errors else 200
        return TemplateResponse(request, "admin/discipline/case_page.html", context, status=status)

    def address(self, pk: int) -> str:
        """Return the address of a record."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[pk])

    def row_or_404(self, rows: QuerySet[Any], pk: int) -> Any:
        """Return the row, or raise Http404."""
        row = rows.filter(pk=pk).first()
        if row is None:
            raise Http404
        return row
