"""Names and reasons at rest: encrypted for their row under the keys of this office, which no other app reads."""

from typing import Any
from uuid import uuid4

from django.db import models

from chishang.core.encryption import Keyring, keyring
from chishang.core.text import clean_name

MASK = "某"
SHORT = 2
MASKED_ENDINGS = ("某", "某某", "某甲", "某乙", "某丙", "某丁")
"""How ledgers write a name that they do not give: 孙某, 孙某某, 邹某甲."""


def confidential_keys() -> Keyring:
    """Return the keys of the discipline registers."""
    return keyring("CONFIDENTIAL_KEY_FILE")


def name_index(name: str) -> str:
    """Return the index by which a person's name is found."""
    return confidential_keys().blind_index(clean_name(name), purpose="name")


def indexes_meaning(name: str) -> list[str]:
    """Return the indexes of every way to write the name of one person: whole, and masked as ledgers do."""
    whole = clean_name(name)
    if not whole:
        return []
    # Of three characters and more the first two may be the surname (欧阳).
    surnames = {whole[:1], whole[:2]} if len(whole) > SHORT else {whole[:1]}
    masked_forms = {surname + ending for surname in surnames for ending in MASKED_ENDINGS}
    return [name_index(text) for text in sorted({whole} | masked_forms)]


def masked(name: str) -> str:
    """Return a name as lists show it: 孙某某; one that is masked already stays."""
    return name if MASK in name else name[:1] + MASK * max(len(name) - 1, 1)


class SealedText:
    """A text of a row, stored encrypted in the column ``<name>_cipher``; read and written as plain text.

    ``label`` is what people call it; at most ``limit`` characters; ``required`` ones may not be empty in a form.
    """

    def __init__(self, label: str, *, limit: int = 200, required: bool = False) -> None:
        self.label, self.limit, self.required = label, limit, required

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        """Return the text, empty when there is none; raise DecryptionError when it was moved or changed."""
        if row is None:
            return self
        stored = getattr(row, f"{self.name}_cipher")
        return confidential_keys().decrypt(stored, place=self.place(row)) if stored else ""

    def __set__(self, row: Any, text: str) -> None:
        """Encrypt the text for this row."""
        sealed = confidential_keys().encrypt(text, place=self.place(row)) if text else None
        setattr(row, f"{self.name}_cipher", sealed)

    def place(self, row: Any) -> str:
        """Return the place where alone the text can be decrypted."""
        return f"{row._meta.db_table}.{self.name}|{row.uid}"


class SealedModel(models.Model):
    """A row with sealed texts. Its ``uid`` never changes, and is a part of what they are encrypted for."""

    hidden_from_history = ("uid", "name_index")

    uid = models.UUIDField("内部标识", default=uuid4, unique=True, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def sealed_texts(cls) -> list[SealedText]:
        """Return the sealed texts of the model, in the order of their declaration."""
        return [value for value in vars(cls).values() if isinstance(value, SealedText)]


def cipher(label: str) -> Any:
    """Return the column of a sealed text."""
    return models.BinaryField(f"{label}（加密）", null=True, editable=False)
