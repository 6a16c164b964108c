"""``manage.py reencrypt``: bring every ID number under the newest key of the key file."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from chishang.core.encryption import DecryptionError, key_number, keyring
from members.models import DevelopmentFile, Member

BATCH = 500


class Command(BaseCommand):
    """Works batch by batch while people work on; after a stop it goes on where it was."""

    help = "把身份证号码改用密钥文件里最新的密钥加密；可以中断后再运行。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Re-encrypt what lies under an older key; name rows that cannot be read and leave them as they are."""
        for model in (Member, DevelopmentFile):
            done, after = 0, 0
            unreadable: list[int] = []
            while True:
                rows = model.objects.filter(pk__gt=after, id_number_cipher__isnull=False).order_by("pk")[:BATCH]
                keys = list(rows.values_list("pk", flat=True))
                if not keys:
                    break
                after = keys[-1]
                done += _renew(model, keys, unreadable)
            self.stdout.write(f"{model._meta.verbose_name}：改用新密钥 {done} 条")
            if unreadable:
                self.stderr.write(f"{model._meta.verbose_name}：读不出的编号 {'、'.join(map(str, unreadable))}")


def _renew(model: Any, keys: list[int], unreadable: list[int]) -> int:
    """Re-encrypt one batch; return how many were under an older key."""
    changed = []
    with transaction.atomic():
        for row in model.objects.select_for_update().filter(pk__in=keys).order_by("pk"):
            if key_number(row.id_number_cipher) == keyring().newest:
                continue
            try:
                row.id_number_cipher = model.seal(row.uid, row.read_id_number())
            except DecryptionError:
                unreadable.append(row.pk)
            else:
                changed.append(row)
        model.objects.bulk_update(changed, ["id_number_cipher"])
    return len(changed)
