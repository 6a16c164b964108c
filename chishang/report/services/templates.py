"""Taking in a Word template of the office: it is checked whole, and only then stored, for good."""

import hashlib
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from chishang.core.dates import today
from chishang.core.guards import told_in_words
from chishang.report.models import ReportTemplate
from chishang.report.report import build_report
from chishang.report.word import faults_of, render
from chishang.report.word.content import content_of
from organizations.models import User

ADD = "report.add_reporttemplate"


def save_template(*, actor: User, name: str, content: bytes) -> ReportTemplate:
    """Store a template, which is in force from then on.

    Raises ValidationError with all its faults at ``content``, and then stores nothing; also for the very file that is
    in force already. Raises PermissionDenied.
    """
    _checked_content(actor, content, today())
    found = hashlib.sha256(content).hexdigest()
    newest = ReportTemplate.objects.order_by("-pk").values_list("sha256", flat=True).first()
    if found == newest:
        raise ValidationError({"content": "这份文件与现行的模板相同，不用再上传。"})
    template = ReportTemplate(name=name, content=content, sha256=found, uploaded_by=actor)
    with told_in_words():
        template.full_clean()
        template.save(force_insert=True)
    return template


def preview_template(*, actor: User, content: bytes, as_of: date) -> bytes:
    """Return the report of a day by a template that is not stored; errors as ``save_template``."""
    return render(content, _checked_content(actor, content, as_of))


def _checked_content(actor: User, template: bytes, as_of: date) -> dict[str, Any]:
    """Return what the template is filled with, as ``actor`` may see it."""
    if not actor.has_perm(ADD):
        raise PermissionDenied
    content = content_of(build_report(as_of=as_of, user=actor))
    if faults := faults_of(template, content):
        raise ValidationError({"content": faults})
    return content
