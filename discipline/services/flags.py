"""The one bit: until when a member is within the effect of a sanction. The member register is told nothing else."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max

from chishang.core.dates import today
from discipline.models import Sanction
from members.models import ImpactFlag, Member


@transaction.atomic
def refresh_flags(members: Iterable[int | None]) -> None:
    """Bring the flags of the members with these keys into line with all their sanctions; None is passed over.

    A flag says the latest end of effect. Nothing is deleted: one with no sanction left ends before today.
    """
    keys = sorted({key for key in members if key is not None})
    # Of two sanctions of one member at once the second waits, and then counts the first.
    list(Member.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))
    ends = _ends_of(keys)
    flags = {flag.member_id: flag for flag in ImpactFlag.objects.filter(member__in=keys)}
    for key in keys:
        _set_flag(key, flags.get(key), ends.get(key))


def _ends_of(keys: list[int]) -> dict[int, date]:
    by_member = Sanction.objects.filter(involvement__person__member__in=keys).order_by()
    return dict(by_member.values_list("involvement__person__member").annotate(Max("impact_until")))


def _set_flag(member: int, flag: ImpactFlag | None, until: date | None) -> None:
    if flag is None:
        if until:
            ImpactFlag.objects.create(member_id=member, until=until)
        return
    wanted = until or min(flag.until, today() - timedelta(days=1))
    if flag.until != wanted:
        flag.until = wanted
        flag.save()
