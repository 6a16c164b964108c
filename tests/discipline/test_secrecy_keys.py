"""The keys of the discipline office: a file of their own, renewed without a stop; what a swapped text looks like."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from chishang.core.encryption import DecryptionError, add_key, key_number, keyring
from deploy.backup import _run
from discipline.management.commands import reencrypt_confidential
from discipline.models import Person, Petition, Sanction
from discipline.models.sealed import SealedModel
from organizations.enums import DutyCode as D
from tests.discipline.pages import PEOPLE, sign_in
from tests.discipline.planted import SEALED, Planted, plant
from tests.discipline.records import make_person, make_petition
from tests.factories import Town, build_town
from tests.members.life import make_member

MODELS = ("person", "criticism", "petition", "lead", "case", "sanction")


@pytest.fixture
def planted(town: Town) -> Planted:
    member = make_member(town.own.branch, "赵东强")
    return plant(town, member, [town.people[D.DISCIPLINE_HEAD]])


@pytest.fixture
def second_key(tmp_path: Path, settings: Any) -> Iterator[None]:
    """The office's key file with one key more; what was stored before lies under the first."""
    file = tmp_path / "keys-confidential"
    file.write_text(Path(settings.CONFIDENTIAL_KEY_FILE).read_text())
    add_key(file)
    settings.CONFIDENTIAL_KEY_FILE = file
    keyring.cache_clear()
    yield
    keyring.cache_clear()


def renew() -> str:
    out = StringIO()
    call_command("reencrypt_confidential", stdout=out, stderr=StringIO())
    return out.getvalue()


def numbers(row: Any) -> set[int]:
    """The numbers of the keys under which the texts of a row lie."""
    row.refresh_from_db()
    ciphers = [getattr(row, f"{sealed.name}_cipher") for sealed in row.sealed_texts()]
    return {key_number(cipher) for cipher in ciphers if cipher is not None}


def test_key_file_is_not_that_of_the_id_numbers(settings: Any) -> None:
    assert Path(settings.CONFIDENTIAL_KEY_FILE) != Path(settings.KEY_FILE)
    assert keyring("CONFIDENTIAL_KEY_FILE").keys[1] != keyring("KEY_FILE").keys[1]
    assert keyring("CONFIDENTIAL_KEY_FILE").index_key != keyring("KEY_FILE").index_key


def test_every_sealed_register_comes_under_the_newest_key(planted: Planted, second_key: None) -> None:
    assert all(numbers(planted.rows[name]) == {1} for name in MODELS)
    told = renew()
    for name in MODELS:
        row = planted.rows[name]
        assert numbers(row) == {2}, name
        assert {getattr(row, sealed.name) for sealed in row.sealed_texts()} == {SEALED}, name
        assert f"{row._meta.verbose_name}：改用新密钥 1 条" in told
    assert SEALED not in told
    assert "改用新密钥 1 条" not in renew(), "there is nothing left to do"


def test_no_sealed_register_is_forgotten(planted: Planted) -> None:
    assert {name for name, row in planted.rows.items() if isinstance(row, SealedModel)} == set(MODELS)


def test_it_goes_on_where_it_was_stopped(
    db: None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_petition("XF-9-1", result="属实"), make_petition("XF-9-2")
    request.getfixturevalue("second_key")
    monkeypatch.setattr(reencrypt_confidential, "BATCH", 1)
    renew_batch = reencrypt_confidential._renew

    def stopped(model: Any, keys: list[int], unreadable: list[int]) -> int:
        if keys == [second.pk] and model is Petition:
            raise KeyboardInterrupt
        return renew_batch(model, keys, unreadable)

    monkeypatch.setattr(reencrypt_confidential, "_renew", stopped)
    with pytest.raises(KeyboardInterrupt):
        renew()
    assert (numbers(first), numbers(second)) == ({2}, {1})
    monkeypatch.setattr(reencrypt_confidential, "_renew", renew_batch)
    renew()
    assert numbers(second) == {2}


def test_unreadable_row_is_named_and_left_alone(planted: Planted, second_key: None) -> None:
    person = make_person("方明远", unit="外村")
    swapped = bytes(planted.rows["person"].name_cipher)
    Person.objects.filter(pk=person.pk).update(name_cipher=swapped)
    err = StringIO()
    with pytest.raises(CommandError, match="有读不出的记录"):
        call_command("reencrypt_confidential", stdout=StringIO(), stderr=err)
    assert f"涉及人员：读不出的编号 {person.pk}" in err.getvalue()
    assert numbers(planted.rows["person"]) == {2}
    person.refresh_from_db()
    assert bytes(person.name_cipher) == swapped


@pytest.mark.parametrize("path", ["", "{pk}/change/"])
def test_swapped_text_raises_and_the_page_says_so_calmly(
    client: Client, town: Town, planted: Planted, path: str
) -> None:
    one, other = make_person("方明远", unit="外村"), make_person("乔守信", unit="外村")
    Person.objects.filter(pk=one.pk).update(name_cipher=other.name_cipher)
    with pytest.raises(DecryptionError):
        _ = Person.objects.get(pk=one.pk).name
    address = PEOPLE + path.format(pk=one.pk)
    sign_in(client, town.people[D.DISCIPLINE_CLERK])
    answer = client.post(address, {"purpose": "核对登记情况"}, follow=True) if path else client.get(address)
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "解不开" in page
    assert "系统管理员" in page
    assert "乔守信" not in page
    assert "Traceback" not in page


def test_swap_between_columns_of_one_row_raises(planted: Planted) -> None:
    petition = planted.rows["petition"]
    Petition.objects.filter(pk=petition.pk).update(result_cipher=petition.summary_cipher)
    with pytest.raises(DecryptionError):
        _ = Petition.objects.get(pk=petition.pk).result
    assert Sanction.objects.get(pk=planted.rows["sanction"].pk).grounds == SEALED


@pytest.mark.django_db(transaction=True)
def test_dump_holds_no_sealed_text() -> None:
    town = build_town()
    planted = plant(town, make_member(town.own.branch, "赵东强"), [town.people[D.DISCIPLINE_HEAD]])
    planted.rows["person"].unit = "改过的单位"
    planted.rows["person"].save()  # so that the history has it twice
    names = ("host", "port", "user", "password", "dbname")
    database = {name: value for name, value in connection.get_connection_params().items() if name in names}
    text = _run("pg_dump", database, "--format=plain", "--inserts")
    assert planted.rows["person"].name_index in text, "the dump has the rows"
    assert "改过的单位" in text
    for plain in (SEALED, SEALED[1:], "青冥", "Wk3ming", SEALED.encode().hex(), "青冥".encode().hex()):
        assert plain not in text
