"""Granting an honour to a person of the talent register."""

from django.core.exceptions import ValidationError
from django.db import transaction

from chishang.core.dates import today
from members.models import Honour, Talent
from organizations.models import User

GRANT = "members.add_honour"


@transaction.atomic
def grant_honour(*, actor: User, talent_id: int, honour: Honour) -> Honour:
    """Store an unsaved ``honour`` for a person of the talent register where ``actor`` may; return it.

    Raises ValidationError by field: for a person whom the actor does not look after, a day in the future, or an
    honour that is stored already.
    """
    # The lock lets a second press wait for the first one, and then find what it stored.
    rows = Talent.objects.visible_to(actor, GRANT).select_for_update(of=("self",), no_key=True)
    talent = rows.filter(pk=talent_id).first()
    if talent is None:
        raise ValidationError({"talent": "人才库里没有这个人，或者不归您管，请核对编号。"})
    if honour.granted_on > today():
        raise ValidationError({"granted_on": "授予日期不能晚于今天。"})
    honour.talent = talent
    honour.full_clean()
    honour.save()
    return honour
