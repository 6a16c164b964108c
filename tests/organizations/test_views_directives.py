"""Documents to sign: who sees which, and who signs."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chishang.core.dates import in_words, today
from organizations.enums import DutyCode
from organizations.models import Directive, DirectiveReceipt, Organization
from tests.factories import Town, appoint

SECRETARY = DutyCode.BRANCH_SECRETARY
LIST = "/directives/"


@pytest.fixture
def secretary(client: Client, town: Town) -> Client:
    client.force_login(town.people[SECRETARY])
    return client


def issue(branch: Organization, number: int = 4, issued_on: date = date(2017, 3, 1)) -> DirectiveReceipt:
    """A document for the branch, not yet signed."""
    directive, _ = Directive.objects.get_or_create(
        number=f"池发〔2017〕{number}号", defaults={"title": f"第{number}号通知", "issued_on": issued_on}
    )
    return DirectiveReceipt.objects.create(directive=directive, organization=branch, issued_on=issued_on)


def sign(client: Client, receipt: DirectiveReceipt) -> Any:
    return client.post(reverse("sign_directive", args=[receipt.pk]))


def test_directives_list_the_own_ones_unsigned_first_then_the_newest(secretary: Client, town: Town) -> None:
    signed = issue(town.own.branch, 9, date(2017, 9, 1))
    old, new = issue(town.own.branch, 4), issue(town.own.branch, 5, date(2017, 4, 1))
    hidden = issue(town.foreign.branch, 6)
    sign(secretary, signed)

    response = secretary.get(LIST)

    assert list(response.context["page"]) == [new, old, signed]
    assert hidden.directive.title not in response.text
    assert "2 份文件等您签收" in response.text
    assert response.text.count('<button class="button" aria-label="签收') == 2
    assert f"{in_words(today())}，{town.people[SECRETARY].name}" in response.text


def test_directive_is_signed_with_one_press(secretary: Client, town: Town) -> None:
    receipt = issue(town.own.branch)

    response = secretary.post(reverse("sign_directive", args=[receipt.pk]), follow=True)

    receipt.refresh_from_db()
    assert (receipt.signed_on, receipt.signed_by) == (today(), town.people[SECRETARY])
    assert "池发〔2017〕4号已签收" in response.text
    assert "没有等您签收的文件" in response.text


def test_signing_twice_keeps_the_first_signer(secretary: Client, town: Town) -> None:
    receipt, other = issue(town.own.branch), Client()
    appoint(town.people[DutyCode.ACCOUNTANT], SECRETARY, town.own.branch)
    other.force_login(town.people[DutyCode.ACCOUNTANT])

    answers = [sign(one, receipt).status_code for one in (secretary, secretary, other)]

    receipt.refresh_from_db()
    assert (answers, receipt.signed_by) == ([302] * 3, town.people[SECRETARY])


@pytest.mark.parametrize(
    "duty", [DutyCode.FIRST_SECRETARY, DutyCode.AREA_LEADER, DutyCode.OFFICE_CLERK, DutyCode.DISCIPLINE_CLERK]
)
def test_directive_is_only_read_by_those_who_do_not_sign(client: Client, town: Town, duty: DutyCode) -> None:
    receipt = issue(town.own.branch)
    client.force_login(town.people[duty])

    page, answer = client.get(LIST), sign(client, receipt)

    assert receipt in page.context["page"]
    assert "还没有签收" in page.text
    assert 'aria-label="签收' not in page.text
    assert answer.status_code == 403
    receipt.refresh_from_db()
    assert receipt.signed_on is None


def test_directive_of_another_branch_looks_like_one_that_does_not_exist(secretary: Client, town: Town) -> None:
    foreign = issue(town.foreign.branch)

    hidden, missing = sign(secretary, foreign), secretary.post(reverse("sign_directive", args=[987654321]))

    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.content == missing.content
    foreign.refresh_from_db()
    assert foreign.signed_on is None


def test_directive_may_be_signed_only_in_the_branch_where_one_is_secretary(client: Client, town: Town) -> None:
    """Sees both branches by one duty, signs in one by another: the right of one duty stays at its place."""
    user = town.people[DutyCode.OFFICE_CLERK]
    appoint(user, SECRETARY, town.own.branch)
    own, foreign = issue(town.own.branch), issue(town.foreign.branch)
    client.force_login(user)

    page = client.get(LIST)

    assert page.context["may_sign"] == {own.pk}
    assert (sign(client, own).status_code, sign(client, foreign).status_code) == (302, 403)


def test_directive_of_tomorrow_is_refused_with_its_reason(secretary: Client, town: Town) -> None:
    receipt = issue(town.own.branch, issued_on=today() + timedelta(days=1))

    response = sign(secretary, receipt)

    assert response.status_code == 422
    assert "签收日期不能早于印发日期。" in response.text
    receipt.refresh_from_db()
    assert receipt.signed_on is None


def test_signing_takes_a_post_and_a_token(secretary: Client, town: Town) -> None:
    receipt, forged = issue(town.own.branch), Client(enforce_csrf_checks=True)
    forged.force_login(town.people[SECRETARY])

    assert secretary.get(reverse("sign_directive", args=[receipt.pk])).status_code == 405
    assert sign(forged, receipt).status_code == 403
    receipt.refresh_from_db()
    assert receipt.signed_on is None


def test_directives_ask_the_anonymous_to_sign_in_and_refuse_the_agent(client: Client, town: Town) -> None:
    assert client.get(LIST).url == f"{reverse('login')}?next={LIST}"
    client.force_login(town.people[DutyCode.VILLAGE_AGENT])
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_directives_take_as_many_queries_for_three_rows_as_for_one(
    secretary: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    for number in range(rows):
        issue(town.own.branch, number)

    with django_assert_num_queries(15):
        secretary.get(LIST)
