"""Clients of the API for tests."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from organizations.models import User
from organizations.services import issue_api_key


def api_client(user: User | None, **options: Any) -> Client:
    """A client signed in by session as ``user`` (None: anonymous)."""
    client = Client(**options)
    if user is not None:
        client.force_login(user)
    return client


def key_headers(user: User, **life: Any) -> dict[str, str]:
    """The header of a fresh API key of ``user``."""
    expires_at = timezone.now() + timedelta(**(life or {"days": 30}))
    _, text = issue_api_key(actor=None, user=user, name="测试", expires_at=expires_at)
    return {"Authorization": f"Api-Key {text}"}


def keys_of(client: Client, address: str) -> list[int]:
    """The ids of all rows of a list, page after page."""
    found: list[int] = []
    following: str | None = address
    while following:
        body = client.get(following).json()
        found += [row["id"] for row in body["results"]]
        following = body["next"]
    return found
