"""The ledger import in the admin: upload, preview of what would change and of every fault, confirm."""

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from chishang.core.ledgers import Options, Report, Status, importable_by, load_ledgers, may_import_any
from chishang.core.waiting import SessionUploads, Upload
from chishang.workbench.forms import ConfirmForm, LedgerForm

SESSION_KEY = "ledgers"


class LedgerPages:
    """The two pages; ``site`` is the admin site they belong to."""

    def __init__(self, site: Any) -> None:
        self.site = site

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Take a workbook, keep it, and go on to its preview."""
        if not may_import_any(request.user):
            raise PermissionDenied
        form = LedgerForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            kept = _uploads(request).keep(form.cleaned_data["workbook"])
            return redirect(reverse("admin:ledgers_confirm", args=[kept.token]))
        return self._page(request, "admin/ledgers.html", form=form, taken=importable_by(request.user))

    def confirm(self, request: HttpRequest, token: str) -> HttpResponse:
        """Show what the workbook would change and what is wrong in it; on POST, load it."""
        if not may_import_any(request.user):
            raise PermissionDenied
        upload = _uploads(request).find(token)
        if upload is None:
            raise Http404
        if request.method != "POST":
            report = _load(upload, request.user, check=True)
            return self._page(request, "admin/ledgers_confirm.html", report=report, form=ConfirmForm())
        form = ConfirmForm(request.POST)
        good_rows = form.is_valid() and form.cleaned_data["take_good_rows"]
        report = _load(upload, request.user, take_good_rows=good_rows)
        if report.status == Status.LOADED:
            _uploads(request).forget(upload)
            messages.success(request, f"{report.file} 已导入。{_told(report)}")
            return redirect(reverse("admin:ledgers"))
        return self._page(request, "admin/ledgers_confirm.html", report=report, form=form)

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        common = self.site.each_context(request)
        return TemplateResponse(request, template, {**common, "title": "导入台账", **context})


def _uploads(request: HttpRequest) -> SessionUploads:
    return SessionUploads(request.session, SESSION_KEY)


def _load(upload: Upload, user: Any, *, check: bool = False, take_good_rows: bool = False) -> Report:
    """Check or load the workbook as ``user``."""
    options = Options(actor=user, check=check, take_good_rows=take_good_rows)
    (report,) = load_ledgers([(upload.name, BytesIO(upload.read()))], options)
    return report


def _told(report: Report) -> str:
    parts = [
        f"{name}新增 {count.new}、更新 {count.changed}"
        for name, count in report.counts.items()
        if count.new or count.changed
    ]
    return f"{'；'.join(parts)}。" if parts else "内容与门户一致，没有变化。"
