"""``manage.py renew_feed``: start a new life of the change feed."""

from typing import Any

from django.core.management.base import BaseCommand

from chishang.report.feed import renew_feed


class Command(BaseCommand):
    """Prints the id of the new feed. A restored dump or a recovery is noticed without it; copied files may not be."""

    help = "另起一个变更流：用文件拷贝方式恢复数据库后运行，使区里的程序从头读取。用 deploy.backup 恢复的不需要。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Renew and print."""
        self.stdout.write(str(renew_feed().feed_id))
