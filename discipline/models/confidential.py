"""The gate of the confidential registers: the duty opens them, and never a record about oneself.

What ``ScopedQuerySet.visible_to`` gives, for a duty at a place, is narrowed by each model in ``narrowed``. Being
superuser gives nothing here (``CONFIDENTIAL_APPS``).
"""

from typing import Any, ClassVar, Self

from django.db import models

from chishang.core.scoping import ScopedModel, ScopedQuerySet


class ConfidentialQuerySet(ScopedQuerySet):
    """Rows that only holders of a discipline duty see."""

    def visible_to(self, user: Any, permission: str | None = None) -> Self:
        """Return the rows that ``user`` may see (``permission`` default: to view), none about himself or herself."""
        rows = super().visible_to(user, permission)
        if rows.query.is_empty():
            return rows
        narrowed: Self = self.model.narrowed(rows, user)
        return narrowed


ConfidentialManager = models.Manager.from_queryset(ConfidentialQuerySet)


class ConfidentialModel(ScopedModel):
    """Base of the models of this app. Rows of the town as a whole have no organization; a town-wide duty sees them."""

    is_confidential = True

    objects: ClassVar[Any] = ConfidentialManager()

    class Meta(ScopedModel.Meta):
        abstract = True

    @classmethod
    def narrowed(cls, rows: Any, user: Any) -> Any:
        """Return those of ``rows`` that ``user``, who holds the duty, may see. Here: all."""
        return rows
