"""Issuing a report: one account draws it up, another signs it; a wrong draft is withdrawn, a wrong report corrected.

What is handed out is the town's report, not what its maker may see (``build_report`` without a user). So it is drawn
up, signed and read only by accounts over the whole town that may have every confidential count that stands in it
(``selectors.steps_of``, ``selectors.issued_reports``). Whoever is given ``report.view_issuedreport`` needs the rights
of ``Confidential.counted_with``, too.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from chishang.core.dates import in_words, today
from chishang.core.guards import told_in_words
from chishang.report.enums import FileFormat, ReportState
from chishang.report.files import WRITERS, write_report
from chishang.report.models import IssuedReport, IssuedReportFile, ReportTemplate
from chishang.report.report import Report, build_report
from chishang.report.selectors import DRAFT, RELEASE, is_intact, issue_name, steps_of
from organizations.models import Organization, User

S = ReportState
REASON_LIMIT = 200
FROM_ROWS_ALONE = (FileFormat.JSON, FileFormat.CSV, FileFormat.XLSX)
"""Formats that the rows alone decide; the Word template may have been replaced since."""
NO_RIGHT = "您没有办理这一步的权限：办理的账号要负责全镇，并能看到报告中的全部数字。"


class ReportRefused(ValidationError):
    """The step is not open: the state is another one by now, the account may not take it, or the rows changed."""


def draft_report(*, actor: User, as_of: date, reason: str = "") -> IssuedReport:
    """Draw up the next version of the town's report as of a day that is not in the future, with all its files.

    From the second version on ``reason`` says what is corrected, and something must differ from the signed one. The
    same again gives the draft under way. Raises ValidationError, by field where one is wrong.
    """
    if as_of > today():
        raise ValidationError({"as_of": f"截至日不能晚于今天（{in_words(today())}）。"})
    reason = _short(reason, "reason", "更正说明")
    with told_in_words():
        town = _locked_town(actor)
        versions = list(IssuedReport.objects.filter(organization=town, as_of=as_of).order_by("version"))
        under_way = next((one for one in versions if one.state == S.DRAFT), None)
        if under_way is not None:
            return _same_draft(under_way, reason)
        _check_correction(versions, reason)
        return _draw_up(IssuedReport(organization=town, as_of=as_of, reason=reason, drafted_by=actor), versions)


def release_report(*, actor: User, report: IssuedReport) -> IssuedReport:
    """Sign a draft, for good. A second press changes nothing.

    Refused (ValidationError) for who drew it up, when the rows say something else by now, and when a stored file is
    not that of its hash.
    """
    with _locked(report, actor, RELEASE) as locked:
        if locked.state == S.RELEASED:
            return locked
        _check_draft(locked)
        if locked.drafted_by_id == actor.pk:
            raise ReportRefused("制表人不能自己签发，请由另一位同事签发。")
        if not is_intact(locked):
            raise ReportRefused("存储的文件与校验码不符，不能签发。请作废后重新制表，并告诉系统管理员。")
        if not says_the_same(locked):
            raise ReportRefused("制表以后记录有变化，不能签发这一版。请作废后重新制表。")
        locked.state, locked.released_by, locked.released_at = S.RELEASED, actor, timezone.now()
        _store(locked)
    return locked


def withdraw_report(*, actor: User, report: IssuedReport, reason: str) -> IssuedReport:
    """Take back a draft; ``reason`` says why. Open to who draws up and to who signs; twice changes nothing."""
    if not (reason := _short(reason, "withdrawn_because", "作废原因")):
        raise ValidationError({"withdrawn_because": "请写明为什么作废。"})
    with _locked(report, actor, DRAFT, RELEASE) as locked:
        if locked.state == S.WITHDRAWN:
            return locked
        _check_draft(locked)
        locked.state, locked.withdrawn_because = S.WITHDRAWN, reason
        _store(locked)
    return locked


def says_the_same(report: IssuedReport) -> bool:
    """Say whether the rows still give the files that are stored.

    Asked at signing, it also finds a draft during whose drawing up, which takes several queries, somebody wrote.
    """
    now = _town_report(report)
    stored = {FileFormat(one.format): bytes(one.content) for one in report.files.filter(format__in=FROM_ROWS_ALONE)}
    return all(write_report(now, one) == content for one, content in stored.items())


def _town_report(issued: IssuedReport) -> Report:
    """Return the report that ``issued`` is, or would be, from the rows as they are."""
    return replace(build_report(as_of=issued.as_of), issue=issue_name(issued.version))


def _locked_town(actor: User) -> Organization:
    """Lock the town's committee, so that one at a time draws up, and check that ``actor`` may."""
    if DRAFT not in steps_of(actor):
        raise ReportRefused(NO_RIGHT)
    town: Organization = Organization.objects.select_for_update(no_key=True).get(parent__isnull=True)
    return town


@contextmanager
def _locked(report: IssuedReport, actor: User, *steps: str) -> Iterator[IssuedReport]:
    """Lock the report and check that ``actor`` may take one of the steps."""
    with told_in_words():
        locked = IssuedReport.objects.select_for_update(no_key=True).get(pk=report.pk)
        if not steps_of(actor).intersection(steps):
            raise ReportRefused(NO_RIGHT)
        yield locked


def _draw_up(issued: IssuedReport, versions: list[IssuedReport]) -> IssuedReport:
    """Store ``issued`` as the next version, with its files."""
    issued.version = versions[-1].version + 1 if versions else 1
    issued.template_id = _template_in_force()
    report = _town_report(issued)  # computed once: all its files say the same
    files = [_file(one, write_report(report, one)) for one in WRITERS]
    issued.sha256 = next(one.sha256 for one in files if one.format == FileFormat.JSON)
    issued.full_clean()
    issued.save(force_insert=True)
    for one in files:
        one.report = issued
    IssuedReportFile.objects.bulk_create(files)
    return issued


def _template_in_force() -> int | None:
    newest: int | None = ReportTemplate.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest


def _file(file_format: FileFormat, content: bytes) -> IssuedReportFile:
    return IssuedReportFile(format=file_format, content=content, sha256=hashlib.sha256(content).hexdigest())


def _same_draft(under_way: IssuedReport, reason: str) -> IssuedReport:
    same_text = (under_way.reason, under_way.template_id) == (reason, _template_in_force())
    if same_text and says_the_same(under_way):
        return under_way
    raise ReportRefused("这一天已有一份待签发的报告，请先签发或作废，再重新制表。")


def _check_correction(versions: list[IssuedReport], reason: str) -> None:
    """A second version needs its reason, and after a signed one something that it corrects."""
    released = [one for one in versions if one.state == S.RELEASED]
    if released and released[-1].template_id == _template_in_force() and says_the_same(released[-1]):
        raise ReportRefused(f"记录与已签发的第{released[-1].version}版相同，不用更正。")
    if versions and not reason:
        raise ValidationError({"reason": f"这一天已制过第{versions[-1].version}版，请写明这一版更正了什么。"})


def _check_draft(report: IssuedReport) -> None:
    if report.state != S.DRAFT:
        raise ReportRefused(f"这份报告现在是“{report.get_state_display()}”，不能这样办理。请刷新页面看最新情况。")


def _store(report: IssuedReport) -> None:
    report.full_clean()
    report.save()


def _short(text: str, name: str, label: str) -> str:
    text = text.strip()
    if len(text) > REASON_LIMIT:
        raise ValidationError({name: f"{label}最多 {REASON_LIMIT} 个字，现在有 {len(text)} 个，请写短些。"})
    return text
