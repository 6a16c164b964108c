"""Receipts carry a signature, so that a printed or exported one can be checked later."""

from typing import Any

from django.core.signing import BadSignature, Signer

from visits.services.drafts import canonical

SIGNATURE = "signature"
SIGNER = Signer(salt="receipt")


def signed(facts: dict[str, Any]) -> dict[str, Any]:
    """Return a receipt of ``facts`` with its signature."""
    return facts | {SIGNATURE: SIGNER.signature(canonical(facts))}


def is_genuine(receipt: dict[str, Any]) -> bool:
    """Say whether the portal signed the receipt as it stands; also with a key that was replaced since."""
    facts = {name: value for name, value in receipt.items() if name != SIGNATURE}
    try:
        SIGNER.unsign(f"{canonical(facts)}{SIGNER.sep}{receipt.get(SIGNATURE, '')}")
    except BadSignature:
        return False
    return True
