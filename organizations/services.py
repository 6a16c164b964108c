"""Writes of the organizations app: keys, one-time codes, who may appoint whom, the journal, directives."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from axes.utils import reset as lift_lock
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chishang.core.dates import in_words, refuse_future, today
from organizations.enums import JournalAction
from organizations.models import ApiKey, Directive, DirectiveReceipt, Duty, JournalEntry, Organization, User
from organizations.permissions import may_grant, opens_confidential

MAX_KEY_LIFE = timedelta(days=366)
USE_NOTED_EVERY = timedelta(minutes=1)


def issue_api_key(*, actor: User | None, user: User, name: str, expires_at: datetime) -> tuple[ApiKey, str]:
    """Store a key for ``user`` and return it with its text, which is shown this once and kept only as a hash.

    The secret has 256 random bits, so a fast hash is enough; a slow one would only help to tie up the server.
    """
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    key = ApiKey(
        user=user,
        name=name,
        prefix=prefix,
        secret_hash=_hash(secret),
        created_by=actor,
        expires_at=min(expires_at, timezone.now() + MAX_KEY_LIFE),
    )
    key.full_clean()
    key.save()
    return key, f"{prefix}.{secret}"


def revoke_api_key(*, actor: User, key: ApiKey) -> None:
    """End a key at once; revoking twice changes nothing."""
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])


def find_api_key(text: str) -> ApiKey | None:
    """Return the key in force with this text and an active account, or None; notes its use once a minute."""
    prefix, _, secret = text.partition(".")
    known = ApiKey.objects.select_related("user").filter(prefix=prefix) if prefix.isalnum() else ApiKey.objects.none()
    key = known.first()
    matches = secrets.compare_digest(key.secret_hash if key else _hash(""), _hash(secret))
    now = timezone.now()
    if key is None or not matches or key.revoked_at or key.expires_at <= now or not key.user.is_active:
        return None
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    return key


def set_one_time_code(*, actor: User, user: User) -> str:
    """Give an account a new random password, to be printed and handed over; return it. It is shown this once.

    Three groups of four letters and digits that cannot be mistaken for one another; sessions of the old password end.
    """
    alphabet = "23456789abcdefghjkmnpqrstuvwxyz"
    code = "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(3))
    user.set_password(code)
    user.save(update_fields=["password"])
    lift_lock(username=user.username)  # whoever forgot the old one has mostly locked himself out with it
    return code


def check_appointment(*, actor: User, user: User, duty: Duty) -> None:
    """Refuse to appoint oneself, or to a duty with more rights over rights than ``actor`` has (ValidationError)."""
    own = user.pk == actor.pk
    if actor.is_superuser and not (own and opens_confidential(duty)):
        return
    if own:
        raise ValidationError({"duty": "不能办理自己的任职，请由另一位同事或系统管理员办理。"})
    if not may_grant(actor, duty):
        raise ValidationError({"duty": f"“{duty}”可以管理账号或权限，或者查阅涉密登记簿，请由系统管理员任命。"})


def write_journal(
    *, actor: User, action: JournalAction, subject: str, reason: str = "", organization_id: int | None = None
) -> JournalEntry:
    """Note in the journal that ``actor`` looked at or took something; the entry is never changed."""
    return JournalEntry.objects.create(
        user=actor, action=action, subject=subject, reason=reason, organization_id=organization_id
    )


@transaction.atomic
def sign_directive(*, actor: User, receipt: DirectiveReceipt) -> DirectiveReceipt:
    """Sign for a document on behalf of its branch, today. Signing twice changes nothing and keeps the first signer."""
    locked = DirectiveReceipt.objects.select_for_update(of=("self",)).get(pk=receipt.pk)
    if locked.signed_on is None:
        locked.signed_on, locked.signed_by = today(), actor
        locked.full_clean()
        locked.save(update_fields=["signed_on", "signed_by"])
    return locked


@transaction.atomic
def issue_directive(*, actor: User, directive: Directive, branches: Iterable[Organization]) -> int:
    """Send a document to ``branches``; return how many did not have it yet. Those that had it keep their receipt."""
    receipts = [
        DirectiveReceipt(directive=directive, organization=branch, issued_on=directive.issued_on)
        for branch in branches
    ]
    before = directive.receipts.count()
    DirectiveReceipt.objects.bulk_create(receipts, ignore_conflicts=True)
    return directive.receipts.count() - before


def check_directive(directive: Directive) -> None:
    """Raise ValidationError for a document dated in the future, or later than a branch signed for it."""
    refuse_future(directive, "issued_on")
    if directive.pk and directive.issued_on:
        early = directive.receipts.filter(signed_on__lt=directive.issued_on).count()
        if early:
            raise ValidationError(
                {"issued_on": f"有 {early} 个党支部在这一天以前已经签收，请核对印发日期，或先更正签收日期。"}
            )


def redate_receipts(*, actor: User, directive: Directive) -> int:
    """Carry the corrected date of a (checked) document to its receipts; return how many changed."""
    stale = directive.receipts.exclude(issued_on=directive.issued_on)
    return int(stale.update(issued_on=directive.issued_on))


def check_receipt(receipt: DirectiveReceipt) -> None:
    """Raise ValidationError for a day of signing in the future or before the document; no day means no signer."""
    refuse_future(receipt, "signed_on")
    if receipt.signed_on is None:
        receipt.signed_by = None
    elif receipt.issued_on and receipt.signed_on < receipt.issued_on:
        raise ValidationError({"signed_on": f"签收日期不能早于印发日期（{in_words(receipt.issued_on)}）。"})


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
