"""``manage.py check_operations``: compare all that was sent with what stands in the portal."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from visits.selectors.checks import CHECKS, numbers

SHOWN = 50
"""Findings told of each check."""


class Command(BaseCommand):
    """Tells each check with ✓ or with what was found; exits with 1 when anything was."""

    help = "核对手机和表单上报的记录：有没有丢失，有没有重复。发现问题时退出码为 1。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Check and tell; nothing is changed."""
        for label, number in numbers():
            self.stdout.write(f"  {label}：{number}")
        sound = True
        for title, check in CHECKS:
            found = check()
            sound = sound and not found
            self.stdout.write(f"{'✗' if found else '✓'} {title}")
            for finding in found[:SHOWN]:
                self.stdout.write(f"     {finding}")
            if len(found) > SHOWN:
                self.stdout.write(f"     ……共 {len(found)} 处")
        if not sound:
            self.stderr.write("上报的记录有问题。请不要自行改动数据，先备份，再查明原因。")
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("上报的记录全部相符。"))
