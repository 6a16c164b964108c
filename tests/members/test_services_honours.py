"""Granting an honour: where one may, not in the future, once."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from chishang.core.dates import today
from members.enums import HonourLevel
from members.models import Honour, Talent
from members.services import grant_honour
from organizations.enums import DutyCode
from tests.factories import Town, appoint
from tests.registers import fill_registers


@pytest.fixture
def talent(town: Town) -> Talent:
    return fill_registers(town.own, town.people[DutyCode.OFFICE_CLERK])["talent"]


def honour(granted_on: date) -> Honour:
    return Honour(title="优秀党务工作者", level=HonourLevel.TOWN, granted_by="镇党委", granted_on=granted_on)


def test_honour_of_today_is_granted_and_one_of_tomorrow_is_not(town: Town, talent: Talent) -> None:
    clerk = town.people[DutyCode.OFFICE_CLERK]

    stored = grant_honour(actor=clerk, talent_id=talent.pk, honour=honour(today()))
    with pytest.raises(ValidationError) as refused:
        grant_honour(actor=clerk, talent_id=talent.pk, honour=honour(today() + timedelta(days=1)))

    assert refused.value.message_dict == {"granted_on": ["授予日期不能晚于今天。"]}
    assert list(Honour.objects.filter(title=stored.title)) == [stored]
    assert stored.talent == talent


def test_honour_is_granted_once(town: Town, talent: Talent) -> None:
    clerk = town.people[DutyCode.OFFICE_CLERK]
    grant_honour(actor=clerk, talent_id=talent.pk, honour=honour(today()))

    with pytest.raises(ValidationError, match="这项荣誉已经登记"):
        grant_honour(actor=clerk, talent_id=talent.pk, honour=honour(today()))


def test_honour_for_somebody_of_another_village_is_refused_like_for_nobody(town: Town, talent: Talent) -> None:
    elsewhere = town.people[DutyCode.VILLAGE_AGENT]
    appoint(elsewhere, DutyCode.OFFICE_CLERK, town.foreign.branch)

    messages = []
    for key in (talent.pk, 10**9):
        with pytest.raises(ValidationError) as refused:
            grant_honour(actor=elsewhere, talent_id=key, honour=honour(today()))
        messages.append(refused.value.message_dict)

    assert messages[0] == messages[1]
    assert list(messages[0]) == ["talent"]
