"""Forms of the workbench."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminFileFieldWidget

from chishang.core.admin.forms import read_upload, require_workbook


class LedgerForm(forms.Form):
    """One of the offices' workbooks."""

    workbook = forms.FileField(
        label="台账工作簿（.xlsx）",
        error_messages={"required": "请选择一个 .xlsx 文件。", "empty": "这个文件是空的。"},
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".xlsx"}),
    )

    def clean_workbook(self) -> Any:
        """Refuse what is no workbook before anything parses it."""
        file = self.cleaned_data["workbook"]
        require_workbook(read_upload(file))
        return file


class ConfirmForm(forms.Form):
    """What to do with a checked workbook."""

    take_good_rows = forms.BooleanField(label="只导入没有问题的行", required=False)
