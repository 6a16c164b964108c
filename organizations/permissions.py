"""What today's appointments allow: permissions by duty, rows by place."""

from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db.models import prefetch_related_objects

from chishang.core.scoping import EVERYTHING, Scope
from organizations.models import Appointment, Duty, Organization, User


@dataclass(frozen=True)
class Grant:
    """One appointment in force: the permissions of its duty, over the organizations of its place."""

    permissions: frozenset[str]
    scope: Scope


@dataclass(frozen=True)
class Access:
    """All that an account may do today."""

    grants: tuple[Grant, ...] = ()
    uses_admin: bool = False
    everything: bool = False
    permissions: frozenset[str] = field(default_factory=frozenset)

    def scope_for(self, permission: str) -> Scope:
        """Return the organizations over which ``permission`` is held; one who left nothing undone sees nothing."""
        if self.everything and not is_confidential(permission):
            return EVERYTHING
        ids: set[int] = set()
        for grant in self.grants:
            if permission in grant.permissions:
                if grant.scope.everything:
                    return EVERYTHING
                ids |= grant.scope.organization_ids
        return Scope(organization_ids=frozenset(ids))


def access_of(user: User) -> Access:
    """Return the access of ``user`` today: one query for the duties, one for their rights, one for the tree.

    Duties held in areas take one more, for the villages.
    """
    if not user.is_active:
        return Access()
    appointments = list(
        Appointment.objects.in_force().filter(user=user).select_related("duty", "village", "area").order_by()
    )
    if not appointments:
        return Access(uses_admin=user.is_superuser, everything=user.is_superuser)
    by_group = _permissions_by_group({appointment.duty.group_id for appointment in appointments})
    prefetch_related_objects([one.area for one in appointments if one.area], "villages")
    tree = Tree.load()
    grants = tuple(
        Grant(by_group.get(appointment.duty.group_id, frozenset()), tree.scope_of(appointment))
        for appointment in appointments
    )
    return Access(
        grants=grants,
        uses_admin=user.is_superuser or any(appointment.duty.uses_admin for appointment in appointments),
        everything=user.is_superuser,
        permissions=frozenset().union(*(grant.permissions for grant in grants)),
    )


def is_confidential(permission: str) -> bool:
    """Say whether the permission opens a register that being superuser does not open."""
    return permission.partition(".")[0] in settings.CONFIDENTIAL_APPS


ADMINISTRATION = frozenset(
    f"organizations.{verb}_{name}" for verb in ("add", "change") for name in ("user", "appointment", "duty", "apikey")
)
"""Rights by which other rights are handed out."""


def may_manage(actor: User, user: User) -> bool:
    """Say whether ``actor`` may change the account or give it a code: not one that may hand out more than oneself.

    Otherwise whoever gives codes could sign in as the administrator, or as one who sees confidential registers.
    """
    if actor.is_superuser or user.is_superuser:
        return actor.is_superuser
    return _covers(actor.access().permissions, access_of(user).permissions)


def _covers(own: frozenset[str], others: frozenset[str]) -> bool:
    """Say whether one with the rights ``own`` may deal with the rights ``others``."""
    if own >= ADMINISTRATION:
        return True
    secret = frozenset(filter(is_confidential, others))
    return bool(others & ADMINISTRATION <= own and secret <= own)


def may_grant(actor: User, duty: Duty) -> bool:
    """Say whether ``actor`` may appoint to the duty.

    Rights to hand out rights come only from one who has them; those on confidential registers, too, or from whoever
    hands out all rights.
    """
    if actor.is_superuser:
        return True
    return _covers(actor.access().permissions, _permissions_of(duty))


def opens_confidential(duty: Duty) -> bool:
    """Say whether the duty shows confidential rows, not counts alone: nobody appoints himself to one."""
    return any(is_confidential(one) and ".view_" in one for one in _permissions_of(duty))


def _permissions_of(duty: Duty) -> frozenset[str]:
    return _permissions_by_group({duty.group_id}).get(duty.group_id, frozenset())


def _permissions_by_group(group_ids: set[int]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    rows = Permission.objects.filter(group__in=group_ids).order_by()  # hundreds, and their own order costs a third
    for group_id, app_label, codename in rows.values_list("group", "content_type__app_label", "codename"):
        found.setdefault(group_id, set()).add(f"{app_label}.{codename}")
    return {group_id: frozenset(names) for group_id, names in found.items()}


@dataclass(frozen=True)
class Tree:
    """The organizations' tree in memory; a township has some seventy."""

    children: dict[int | None, list[int]]

    @classmethod
    def load(cls) -> "Tree":
        """Read the tree with one query."""
        children: dict[int | None, list[int]] = {}
        for key, parent in Organization.objects.order_by().values_list("pk", "parent"):
            children.setdefault(parent, []).append(key)
        return cls(children)

    def below(self, key: int) -> Scope:
        """Return the organization ``key`` with all below it; the whole tree for its root."""
        if key in self.children.get(None, []) and len(self.children[None]) == 1:
            return EVERYTHING
        found, waiting = set(), [key]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting += self.children.get(current, [])
        return Scope(organization_ids=frozenset(found))

    def scope_of(self, appointment: Appointment) -> Scope:
        """Return the organizations of an appointment's place: below an organization, of a village, of an area."""
        if appointment.organization_id:
            return self.below(appointment.organization_id)
        if appointment.village:
            return self.below(appointment.village.branch_id)
        villages = appointment.area.villages.all() if appointment.area else ()
        return Scope(organization_ids=frozenset(village.branch_id for village in villages))
