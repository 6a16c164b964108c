"""``manage.py load_ledgers DIR``: take over the offices' Excel workbooks."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError

from chishang.core.ledgers import Options, Report, Status, load_ledgers
from chishang.core.progress import Bar

SHOWN_FAULTS = 50


class Command(BaseCommand):
    """Loads every workbook of a folder; a workbook with a fault stores nothing."""

    help = "导入文件夹中的台账(.xlsx)。有问题的工作簿不会存入任何内容；重复导入不改变任何内容。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("folder", type=Path, metavar="DIR", help="台账所在文件夹，或一个 .xlsx 文件")
        parser.add_argument("--check", action="store_true", help="只检查，不存入")
        parser.add_argument("--errors", type=Path, metavar="FILE.json", help="把问题清单写入该文件")
        parser.add_argument("--good-rows", action="store_true", help="有问题的工作簿也导入其中没有问题的行")
        parser.add_argument("--confidential", action="store_true", help="同时导入涉密工作簿（纪检）")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and report; exit with 1 when there is any fault."""
        files = _workbooks(options["folder"])
        with Bar() as bar, pghistory.context(source="load_ledgers"):
            settings = Options(
                check=options["check"],
                take_good_rows=options["good_rows"],
                confidential=options["confidential"],
                progress=bar,
            )
            reports = load_ledgers(files, settings)
        faults = [fault.as_dict() for report in reports for fault in report.faults]
        if options["errors"]:
            options["errors"].write_text(json.dumps(faults, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        for report in reports:
            self._tell(report)
        if faults:
            sys.exit(1)

    def _tell(self, report: Report) -> None:
        self.stdout.write(f"{report.file}：{report.status}{f'（{report.reason}）' if report.reason else ''}")
        if report.status in {Status.LOADED, Status.CHECKED}:
            for name, count in report.counts.items():
                self.stdout.write(f"  {name}：新增 {count.new}，更新 {count.changed}，不变 {count.unchanged}")
        for fault in report.faults[:SHOWN_FAULTS]:
            row = f"第 {fault.row} 行" if fault.row else ""
            place = " ".join(part for part in (fault.sheet, row, fault.column) if part)
            self.stderr.write(f"  {place}：{fault.message}" if place else f"  {fault.message}")
        if len(report.faults) > SHOWN_FAULTS:
            self.stderr.write(f"  ……共 {len(report.faults)} 处，用 --errors 写出全部")


def _workbooks(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise CommandError(f"没有文件夹 {folder}")
    # Excel leaves lock files (~$…) beside an open workbook.
    files = sorted(file for file in folder.glob("*.xls*") if not file.name.startswith("~$"))
    if not files:
        raise CommandError(f"{folder} 中没有 .xlsx 工作簿")
    return files
