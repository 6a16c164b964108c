"""Row history by database triggers: bulk and raw SQL are seen too."""

from collections.abc import Callable
from typing import Any

import pghistory
import pgtrigger


def tracked(*, exclude: tuple[str, ...] = ()) -> Callable[[type[Any]], type[Any]]:
    """Keep every insert, update and delete of a model's rows in its ``<Model>History`` table, with the acting user.

    Statement-level triggers write one history statement for a bulk change. ``exclude`` names derived columns.
    """

    def track(model: type[Any]) -> type[Any]:
        level, name = pgtrigger.Statement, model.__name__.lower()
        return pghistory.track(
            # Names of their own: the library tells triggers apart by five hexadecimal digits, and two did collide.
            pghistory.InsertEvent(trigger_name=f"{name}_insert", level=level),
            pghistory.UpdateEvent(trigger_name=f"{name}_update", level=level),
            pghistory.DeleteEvent(trigger_name=f"{name}_delete", level=level),
            exclude=list(exclude) or None,
            model_name=f"{model.__name__}History",
            obj_field=pghistory.ObjForeignKey(related_name="history"),
            append_only=True,
        )(model)

    return track
