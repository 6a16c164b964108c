"""API keys and one-time codes."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.test import Client, RequestFactory
from django.utils import timezone

from organizations.enums import DutyCode
from organizations.models import ApiKey
from organizations.services import find_api_key, issue_api_key, revoke_api_key, set_one_time_code
from tests.factories import Town


@pytest.fixture
def key(town: Town) -> tuple[ApiKey, str]:
    return issue_api_key(
        actor=town.people[DutyCode.SYSTEM_ADMINISTRATOR],
        user=town.people[DutyCode.DISTRICT_CLIENT],
        name="区级接口",
        expires_at=timezone.now() + timedelta(days=30),
    )


def test_key_is_found_by_its_text_and_stored_only_as_a_hash(key: tuple[ApiKey, str]) -> None:
    stored, text = key
    assert find_api_key(text) == stored
    secret = text.partition(".")[2]
    assert secret not in str(ApiKey.objects.filter(pk=stored.pk).values())


def test_key_with_a_wrong_secret_or_prefix_is_not_found(key: tuple[ApiKey, str]) -> None:
    _, text = key
    prefix, _, secret = text.partition(".")
    for wrong in ("", prefix, f"{prefix}.", f"{prefix}.{secret[:-1]}", f"00000000.{secret}", secret, "\0.\0"):
        assert find_api_key(wrong) is None, wrong


def test_key_ends_when_revoked_expired_or_its_account_is_stopped(key: tuple[ApiKey, str], town: Town) -> None:
    stored, text = key
    stored.user.is_active = False
    stored.user.save()
    assert find_api_key(text) is None
    stored.user.is_active = True
    stored.user.save()
    ApiKey.objects.filter(pk=stored.pk).update(expires_at=timezone.now(), created_at=timezone.now() - timedelta(1))
    assert find_api_key(text) is None
    ApiKey.objects.filter(pk=stored.pk).update(expires_at=timezone.now() + timedelta(1))
    assert find_api_key(text) == stored
    revoke_api_key(actor=town.people[DutyCode.SYSTEM_ADMINISTRATOR], key=stored)
    assert find_api_key(text) is None


def test_key_lives_a_year_at_most(town: Town) -> None:
    stored, _ = issue_api_key(
        actor=None,
        user=town.people[DutyCode.DISTRICT_CLIENT],
        name="长期",
        expires_at=timezone.now() + timedelta(days=4000),
    )
    assert stored.expires_at <= timezone.now() + timedelta(days=366)


def test_one_time_code_lifts_the_lock(client: Client, town: Town) -> None:
    user = town.people[DutyCode.BRANCH_SECRETARY]
    for _ in range(6):
        client.post("/accounts/login/", {"username": user.username, "password": "wrong"})
    code = set_one_time_code(actor=town.people[DutyCode.SYSTEM_ADMINISTRATOR], user=user)
    answer = client.post("/accounts/login/", {"username": user.username, "password": code})
    assert answer.status_code == 302


def test_one_time_code_signs_in_and_is_never_the_same(town: Town) -> None:
    user = town.people[DutyCode.BRANCH_SECRETARY]
    actor = town.people[DutyCode.SYSTEM_ADMINISTRATOR]
    first, second = (set_one_time_code(actor=actor, user=user) for _ in range(2))
    request = RequestFactory().post("/accounts/login/")
    assert first != second
    assert authenticate(request, username=user.username, password=first) is None
    assert authenticate(request, username=user.username, password=second) == user
