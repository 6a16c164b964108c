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
