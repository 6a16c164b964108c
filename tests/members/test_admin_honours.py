"""Talents and honours in the admin."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from chishang.core.dates import Precision, today
from members.models import Honour, Talent
from tests.factories import Town
from tests.members.life import make_member
from tests.members.test_admin_life import CLERK, LISTS, errors_of, make_talent
from tests.organizations.test_admin import sign_in


@pytest.fixture
def clerk(client: Client, town: Town) -> Client:
    return sign_in(client, town, CLERK)


NO_HONOURS = {"honours-TOTAL_FORMS": 0, "honours-INITIAL_FORMS": 0}


def talent_form(town: Town, **values: Any) -> dict[str, Any]:
    return {"name": "赵东", "kind": "role_model", "village": town.own.pk, "recorded_on": "2017-03", **values}


def test_talent_is_dated_to_the_month_and_linked(clerk: Client, town: Town) -> None:
    member = make_member(town.own.branch, "赵东")
    assert clerk.post(f"{LISTS}talent/add/", talent_form(town) | NO_HONOURS).status_code == 302
    talent = Talent.objects.get()
    assert (talent.recorded_on, talent.recorded_precision) == (date(2017, 3, 1), Precision.MONTH)
    assert talent.member == member
    page = clerk.get(f"{LISTS}talent/{talent.pk}/change/").content.decode()
    assert 'value="2017-03"' in page
    assert "2017年3月" in clerk.get(f"{LISTS}talent/").content.decode()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"recorded_on": "2017-02-30"}, "不是存在的日期"),
        ({"recorded_on": "2099"}, "登记日期不能晚于今天"),
        ({"recorded_on": ""}, "必填"),
    ],
)
def test_wrong_talent_is_told_and_not_stored(clerk: Client, town: Town, values: dict[str, Any], message: str) -> None:
    answer = clerk.post(f"{LISTS}talent/add/", talent_form(town, **values) | NO_HONOURS)
    assert message in errors_of(answer)
    assert not Talent.objects.exists()


def test_talent_comes_with_honours(clerk: Client, town: Town) -> None:
    rows = {"title": "齐鲁乡村之星", "level": "province", "granted_by": "省委组织部", "granted_on": "2016"}
    data = {f"honours-0-{name}": value for name, value in rows.items()}
    data |= {"honours-TOTAL_FORMS": 1, "honours-INITIAL_FORMS": 0}
    assert clerk.post(f"{LISTS}talent/add/", talent_form(town) | data).status_code == 302
    honour = Honour.objects.get()
    assert (honour.granted_on, honour.granted_precision) == (date(2016, 1, 1), Precision.YEAR)
    assert "2016年" in clerk.get(f"{LISTS}honour/").content.decode()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"granted_on": "2099-01-01"}, "授予日期不能晚于今天"),
        ({"revoked_on": "2015-01-01"}, "撤销日期不能早于授予日期"),
        ({"revoked_on": (today() + timedelta(days=1)).isoformat()}, "撤销日期不能晚于今天"),
    ],
)
def test_wrong_honour_is_told_and_not_stored(clerk: Client, town: Town, values: dict[str, Any], message: str) -> None:
    row = {"talent": make_talent(town).pk, "title": "先进", "level": "town", "granted_by": "镇党委"}
    answer = clerk.post(f"{LISTS}honour/add/", row | {"granted_on": "2016-07-01"} | values)
    assert message in errors_of(answer)
    assert not Honour.objects.exists()
