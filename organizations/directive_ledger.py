"""Sheet 文件下发 of workbook 05 组织生活台账: documents, and which branch signed for them when."""

from typing import Any

from chishang.core.cells import Cells
from chishang.core.ledgers import LedgerImport, Run, filled, register
from chishang.core.workbooks import Workbook
from organizations.models import Directive, DirectiveReceipt, Organization

SHEET = "文件下发"
COLUMNS = ("文号", "标题", "印发日期", "接收党支部", "签收日期")


@register
class DirectiveLedger(LedgerImport):
    """Takes one sheet; the others of the workbook belong to the members app."""

    keyword = "组织生活台账"
    order = 5
    permission = "organizations.import_directive"
    sheets = (SHEET,)

    def read(self, workbook: Workbook, run: Run) -> list[dict[str, Any]]:
        """Return the good rows: document, branch, day of signing."""
        if SHEET not in workbook.sheet_names:
            return []
        sheet = run.sheet(workbook, SHEET)
        branches = dict(run.visible(Organization, self.permission).branches().values_list("name", "pk"))
        documents: dict[str, tuple[Any, ...]] = {}
        records = []
        for row in sheet.rows(COLUMNS, run.faults):
            cells = Cells(sheet, row, run.faults)
            record = {
                "number": cells.text("文号", required=True, limit=50),
                "title": cells.text("标题", required=True),
                "issued_on": cells.day("印发日期", required=True, future=False),
                "organization_id": cells.one_of("接收党支部", branches, required=True),
                "signed_on": cells.day("签收日期", future=False),
            }
            document = (record["title"], record["issued_on"])
            if documents.setdefault(record["number"], document) != document:
                cells.fault("标题", "同一文号在上面的行里标题或印发日期不同")
            if record["signed_on"] and record["issued_on"] and record["signed_on"] < record["issued_on"]:
                cells.fault("签收日期", "签收日期早于印发日期")
            if cells.sound:
                records.append(record)
        return records

    def store(self, records: list[dict[str, Any]], run: Run) -> None:
        """Write documents and receipts."""
        documents = [{name: record[name] for name in ("number", "title", "issued_on")} for record in records]
        directives = run.merge(Directive, ["number"], documents)
        receipts = [
            filled(
                {
                    "directive_id": directives[record["number"]],
                    "organization_id": record["organization_id"],
                    "issued_on": record["issued_on"],
                    "signed_on": record["signed_on"],
                },
                "signed_on",
            )
            for record in records
        ]
        run.merge(DirectiveReceipt, ["directive_id", "organization_id"], receipts)
