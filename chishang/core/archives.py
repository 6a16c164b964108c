"""Office files are zip archives: what they unpack to is counted before anything parses them."""

import zipfile
import zlib
from io import BytesIO

MAX_ENTRIES = 2000


class NotAnArchive(Exception):
    """It is no zip archive, a broken one, or one with a password."""


class UnpacksToTooMuch(Exception):
    """It has too many entries, or they are too large."""


def check_archive(data: bytes, *, most: int) -> list[str]:
    """Return the names of the entries of a zip archive that unpacks to at most ``most`` bytes.

    The sizes that an archive states may lie, so the entries are unpacked once, in pieces, and counted. Raises
    NotAnArchive or UnpacksToTooMuch.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            if len(names) > MAX_ENTRIES or sum(info.file_size for info in archive.infolist()) > most:
                raise UnpacksToTooMuch
            _count_unpacked(archive, names, most)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        # zipfile says RuntimeError for a password, NotImplementedError for a packing that it does not know
        raise NotAnArchive from error
    return names


def _count_unpacked(archive: zipfile.ZipFile, names: list[str], most: int) -> None:
    total = 0
    for name in names:
        with archive.open(name) as entry:
            while piece := entry.read(1 << 20):
                total += len(piece)
                if total > most:
                    raise UnpacksToTooMuch
