"""What is asked for a Word template: the file, its name, and for which day it is looked at beforehand."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from chishang.core.admin.services import ServiceForm
from chishang.core.dates import today
from chishang.core.forms import DayField
from chishang.report.models import ReportTemplate
from chishang.report.services.templates import preview_template, save_template
from chishang.report.word.checking import MAX_FILE_BYTES


class TemplateForm(ServiceForm):
    """A new template, stored when nothing is wrong with it."""

    names = {"content": "file"}
    file = forms.FileField(
        label="Word 模板（.docx）",
        error_messages={"required": "请选择一个 .docx 文件。", "empty": "这个文件是空的。"},
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".docx"}),
    )
    as_of = DayField(
        label="预览截至日",
        required=False,
        initial=today,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text="点“预览”时用哪一天的数字；保存时不用填",
    )

    class Meta:
        model = ReportTemplate
        fields = ["name"]

    def clean_file(self) -> bytes:
        """Return the content; refuse a large file before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:
            raise forms.ValidationError(f"文件超过 {MAX_FILE_BYTES // 1024 // 1024} MB，请删去里面的图片再上传。")
        content: bytes = file.read()
        file.seek(0)  # after a preview that was refused the form is read once more
        return content

    def clean_as_of(self) -> Any:
        """Take today when none is given; refuse a day to come."""
        day = self.cleaned_data["as_of"] or today()
        if day > today():
            raise forms.ValidationError("预览截至日不能晚于今天。")
        return day

    def store(self, row: ReportTemplate) -> ReportTemplate:
        """Check and store it."""
        return save_template(actor=self.actor, name=row.name, content=self.cleaned_data["file"])


class PreviewForm(TemplateForm):
    """The same, filled to be looked at and not stored; it needs no name."""

    filled: bytes = b""
    """The report as the template makes it, once the form is valid."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False

    def store(self, row: ReportTemplate) -> ReportTemplate:
        """Fill it."""
        given = self.cleaned_data
        self.filled = preview_template(actor=self.actor, content=given["file"], as_of=given["as_of"])
        return row
