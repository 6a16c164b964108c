"""The upload form of every register."""

from typing import Any

from django import forms
from unfold.contrib.import_export.forms import ImportForm

from chishang.core.workbooks import WorkbookError, check_workbook


class SafeImportForm(ImportForm):
    """Refuses a file that is no workbook, or unpacks to too much, before anything parses it."""

    def clean_import_file(self) -> Any:
        """Check an .xlsx; raise ValidationError with a Chinese message."""
        file = self.cleaned_data["import_file"]
        if not file.name.lower().endswith(".csv"):
            try:
                check_workbook(file.read())
            except WorkbookError as error:
                raise forms.ValidationError(f"{error}。") from error
            file.seek(0)
        return file
