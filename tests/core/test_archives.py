"""What is no archive, and what unpacks to too much."""

import io
import zipfile

import pytest

from chishang.core.archives import MAX_ENTRIES, NotAnArchive, UnpacksToTooMuch, check_archive


def pack(entries: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_names_are_given() -> None:
    assert check_archive(pack({"a": b"1", "b/c": b"22"}), most=3) == ["a", "b/c"]


def test_size_that_the_archive_states_is_not_believed() -> None:
    data = pack({"a": b"0" * 100_000})
    size = (100_000).to_bytes(4, "little")
    assert data.count(size) == 2
    with pytest.raises((UnpacksToTooMuch, NotAnArchive)):
        check_archive(data.replace(size, (10).to_bytes(4, "little")), most=1000)
    with pytest.raises(UnpacksToTooMuch):
        check_archive(data, most=99_999)


def test_too_many_entries_are_too_much() -> None:
    with pytest.raises(UnpacksToTooMuch):
        check_archive(pack({str(number): b"" for number in range(MAX_ENTRIES + 1)}), most=1000)


NO_ARCHIVES = {"empty": b"", "text": b"text", "broken": b"PK\x03\x04 broken", "cut off": pack({"a": b"1" * 999})[:-30]}


@pytest.mark.parametrize("data", NO_ARCHIVES.values(), ids=NO_ARCHIVES)
def test_what_is_no_archive(data: bytes) -> None:
    with pytest.raises(NotAnArchive):
        check_archive(data, most=10_000)


def test_damaged_content_is_no_archive() -> None:
    data = bytearray(pack({"a": bytes(range(256)) * 40}))
    data[40:60] = b"\xff" * 20
    with pytest.raises(NotAnArchive):
        check_archive(bytes(data), most=100_000)
