"""Cells of a ledger, and what a merge does to stored rows."""

import io

import pytest

from chishang.core.cells import Cells
from chishang.core.ledgers import Options, Progress, Report, Run, Status, load_ledgers
from chishang.core.workbooks import Fault, Row, Sheet
from tests.core.test_workbooks import make
from visits.models import Unit


def cells(**values: object) -> tuple[Cells, list[Fault]]:
    faults: list[Fault] = []
    return Cells(Sheet("账.xlsx", "表", []), Row(7, values), faults), faults


@pytest.mark.parametrize(
    ("written", "number"), [(3, 3), ("3", 3), ("1,234", 1234), ("1\uff0c234户", 1234), (None, None), (0, 0)]
)
def test_integer_bears_separators_and_units(written: object, number: int | None) -> None:
    row, faults = cells(户数=written)
    assert (row.integer("户数"), faults) == (number, [])


@pytest.mark.parametrize("written", ["若干", 2.5, -3, "-3", 10**9, "\uff08三\uff09", True])
def test_integer_that_is_none_is_a_fault_at_its_cell(written: object) -> None:
    row, faults = cells(户数=written)
    assert row.integer("户数") is None
    assert [(fault.file, fault.sheet, fault.row, fault.column) for fault in faults] == [("账.xlsx", "表", 7, "户数")]
    assert not row.sound


@pytest.mark.parametrize("written", ["1545331", "2545331000O", 154053310001, "abc"])
def test_phone_must_have_eleven_digits_beginning_with_one(written: object) -> None:
    row, faults = cells(电话=written)
    row.phone("电话")
    assert len(faults) == 1


def test_text_beyond_the_limit_is_a_fault() -> None:
    row, faults = cells(备注="长" * 201)
    row.text("备注")
    assert "超过 200 个字" in faults[0].message


def test_merge_counts_new_changed_and_unchanged_and_leaves_other_rows_alone(db: None) -> None:
    Unit.objects.create(name="镇水利站", level="town")
    Unit.objects.create(name="村委会", level="town")
    Unit.objects.create(name="区水务局", level="district")
    run = Run(None, Report("x"), Progress())

    keys = run.merge(
        Unit,
        ["name"],
        [
            {"name": "镇水利站", "level": "town"},
            {"name": "村委会", "level": "village"},
            {"name": "镇民政办", "level": "town"},
        ],
    )

    count = run.report.counts["承办单位"]
    assert (count.new, count.changed, count.unchanged) == (1, 1, 1)
    assert dict(Unit.objects.values_list("name", "level")) == {
        "镇水利站": "town",
        "村委会": "village",
        "镇民政办": "town",
        "区水务局": "district",
    }
    assert keys["镇民政办"] == Unit.objects.get(name="镇民政办").pk


def test_unknown_workbook_is_skipped_and_a_broken_one_refused(db: None) -> None:
    reports = load_ledgers([("菜谱.xlsx", make([["菜名"]])), ("坏.xlsx", io.BytesIO(b"x"))], Options())
    assert [report.status for report in reports] == [Status.SKIPPED, Status.REFUSED]
    assert reports[0].reason
    assert reports[1].faults[0].file == "坏.xlsx"
