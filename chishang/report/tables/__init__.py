"""Tables of the report: what the office kept as a ledger sheet, computed from rows as of a day.

The charts of the page, the sheets of the workbook and the Word text read the same tables, as the figures do theirs.
"""

from chishang.report.tables import charts, ledgers  # noqa: F401  declare tables
from chishang.report.tables.base import Column, Kind, Table, all_tables, find_table

__all__ = ["Column", "Kind", "Table", "all_tables", "find_table"]
