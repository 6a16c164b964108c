"""``manage.py report --as-of 2017-12-31``: the report of a day."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chishang.core.dates import parse_date, today
from chishang.report.enums import FileFormat
from chishang.report.files import write_report
from chishang.report.report import UnknownOrganization, build_report


class Command(BaseCommand):
    """Writes the report to a file; JSON and CSV are otherwise printed."""

    help = "计算某一天的报表，输出 JSON、CSV、Excel 或 Word。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--as-of", metavar="2017-12-31", help="截至日，默认今天")
        parser.add_argument("--organization", default="", metavar="CODE", help="党组织编码，默认全镇")
        parser.add_argument("--format", choices=FileFormat.values, default=FileFormat.JSON)
        parser.add_argument("--out", type=Path, metavar="FILE", help="写入文件，默认显示在屏幕上")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compute and write."""
        try:
            as_of = parse_date(options["as_of"]) if options["as_of"] else today()
            report = build_report(as_of=as_of, organization=options["organization"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        except UnknownOrganization as error:
            raise CommandError(f"没有编码为“{error.code}”的党组织") from error
        file_format = FileFormat(options["format"])
        if not options["out"] and file_format in {FileFormat.XLSX, FileFormat.DOCX}:
            raise CommandError(f"{file_format.label} 文件不能显示在屏幕上，请用 --out 写明存到哪个文件。")
        content = write_report(report, file_format)
        if not options["out"]:
            self.stdout.write(content.decode().removesuffix("\n"))
            return
        try:
            options["out"].write_bytes(content)
        except OSError as error:
            raise CommandError(f"写不了 {options['out']}：{error.strerror}。请另写一个文件名。") from error
