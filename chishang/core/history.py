"""Row history by database triggers: bulk and raw SQL are seen too."""

from collections.abc import Callable
from typing import Any

import pghistory
import pghistory.models
import pgtrigger
from django.db import models


class TransactionId(models.Func):
    """The number of the transaction that writes: unlike a time, it says which rows may still be uncommitted."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class FedHistory(pghistory.models.Event):
    """Base of the history tables that the change feed reads: each row says in which transaction it was written."""

    pgh_xid = models.BigIntegerField(db_default=TransactionId())

    class Meta:
        abstract = True


def tracked(*, exclude: tuple[str, ...] = (), in_feed: bool = False) -> Callable[[type[Any]], type[Any]]:
    """Keep every insert, update and delete of a model's rows in its ``<Model>History`` table, with the acting user.

    Statement-level triggers write one history statement for a bulk change. ``exclude`` names derived columns.
    ``in_feed`` keeps the transaction too, and an index in its order, for the change feed of the report.
    """

    def track(model: type[Any]) -> type[Any]:
        level, name = pgtrigger.Statement, model.__name__.lower()
        order = models.Index(fields=["pgh_xid", "pgh_id"], name=f"{name}_feed")
        return pghistory.track(
            # Names of their own: the library tells triggers apart by five hexadecimal digits, and two did collide.
            pghistory.InsertEvent(trigger_name=f"{name}_insert", level=level),
            pghistory.UpdateEvent(trigger_name=f"{name}_update", level=level),
            pghistory.DeleteEvent(trigger_name=f"{name}_delete", level=level),
            exclude=list(exclude) or None,
            model_name=f"{model.__name__}History",
            obj_field=pghistory.ObjForeignKey(related_name="history"),
            append_only=True,
            base_model=FedHistory if in_feed else None,
            meta={"indexes": [order]} if in_feed else None,
        )(model)

    return track
