"""Code lists of the report."""

from django.db.models import TextChoices


class ReportState(TextChoices):
    """How an issued report stands."""

    DRAFT = "draft", "待签发"
    RELEASED = "released", "已签发"
    WITHDRAWN = "withdrawn", "已作废"


class FileFormat(TextChoices):
    """The forms in which one and the same report is handed out."""

    JSON = "json", "JSON"
    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"
    DOCX = "docx", "Word"


class ChangeAction(TextChoices):
    """What an event of the change feed says of its row."""

    CREATED = "created", "新增"
    UPDATED = "updated", "修改"
    MERGED = "merged", "并入另一个问题"
    DELETED = "deleted", "删除"
