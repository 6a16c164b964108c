"""Writing rows with sealed texts in bulk. Each is encrypted for its row; the plain texts are compared."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from chishang.core.bulk import insert_rows
from chishang.core.ledgers import Run

Row = dict[str, Any]


def merge_sealed(run: Run, model: Any, wanted: Mapping[Any, Row], stored: Mapping[Any, Any]) -> list[int]:
    """Bring ``stored`` rows (by natural key) into line with ``wanted`` ones, in bulk; return the keys of the new ones.

    ``wanted`` has attribute → value, sealed texts plain under their own names. What it does not name stays as it is.
    """
    new = [_sealed_row(model, row) for key, row in wanted.items() if key not in stored]
    changed: list[Any] = []
    names: set[str] = set()
    known = [(stored[key], row) for key, row in wanted.items() if key in stored]
    for found, row in known:
        differing = {name: value for name, value in row.items() if getattr(found, name) != value}
        for name, value in differing.items():
            setattr(found, name, value)
        if differing:
            changed.append(found)
            names |= set(_columns(model, differing))
    created = insert_rows(model, new)
    if changed:
        model.objects.bulk_update(changed, names, batch_size=500)
    run.count(model, new=len(new), changed=len(changed), unchanged=len(known) - len(changed))
    return created


def _sealed_row(model: Any, row: Row) -> Row:
    """Return the columns of a new row, its sealed texts encrypted for it."""
    instance, texts = model(uid=uuid4()), {one.name for one in model.sealed_texts()}
    for name, value in row.items():
        setattr(instance, name, value)
    columns = {name: value for name, value in row.items() if name not in texts}
    ciphers = {f"{name}_cipher": getattr(instance, f"{name}_cipher") for name in texts}
    return {"uid": instance.uid, **columns, **ciphers}


def _columns(model: Any, names: Iterable[str]) -> list[str]:
    """Return the fields behind attributes: ``person`` of ``person_id``, ``reason_cipher`` of ``reason``."""
    texts = {one.name for one in model.sealed_texts()}
    return [
        f"{name}_cipher" if name in texts else model._meta.get_field(name.removesuffix("_id")).name for name in names
    ]
