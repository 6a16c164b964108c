"""What the migrations stored, for tests that commit: Django empties every table after such a test."""

from io import BytesIO

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from pghistory.models import Event

from organizations.models import Duty

_KEPT: dict[str, bytes] = {}
"""The rows of each table that has some, as COPY writes them."""


def keep_ground() -> None:
    """Note what the migrations stored, before the first test; running them again takes thirty times as long."""
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table, rows = model._meta.db_table, BytesIO()
            if model._meta.managed and not model._meta.proxy and not issubclass(model, Event):
                cursor.copy_expert(f'COPY "{table}" TO STDOUT', rows)
                _KEPT[table] = rows.getvalue()


def lay_ground() -> None:
    """Store it again, unless it is there. The triggers write its history as they did then."""
    if Duty.objects.exists():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # These two Django has made anew, under other keys.
        Permission.objects.all().delete()
        ContentType.objects.all().delete()
        for table, rows in _KEPT.items():
            cursor.copy_expert(f'COPY "{table}" FROM STDIN', BytesIO(rows))
    ContentType.objects.clear_cache()
