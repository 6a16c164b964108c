"""Numbers at rest: what is stored tells nothing, opens only at its place, and survives a change of keys."""

from pathlib import Path

import pytest

from chishang.core.encryption import DecryptionError, KeyFileError, Keyring, add_key, key_number, make_key_file

PLACE = "members_member.id_number|7"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    make_key_file(path)
    return path


@pytest.fixture
def keys(file: Path) -> Keyring:
    return Keyring.read(file)


def test_text_comes_back_at_its_place(keys: Keyring) -> None:
    stored = keys.encrypt("370399197005060011", place=PLACE)
    assert b"370399" not in stored
    assert keys.decrypt(memoryview(stored), place=PLACE) == "370399197005060011"


def test_same_text_is_stored_differently_each_time(keys: Keyring) -> None:
    assert keys.encrypt("1", place=PLACE) != keys.encrypt("1", place=PLACE)


def test_another_rows_text_does_not_open(keys: Keyring) -> None:
    stored = keys.encrypt("1", place=PLACE)
    with pytest.raises(DecryptionError):
        keys.decrypt(stored, place="members_member.id_number|8")


@pytest.mark.parametrize("position", [0, 1, 2, 3, 14, 15, -1])
def test_one_changed_byte_does_not_open(keys: Keyring, position: int) -> None:
    stored = bytearray(keys.encrypt("370399197005060011", place=PLACE))
    stored[position] ^= 1
    with pytest.raises(DecryptionError):
        keys.decrypt(bytes(stored), place=PLACE)


def test_nothing_stored_does_not_open(keys: Keyring) -> None:
    with pytest.raises(DecryptionError):
        keys.decrypt(b"", place=PLACE)


def test_another_key_does_not_open(keys: Keyring, tmp_path: Path) -> None:
    make_key_file(tmp_path / "other")
    with pytest.raises(DecryptionError):
        Keyring.read(tmp_path / "other").decrypt(keys.encrypt("1", place=PLACE), place=PLACE)


def test_older_text_stays_readable_after_a_new_key(file: Path, keys: Keyring) -> None:
    old = keys.encrypt("1", place=PLACE)
    file.chmod(0o640)
    add_key(file)
    assert file.stat().st_mode & 0o777 == 0o640
    renewed = Keyring.read(file)
    assert renewed.decrypt(old, place=PLACE) == "1"
    assert (key_number(old), key_number(renewed.encrypt("1", place=PLACE))) == (1, 2)
    assert renewed.blind_index("1", purpose="id") == keys.blind_index("1", purpose="id")


def test_index_finds_equal_texts_of_one_purpose_only(keys: Keyring) -> None:
    index = keys.blind_index("370399197005060011", purpose="id_number")
    assert index == keys.blind_index("370399197005060011", purpose="id_number")
    assert index != keys.blind_index("370399197005060011", purpose="phone")
    assert index != keys.blind_index("370399197005060012", purpose="id_number")


def test_key_file_is_for_this_account_only_and_made_once(file: Path) -> None:
    before = file.read_text()
    make_key_file(file)
    assert file.read_text() == before
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["keys"]


@pytest.mark.parametrize("text", ["", "1 AAAA\nindex AAAA\n", "1\n", "index !!!\n", "x y z\n"])
def test_damaged_key_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys"
    path.write_text(text)
    with pytest.raises(KeyFileError, match="密钥文件已损坏"):
        Keyring.read(path)


def test_missing_key_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="读不了密钥文件"):
        Keyring.read(tmp_path / "keys")
