"""The one gate for rows: who may see which.

A model names its way to a Party organization once, in ``scope_path``; everything that lists rows (admin, API, pages,
exports, autocompletes, form choices) starts from ``visible_to``.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, Self

from django.db import models
from django.db.models import Q

PUBLIC = "*"
"""``scope_path`` of reference data: whoever holds the permission sees every row."""


@dataclass(frozen=True)
class Scope:
    """The organizations whose rows one may see: all of them, or those with the given ids."""

    everything: bool = False
    organization_ids: frozenset[int] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        """Say whether anything is in it."""
        return self.everything or bool(self.organization_ids)

    def __and__(self, other: "Scope") -> "Scope":
        """Return what lies in both."""
        if self.everything:
            return other
        if other.everything:
            return self
        return Scope(organization_ids=self.organization_ids & other.organization_ids)


EVERYTHING = Scope(everything=True)


class Actor(Protocol):
    """Whoever asks: a user with appointments, or nobody."""

    def scope_for(self, permission: str) -> Scope:
        """Return where the actor holds ``permission`` (``app_label.codename``) today."""


def scope_paths(model: Any) -> tuple[str, ...]:
    """Return the ways from ``model`` to the organizations that its rows belong to; none for reference data."""
    path = model.scope_path
    if path == PUBLIC:
        return ()
    return (path,) if isinstance(path, str) else path


def leads_to_scope(model: Any, field_name: str) -> bool:
    """Say whether the foreign key ``field_name`` decides to which organization a row of ``model`` belongs."""
    return any(path.partition("__")[0] == field_name for path in scope_paths(model))


class ScopedQuerySet(models.QuerySet[Any]):
    """A queryset with the gate."""

    def visible_to(self, user: Actor | Any, permission: str | None = None) -> Self:
        """Return the rows on which ``user`` holds ``permission`` today (default: to view); none for the anonymous.

        The permission is written ``app_label.codename``. Rows outside it do not exist for the user.
        """
        scope_for = getattr(user, "scope_for", None)
        if scope_for is None:
            return self.none()
        meta = self.model._meta
        return self.within(scope_for(permission or f"{meta.app_label}.view_{meta.model_name}"))

    def within(self, scope: Scope) -> Self:
        """Return the rows that lie in ``scope``."""
        if not scope:
            return self.none()
        if scope.everything or self.model.scope_path == PUBLIC:
            return self
        condition = Q()
        for name in scope_paths(self.model):
            condition |= Q(**{f"{name}__in": scope.organization_ids})
        if not self.model.scope_is_many:
            return self.filter(condition)
        # A path through several rows would repeat the row: ask for its key instead.
        return self.filter(pk__in=self.model._base_manager.filter(condition).values("pk"))


ScopedManager = models.Manager.from_queryset(ScopedQuerySet)


class ScopedModel(models.Model):
    """Base of every model whose rows belong to an organization."""

    scope_path: ClassVar[str | tuple[str, ...]]
    """Lookup of the organization's key from this model (``household__village__branch``), several, or ``PUBLIC``."""
    scope_is_many: ClassVar[bool] = False
    """True where the path passes a to-many relation."""

    is_confidential: ClassVar[bool] = False
    """True where not even the existence of a row may be told to those who may not see it."""

    objects: ClassVar[Any] = ScopedManager()

    class Meta:
        abstract = True
        default_permissions = ("add", "change", "view", "import", "export")  # no "delete": nothing is deleted
