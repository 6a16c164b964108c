"""The office's Word templates: upload with check and preview, every version to take out, and what may stand in one."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from unfold.decorators import display

from chishang.core.admin.services import ServiceAdmin
from chishang.core.dates import today
from chishang.report.admin.templates_forms import PreviewForm, TemplateForm
from chishang.report.enums import FileFormat
from chishang.report.files import MEDIA_TYPES
from chishang.report.models import ReportTemplate
from chishang.report.report import build_report
from chishang.report.word import OWN_TEMPLATE
from chishang.report.word.content import content_of
from chishang.report.word.guide import names_in_use, wordings_in_use
from finance.admin.common import WrittenOnce

IN_FORCE, EARLIER = "现行", "以前的"
PREVIEW = "_preview"
"""The button that asks for the filled document instead of storing the template."""


class TemplatePages:
    """The files to take out, and the page of names and wordings."""

    admin_site: Any
    opts: Any
    get_queryset: Any
    has_view_permission: Any

    def page_urls(self) -> list[URLPattern]:
        """Return the addresses; all of them are read only."""
        pages = {"own/": self.own_view, "words/": self.words_view, "<int:pk>/file/": self.file_view}
        return [
            path(address, self.admin_site.admin_view(view), name=f"report_reporttemplate_{view.__name__[:-5]}")
            for address, view in pages.items()
        ]

    def own_view(self, request: HttpRequest) -> HttpResponse:
        """Give the portal's own template, from which the office starts its own."""
        self._require_view(request)
        return docx_answer(OWN_TEMPLATE.read_bytes(), "党建工作报告模板（门户自带）.docx")

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give a stored template as it was uploaded."""
        self._require_view(request)
        template = self.get_queryset(request).filter(pk=pk).first()
        if template is None:
            raise Http404
        return docx_answer(bytes(template.content), f"党建工作报告模板 {template.name}.docx")

    def words_view(self, request: HttpRequest) -> HttpResponse:
        """Show every name and wording, with what each gives today."""
        self._require_view(request)
        report = build_report(as_of=today(), user=request.user)
        content = content_of(report)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "可用的数字和写法",
            "report": report,
            "names": names_in_use(content),
            "wordings": wordings_in_use(content),
        }
        return TemplateResponse(request, "admin/report/template_words.html", context)

    def _require_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


@admin.register(ReportTemplate)
class ReportTemplateAdmin(TemplatePages, WrittenOnce, ServiceAdmin):
    """Templates; the newest is in force."""

    form = TemplateForm
    made_by, made_at = "uploaded_by", "uploaded_at"
    list_display = ["name", "standing", "uploaded_by", "uploaded_at"]
    list_select_related = ["uploaded_by"]
    list_before_template = "admin/report/template_list.html"
    change_form_before_template = "admin/report/template_panel.html"
    change_form_after_template = "admin/report/template_preview.html"
    fields = ["name", "file", "as_of"]

    def get_urls(self) -> list[URLPattern]:
        """Add the pages."""
        return [*self.page_urls(), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the files where they are: a list needs none of them. Say beside each which one is in force."""
        newest = ReportTemplate.objects.order_by("-pk").values("pk")[:1]
        return super().get_queryset(request).defer("content").annotate(newest=Subquery(newest))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Ask for the file of a new one; show who uploaded a stored one."""
        return list(self.fields) if obj is None else ["name", "standing", "uploaded_by", "uploaded_at", "sha256"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep all of a stored one."""
        return [] if obj is None else self.get_fields(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001,FBT002  Django's
        """Take the form of the preview when one is asked for."""
        preview = {"form": PreviewForm} if obj is None and PREVIEW in request.POST else {}
        return super().get_form(request, obj, change, **preview | kwargs)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Check and store a template; for the preview give the filled document and store nothing."""
        if PREVIEW in request.POST and self.has_add_permission(request):
            form = self.get_form(request)(request.POST, request.FILES)
            if form.is_valid():
                day = form.cleaned_data["as_of"]
                return docx_answer(form.filled, f"预览 截至{day.isoformat()}.docx")
        return super().add_view(request, form_url, extra_context)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a template is written once."""
        return False

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Refuse: a template is no sheet."""
        return False

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Refuse: its file is taken out as it is."""
        return False

    @display(description="状态", label={IN_FORCE: "success"})
    def standing(self, template: Any) -> str:
        """Return whether it is in force."""
        return IN_FORCE if template.pk == template.newest else EARLIER


def docx_answer(content: bytes, name: str) -> HttpResponse:
    """Return a Word file to be kept under ``name``."""
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name)}
    return HttpResponse(content, content_type=MEDIA_TYPES[FileFormat.DOCX], headers=headers)
