"""A row's history, as the database triggers kept it, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import ForeignKey

LABELS = {"insert": "新增", "update": "修改", "delete": "删除"}
SOURCES = {"load_ledgers": "台账导入（操作员）", "load_demo": "演示数据"}
MOST = 200
"""The newest changes are shown; the database keeps all."""


@dataclass
class Change:
    """One change of a row: when, by whom, what kind, and (column, old, new) for each column that differs."""

    at: datetime
    who: str
    label: str
    differences: list[tuple[str, str, str]]


def history_of(row: Any, reader: Any) -> list[Change]:
    """Return the newest changes of ``row``, newest first; a constant number of queries.

    Related rows are named as far as ``reader`` may see them; people are named always, as the row itself names them.
    """
    entries = list(row.history.select_related("pgh_context").order_by("-pgh_id")[: MOST + 1])
    people = _people(entries)
    shown = _Shown(type(row), entries, reader)
    changes = []
    for number, entry in enumerate(entries[:MOST]):
        before = entries[number + 1] if number + 1 < len(entries) else None
        changes.append(
            Change(entry.pgh_created_at, _who(entry, people), LABELS[entry.pgh_label], shown.between(before, entry))
        )
    return changes


def _people(entries: list[Any]) -> dict[int, str]:
    keys = {entry.pgh_context.metadata.get("user") for entry in entries if entry.pgh_context}
    return dict(get_user_model().objects.filter(pk__in=keys - {None}).values_list("pk", "name"))


def _who(entry: Any, people: dict[int, str]) -> str:
    metadata = entry.pgh_context.metadata if entry.pgh_context else {}
    return people.get(metadata.get("user")) or SOURCES.get(metadata.get("source"), "系统")


class _Shown:
    """Values of the columns as people read them: labels of code lists, names of related rows."""

    def __init__(self, model: Any, entries: list[Any], reader: Any) -> None:
        self.reader = reader
        kept = {field.name for field in entries[0]._meta.fields} if entries else set()
        kept -= set(getattr(model, "hidden_from_history", ()))
        self.fields = [field for field in model._meta.fields if field.name in kept and not field.primary_key]
        self.names = {
            field.name: self._names(field, entries) for field in self.fields if isinstance(field, ForeignKey)
        }

    def _names(self, field: Any, entries: list[Any]) -> dict[Any, str]:
        keys = {getattr(entry, field.attname) for entry in entries} - {None}
        if not keys:
            return {}
        related = field.related_model
        rows = related._base_manager.filter(pk__in=keys)
        if hasattr(related, "scope_path") and related is not get_user_model():
            rows = related.objects.visible_to(self.reader).filter(pk__in=keys)
        return {row.pk: str(row) for row in rows}

    def between(self, before: Any, after: Any) -> list[tuple[str, str, str]]:
        """Return the columns that differ; all filled ones for the first entry."""
        found = []
        for field in self.fields:
            old = self._text(field, before) if before else ""
            new = self._text(field, after)
            if old != new or (before and _sealed(field, before) != _sealed(field, after)):
                found.append((str(field.verbose_name), old, new))
        return found

    def _text(self, field: Any, entry: Any) -> str:
        value = getattr(entry, field.attname)
        if value is None or value == "":
            return ""
        if isinstance(value, bytes | memoryview):
            return "（已加密）"
        if field.name in self.names:
            # Of a confidential record not even that there is one.
            hidden = getattr(field.related_model, "is_confidential", False)
            return self.names[field.name].get(value, "" if hidden else f"其他单位的记录 {value}")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, bool):
            return "是" if value else "否"
        return str(value)


def _sealed(field: Any, entry: Any) -> bytes | None:
    """Return what is stored of an encrypted column, so that a change of it is seen though its text is not."""
    value = getattr(entry, field.attname)
    return bytes(value) if isinstance(value, bytes | memoryview) else None
