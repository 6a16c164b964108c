"""The report as a file to keep: a live one as its reader sees it, or the very bytes that were handed out."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from chishang.core.dates import today
from chishang.report import selectors
from chishang.report.enums import FileFormat
from chishang.report.files import MEDIA_TYPES, WRITERS, file_name, repr_digest, write_report
from chishang.report.models import IssuedReportFile
from chishang.report.report import build_report
from chishang.report.snapshot_forms import DownloadForm
from organizations.views import SignedInRequest

REFUSED = 422


@require_safe
@permission_required("organizations.view_organization", raise_exception=True)
def download(request: SignedInRequest, file_format: str) -> HttpResponse:
    """Give the report of a day, with what the reader may see, marked as a draft."""
    wanted = _format(file_format)
    form = DownloadForm(request.GET, user=request.user, use_required_attribute=False)
    if not form.is_valid():
        context = {"section": "report", "form": form, "forms": [form], "format": wanted}
        return render(request, "report/download.html", context, status=REFUSED)
    asked = form.cleaned_data
    code = asked["organization"].code if asked["organization"] else ""
    report = build_report(as_of=asked["as_of"] or today(), user=request.user, organization=code)
    name = file_name(report.organization, report.as_of, wanted)
    return _answer(write_report(report, wanted), wanted, name)


@require_safe
@permission_required(selectors.VIEW, raise_exception=True)
def issued_file(request: SignedInRequest, pk: int, file_format: str) -> HttpResponse:
    """Give a file of an issued report, byte for byte; a damaged one is not given, the report's page says so."""
    wanted = _format(file_format)
    rows = IssuedReportFile.objects.visible_to(request.user).select_related("report__organization")
    readable = selectors.issued_reports(request.user).filter(pk=pk)
    stored = get_object_or_404(rows, report__in=readable, format=wanted)
    if not stored.is_intact:
        return redirect("report:snapshot", pk)
    issued = stored.report
    name = file_name(issued.organization, issued.as_of, wanted, selectors.issue_name(issued.version))
    response = _answer(bytes(stored.content), wanted, name)
    request.META.pop("HTTP_ACCEPT_ENCODING", None)  # compressed on the way they would not be the bytes of the digest
    response.headers["Repr-Digest"] = repr_digest(stored.sha256)
    return response


def _format(text: str) -> FileFormat:
    if text not in WRITERS:
        raise Http404
    return FileFormat(text)


def _answer(content: bytes, file_format: FileFormat, name: str) -> HttpResponse:
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name)}
    return HttpResponse(content, content_type=MEDIA_TYPES[file_format], headers=headers)
