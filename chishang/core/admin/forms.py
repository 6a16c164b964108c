"""The upload form of every register."""

from typing import Any

from django import forms
from import_export.formats.base_formats import XLSX
from unfold.contrib.import_export.forms import ImportForm

from chishang.core.workbooks import MAX_FILE_BYTES, WorkbookError, check_workbook

ZIP = b"PK"
"""How an .xlsx begins, whatever its name says."""


def read_upload(file: Any, most: int = MAX_FILE_BYTES) -> bytes:
    """Return the content of an upload, refusing one of more than ``most`` bytes unread; raise ValidationError."""
    if file.size > most:
        raise forms.ValidationError(f"文件超过 {most // 1024 // 1024} MB，请拆分后再导入。")
    data: bytes = file.read()
    file.seek(0)
    return data


def require_workbook(data: bytes) -> None:
    """Refuse what is no workbook, or unpacks to too much; raise ValidationError with the reason."""
    try:
        check_workbook(data)
    except WorkbookError as error:
        raise forms.ValidationError(f"{error}。") from error


class SafeImportForm(ImportForm):
    """Refuses a file that is no workbook, or unpacks to too much, before anything parses it.

    The content says what a file is; neither its name nor what the user says about it does.
    """

    def __init__(self, formats: Any, resources: Any, **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self.numbers = {format_class: str(number) for number, format_class in enumerate(formats)}
        self.workbook_number = self.numbers[XLSX]
        self.fields["format"].required = False
        self.fields["format"].widget = forms.HiddenInput()
        self.fields["import_file"].widget.attrs["accept"] = ".xlsx,.csv"

    def clean_import_file(self) -> Any:
        """Check the content; raise ValidationError with a Chinese message."""
        file = self.cleaned_data["import_file"]
        data = read_upload(file)
        self.is_workbook = data.startswith(ZIP) or not file.name.lower().endswith(".csv")
        if self.is_workbook:
            require_workbook(data)
        else:
            _require_utf8(data)
        return file

    def clean(self) -> dict[str, Any]:
        """Set the format by the content."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "import_file" in cleaned:
            others = [number for number in self.numbers.values() if number != self.workbook_number]
            cleaned["format"] = self.workbook_number if self.is_workbook else others[0]
        return cleaned


def _require_utf8(data: bytes) -> None:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise forms.ValidationError("CSV 文件不是 UTF-8 编码。请在 Excel 里另存为 .xlsx 后再导入。") from error
