"""What people typed, before it is stored; the same words have the same digest on the phone and on the server."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from visits.enums import Urgency

FIRST_YEAR, LAST_YEAR = 2000, 2100


def canonical(content: Any) -> str:
    """Return ``content`` as JSON with sorted keys and no spaces, as ``outbox.js`` writes it."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), cls=DjangoJSONEncoder)


def digest_of(content: Any) -> str:
    """Return the SHA-256 (hexadecimal) of the canonical JSON: whatever the order of keys, the same content has one."""
    return hashlib.sha256(canonical(content).encode("utf-8", errors="surrogatepass")).hexdigest()


def key_of(value: Any) -> int | None:
    """Return what a phone wrote for a key, when it can be one; ``true`` is none."""
    return value if type(value) is int and 0 < value < 1 << 63 else None


def believable(time: datetime | None) -> datetime | None:
    """Return the time by a phone's clock; None where the clock was not set at all."""
    return time if time and FIRST_YEAR <= time.year < LAST_YEAR else None


@dataclass(frozen=True)
class IssueDraft:
    """An issue as typed: category key, description (at most 500 characters), urgency."""

    category_id: int
    description: str
    urgency: str = Urgency.NORMAL


@dataclass(frozen=True)
class VisitDraft:
    """A visit as typed. ``visitor_id`` is the account's own when not given; ``campaign_id`` the newest one running."""

    household_id: int
    visited_on: date
    content: str = ""
    companions: str = ""
    remark: str = ""
    visitor_id: int | None = None
    campaign_id: int | None = None
    issues: list[IssueDraft] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    """SHA-256 of each photo, which is sent by itself."""

    def as_payload(self) -> dict[str, Any]:
        """Return it as JSON-able data, as a phone sends it."""
        return json.loads(canonical(asdict(self)))

    @property
    def sha256(self) -> str:
        """Digest of the whole content; the same draft always has the same."""
        return digest_of(asdict(self))
