"""Steps with the registers of money in the admin: upload a sheet, take one out, look for rows."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

LISTS = "/admin/finance/"


def upload(client: Client, register: str, *rows: dict[str, Any]) -> str:
    """Upload a workbook to the import of a register, confirm it where that is offered; return the last page."""
    book, content = Workbook(), BytesIO()
    for row in (list(rows[0]), *(list(row.values()) for row in rows)):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(content)
    file = SimpleUploadedFile("a.xlsx", content.getvalue())
    page: Any = client.post(f"{LISTS}{register}/import/", {"import_file": file, "format": "0", "resource": "0"})
    form = page.context.get("confirm_form")
    if form is None:
        return str(page.content.decode())
    return str(client.post(f"{LISTS}{register}/process_import/", form.initial, follow=True).content.decode())


def take_out(client: Client, register: str, query: str = "") -> list[tuple[Any, ...]]:
    """Export all columns of the listed rows; return the rows of the sheet, the titles first."""
    address = f"{LISTS}{register}/export/{query}"
    form: Any = client.get(address).context["form"]
    columns = {name: "on" for name in form.fields if "resource_" in name}
    answer = client.post(address, {"format": "0", "resource": "0", **columns})
    return list(load_workbook(BytesIO(answer.content)).active.values)  # type: ignore[union-attr]


def listed(client: Client, register: str, query: str = "") -> list[Any]:
    """The rows that the list shows."""
    page: Any = client.get(f"{LISTS}{register}/{query}")
    return list(page.context["cl"].result_list)


def faults(answer: Any) -> str:
    """What the form says is wrong, with that of its inlines."""
    inlines = [one.formset for one in answer.context["inline_admin_formsets"]]
    return str([answer.context["adminform"].form.errors, *(one.errors for one in inlines)])
