"""ID numbers at rest: nowhere in a dump, bound to their row, and under the newest key after ``reencrypt``."""

from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from chishang.core.encryption import DecryptionError, add_key, key_number, keyring
from deploy.backup import _run
from members.models import Member
from members.services import correct_member, register_member
from tests.factories import OrganizationFactory
from tests.members.books import id_number


def make_member(number: str, name: str = "赵东强") -> Member:
    member = Member(name=name, sex="1", branch=OrganizationFactory(), joined_on=date(1995, 6, 1))
    return register_member(actor=None, member=member, id_number=number)


@pytest.mark.django_db(transaction=True)
def test_dump_contains_no_plain_number() -> None:
    number, corrected = id_number(), id_number()
    member = make_member(number)
    correct_member(actor=None, member=member, id_number=corrected)
    names = ("host", "port", "user", "password", "dbname")
    database = {name: value for name, value in connection.get_connection_params().items() if name in names}
    text = _run("pg_dump", database, "--format=plain", "--inserts")
    assert member.id_number_index in text, "the dump has the row"
    assert member.name in text
    for plain in (number, corrected):
        assert plain not in text
        assert plain[6:] not in text
        assert plain.encode().hex() not in text


def test_number_opens_in_its_own_row_only(db: None) -> None:
    one, other = make_member(id_number()), make_member(id_number(), "钱西明")
    one.id_number_cipher = other.id_number_cipher
    one.save()
    one.refresh_from_db()
    with pytest.raises(DecryptionError):
        one.read_id_number()


@pytest.fixture
def second_key(tmp_path: Path, settings: Any) -> Iterator[None]:
    """The key file of the portal with one key more."""
    file = tmp_path / "keys"
    file.write_text(Path(settings.KEY_FILE).read_text())
    add_key(file)
    settings.KEY_FILE = file
    keyring.cache_clear()
    yield
    keyring.cache_clear()


def test_reencrypt_brings_numbers_under_the_newest_key(db: None, request: pytest.FixtureRequest) -> None:
    number = id_number()
    member = make_member(number)
    broken = make_member(id_number(), "钱西明")
    Member.objects.filter(pk=broken.pk).update(id_number_cipher=member.id_number_cipher)
    request.getfixturevalue("second_key")
    out, err = StringIO(), StringIO()
    call_command("reencrypt", stdout=out, stderr=err)
    member.refresh_from_db()
    assert (key_number(member.id_number_cipher), member.read_id_number()) == (2, number)
    assert "党员：改用新密钥 1 条" in out.getvalue()
    assert f"读不出的编号 {broken.pk}" in err.getvalue()
    again = StringIO()
    call_command("reencrypt", stdout=again, stderr=StringIO())
    assert "党员：改用新密钥 0 条" in again.getvalue()
