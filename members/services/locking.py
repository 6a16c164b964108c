"""Locking rows before a write, and what is asked again once one has them.

Everybody locks in one order, so that two never wait for each other: the member, his transfer, his development file,
last the branch in which a row is new. No lock is taken through a join: where the joined row is another one by the time
the lock is there, the database would give no row at all. ``no_key`` lets others go on to point at the row.
"""

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from members.models import Member
from organizations.models import Organization

MOVED = "该党员的组织关系刚才有变动，请重新打开再办。"


def lock_row_of(key: int) -> Member:
    """Lock and return a member, wherever he belongs."""
    locked: Member = Member.objects.select_for_update(no_key=True).get(pk=key)
    return locked


def lock_member(member: Member) -> Member:
    """Lock and return a member as he stands now; raise ValidationError when he is in another branch than ``member``.

    Rights are checked at the branch that the caller saw; a write must not land at another one.
    """
    locked = lock_row_of(member.pk)
    if locked.branch_id != member.branch_id:
        raise ValidationError(MOVED)
    return locked


def lock_members(members: Iterable[Member]) -> None:
    """Lock several members in one order; raise ValidationError when one changed branch, as ``lock_member``."""
    seen = {member.pk: member.branch_id for member in members}
    rows = Member.objects.select_for_update(no_key=True).filter(pk__in=seen).order_by("pk")
    if any(seen[key] != branch for key, branch in rows.values_list("pk", "branch_id")):
        raise ValidationError(MOVED)


def lock_branch(key: int | None) -> None:
    """Let a second press wait until the first one's new row is stored in the branch, and then find it."""
    Organization.objects.select_for_update(no_key=True).filter(pk=key).first()
