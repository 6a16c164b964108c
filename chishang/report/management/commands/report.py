"""``manage.py report --as-of 2017-12-31``: the figures of a day."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from chishang.core.dates import parse_date, today
from chishang.report.report import UnknownOrganization, build_report


class Command(BaseCommand):
    """Prints the report as JSON, or writes it to a file."""

    help = "计算某一天的报表数字。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--as-of", metavar="2017-12-31", help="截至日，默认今天")
        parser.add_argument("--organization", default="", metavar="CODE", help="党组织编码，默认全镇")
        parser.add_argument("--format", choices=["json"], default="json")
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
        text = json.dumps(report, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder)
        if options["out"]:
            options["out"].write_text(text + "\n", encoding="utf-8")
        else:
            self.stdout.write(text)
