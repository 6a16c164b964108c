"""``manage.py reencrypt_confidential``: bring the discipline registers under the newest key of their key file."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from chishang.core.encryption import DecryptionError, key_number
from discipline.models.sealed import SealedModel, confidential_keys

BATCH = 200


class Command(BaseCommand):
    """Works batch by batch while people work on; after a stop it goes on where it was. It shows no text."""

    help = "把廉政登记簿的加密内容改用密钥文件里最新的密钥加密；可以中断后再运行。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Re-encrypt what lies under an older key; name rows that cannot be read, leave them, and end with 1."""
        broken = False
        for model in (one for one in apps.get_app_config("discipline").get_models() if issubclass(one, SealedModel)):
            done, unreadable = _renew_all(model)
            self.stdout.write(f"{model._meta.verbose_name}：改用新密钥 {done} 条")
            if unreadable:
                broken = True
                self.stderr.write(f"{model._meta.verbose_name}：读不出的编号 {'、'.join(map(str, unreadable))}")
        if broken:
            raise CommandError("有读不出的记录：内容被改动过，或密钥文件里缺了密钥。其余记录已经处理完。")


def _renew_all(model: Any) -> tuple[int, list[int]]:
    """Re-encrypt all rows, a transaction a batch; return how many were under an older key, and the unreadable."""
    done, after = 0, 0
    unreadable: list[int] = []
    while keys := list(model.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        after = keys[-1]
        done += _renew(model, keys, unreadable)
    return done, unreadable


def _renew(model: Any, keys: list[int], unreadable: list[int]) -> int:
    """Re-encrypt one batch; return how many of its rows were under an older key."""
    names = [sealed.name for sealed in model.sealed_texts()]
    changed = []
    with transaction.atomic():
        # Not FOR UPDATE: rows that hang on these may be entered meanwhile (docs/architecture.md, “Traps”).
        for row in model.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"):
            try:
                texts = {name: getattr(row, name) for name in names}
            except DecryptionError:
                unreadable.append(row.pk)
                continue
            if any(_is_old(getattr(row, f"{name}_cipher")) for name in names):
                for name, text in texts.items():
                    setattr(row, name, text)
                changed.append(row)
        model.objects.bulk_update(changed, [f"{name}_cipher" for name in names])
    return len(changed)


def _is_old(stored: bytes | memoryview | None) -> bool:
    return stored is not None and key_number(stored) != confidential_keys().newest
