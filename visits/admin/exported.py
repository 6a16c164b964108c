"""Pages that take in the file which a phone exported: upload, what would happen, confirmation."""

from collections import Counter
from contextlib import nullcontext
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from chishang.core.waiting import SessionUploads
from organizations.models import User
from visits.admin.forms import ExportedForm
from visits.services.exported import Outcome, read_exported, take_in
from visits.services.operations import DECIDE
from visits.services.rehearsal import rehearsal

SESSION_KEY = "exported-records"
UNPROCESSABLE = 422


class ExportedPages:
    """Adds the pages to the register of operations."""

    admin_site: Any
    opts: Any

    def exported_urls(self) -> list[URLPattern]:
        """Return the addresses of the pages."""
        view = self.admin_site.admin_view
        return [
            path("exported/", view(self.upload_view), name="visits_operation_exported"),
            path("exported/<slug:token>/", view(self.confirm_view), name="visits_operation_exported_confirm"),
        ]

    def may_import_exported(self, request: HttpRequest) -> bool:
        """Say whether the account may take such a file in: who decides about held records."""
        return bool(request.user.has_perm(DECIDE))

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Take the file, keep it, and go on to what would happen."""
        self._require_decider(request)
        form = ExportedForm(files=request.FILES) if request.method == "POST" else ExportedForm()
        if form.is_valid():
            kept = SessionUploads(request.session, SESSION_KEY).keep(form.cleaned_data["file"])
            return redirect("admin:visits_operation_exported_confirm", kept.token)
        return self._exported_page(
            request, "admin/visits/exported.html", UNPROCESSABLE if form.errors else 200, form=form
        )

    def confirm_view(self, request: HttpRequest, token: str) -> HttpResponse:
        """Show what would become of each record; on POST, take them in and show what became of them.

        The file waits on for its day: whoever sends the form again is told that everything is here already.
        """
        self._require_decider(request)
        upload = SessionUploads(request.session, SESSION_KEY).find(token)
        if upload is None:
            raise Http404
        file, user = read_exported(upload.read()), cast("User", request.user)
        is_done = request.method == "POST"
        with nullcontext() if is_done else rehearsal():
            taken = take_in(actor=user, file=file)
        counts = Counter(one.outcome for one in taken)
        context = {
            "name": upload.name,
            "file": file,
            "taken": taken,
            "counts": [(outcome.label, counts[outcome]) for outcome in Outcome if counts[outcome]],
            "is_done": is_done,
        }
        return self._exported_page(request, "admin/visits/exported_records.html", 200, **context)

    def _require_decider(self, request: HttpRequest) -> None:
        if not self.may_import_exported(request):
            raise PermissionDenied

    def _exported_page(self, request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
        common = {**self.admin_site.each_context(request), "opts": self.opts, "title": "导入手机上的记录"}
        return TemplateResponse(request, template, {**common, **context}, status=status)
