"""How an ID number lies in a table: encrypted for its row, and found by a keyed index."""

from typing import Any, ClassVar
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models

from chishang.core.encryption import keyring
from chishang.core.id_numbers import parse_id_number

SHOWN = 6
"""The first six digits say the county and nothing of the person; the last four beside a birth date say all."""
TAKEN = "该身份证号码已经登记过，请核对号码，或与镇党建办联系。"
"""Whose it is, is nobody's business who may not see that branch."""


def id_number_index(text: str) -> str:
    """Return the index by which a (checked) ID number is found."""
    return keyring().blind_index(text, purpose="id_number")


class IdNumberHolder(models.Model):
    """A row of a person with an ID number. Only ``reveal_id_number`` (services) shows it whole."""

    hidden_from_history: ClassVar[tuple[str, ...]] = ("uid", "id_number_index")
    """Columns that mean nothing to people: the history page says only that the (encrypted) number changed."""

    uid = models.UUIDField("内部标识", default=uuid4, unique=True, editable=False)
    id_number_cipher = models.BinaryField("公民身份号码（加密）", null=True, editable=False)
    id_number_index = models.CharField(
        "公民身份号码索引",
        max_length=64,
        unique=True,
        null=True,
        editable=False,
        error_messages={"unique": TAKEN},
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Say in plain words that the number was taken meanwhile: the database's own words would hold the index."""
        try:
            super().save(*args, **kwargs)
        except IntegrityError as error:
            if self._guards_number(error):
                raise ValidationError({"id_number": TAKEN}) from None
            raise

    def set_id_number(self, text: str) -> None:
        """Store the number, or none when ``text`` is blank; raise ValueError when it does not pass the check."""
        number = parse_id_number(text).text if text else ""
        self.id_number_cipher = self.seal(self.uid, number) if number else None
        self.id_number_index = id_number_index(number) if number else None

    def read_id_number(self) -> str:
        """Return the whole number, empty when there is none; raise DecryptionError when it was tampered with."""
        if self.id_number_cipher is None:
            return ""
        return keyring().decrypt(self.id_number_cipher, place=self._place(self.uid))

    @property
    def has_id_number(self) -> bool:
        """Whether a checked number is stored."""
        return self.id_number_index is not None

    @property
    def id_number_beginning(self) -> str:
        """The first six digits, for the page of the row; empty when there is no number."""
        return self.read_id_number()[:SHOWN]

    @classmethod
    def _guards_number(cls, error: IntegrityError) -> bool:
        """Say whether the constraint that refused keeps one row from having another one's number."""
        diagnosis = getattr(error.__cause__, "diag", None)  # the driver's; absent where Django itself refused
        name = str(getattr(diagnosis, "constraint_name", ""))
        own = {one.name for one in cls._meta.constraints if getattr(one, "fields", ()) == ("id_number_index",)}
        return name in own or "_id_number_index_" in name

    @classmethod
    def holders(cls, index: str) -> models.QuerySet[Any]:
        """Return the rows beside which no other may have the number with this index."""
        rows: models.QuerySet[Any] = cls._default_manager.filter(id_number_index=index)
        return rows

    @classmethod
    def seal(cls, uid: object, number: str) -> bytes:
        """Return a checked number encrypted for the row with this ``uid``."""
        return keyring().encrypt(number, place=cls._place(uid))

    @classmethod
    def _place(cls, uid: object) -> str:
        return f"{cls._meta.db_table}.id_number|{uid}"
