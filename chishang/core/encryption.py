"""Personal data at rest: AES-256-GCM under a key outside the database, and a keyed blind index.

The key file holds numbered encryption keys, of which the highest encrypts and all decrypt, and one key of the index:

    1 <32 bytes, base64>
    index <32 bytes, base64>

``python -m chishang.core.encryption FILE`` makes one, or adds the next encryption key to it. A lost key is lost data.
"""

import base64
import hmac
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES, NONCE_BYTES = 32, 12
FORMAT = 1
"""First byte of what is stored: another cipher gets another number."""
INDEX = "index"


class KeyFileError(Exception):
    """The key file is missing or damaged; the message says which."""


class DecryptionError(Exception):
    """What is stored was not encrypted for this place under a key of ours: moved, changed, or the key is gone."""


@dataclass(frozen=True)
class Keyring:
    """The keys of one file: encryption keys by number, and the key of the blind index."""

    keys: dict[int, bytes]
    index_key: bytes

    @classmethod
    def read(cls, path: Path) -> "Keyring":
        """Read the key file; raise KeyFileError when it is missing or not what it should be."""
        try:
            lines = [line.split() for line in path.read_text().splitlines() if line.strip()]
            found = {name: base64.b64decode(text, validate=True) for name, text in lines}
            index_key = found.pop(INDEX)
            keys = {int(name): key for name, key in found.items()}
        except OSError as error:
            raise KeyFileError(f"{path}：读不了密钥文件 (cannot read the key file): {error.strerror}") from error
        except (KeyError, ValueError) as error:
            raise KeyFileError(f"{path}：密钥文件已损坏 (the key file is damaged)") from error
        if not keys or any(len(key) != KEY_BYTES for key in (*keys.values(), index_key)):
            raise KeyFileError(f"{path}：密钥文件已损坏 (the key file is damaged)")
        return cls(keys, index_key)

    @property
    def newest(self) -> int:
        """The number of the key that encrypts."""
        return max(self.keys)

    def encrypt(self, text: str, *, place: str) -> bytes:
        """Return ``text`` encrypted for ``place`` (table, column and row), where alone it can be decrypted."""
        return self.seal(text.encode(), place=place)

    def decrypt(self, stored: bytes | memoryview, *, place: str) -> str:
        """Return the text that was encrypted for ``place``; raise DecryptionError for anything else."""
        return self.unseal(bytes(stored), place=place).decode()

    def seal(self, data: bytes, *, place: str) -> bytes:
        """Return ``data`` encrypted for ``place``: format (1 byte), key number (2), nonce (12), ciphertext and tag."""
        head = bytes([FORMAT]) + self.newest.to_bytes(2, "big")
        nonce = os.urandom(NONCE_BYTES)
        return head + nonce + AESGCM(self.keys[self.newest]).encrypt(nonce, data, head + place.encode())

    def unseal(self, stored: bytes, *, place: str) -> bytes:
        """Return the data that was encrypted for ``place``; raise DecryptionError for anything else."""
        head, nonce, sealed = stored[:3], stored[3 : 3 + NONCE_BYTES], stored[3 + NONCE_BYTES :]
        key = self.keys.get(key_number(stored))
        if key is None or head[:1] != bytes([FORMAT]):
            raise DecryptionError("no such key")
        try:
            return AESGCM(key).decrypt(nonce, sealed, head + place.encode())
        except (InvalidTag, ValueError) as error:
            raise DecryptionError("not encrypted for this place") from error

    def blind_index(self, text: str, *, purpose: str) -> str:
        """Return a keyed digest (64 hexadecimal digits) by which equal texts of one purpose are found."""
        return hmac.new(self.index_key, f"{purpose}|{text}".encode(), "sha256").hexdigest()


def key_number(stored: bytes | memoryview) -> int:
    """Return the number of the key under which something was encrypted."""
    return int.from_bytes(bytes(stored)[1:3], "big")


def make_key_file(path: Path) -> None:
    """Make the key file, readable by this account only; of several processes that make it at once, one does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = _write(path, [f"{INDEX} {_new_key()}", f"1 {_new_key()}"])
    with suppress(FileExistsError):
        os.link(half, path)
    half.unlink()


def add_key(path: Path) -> None:
    """Add the next encryption key to the file; what was encrypted under the older ones stays readable."""
    number, before = Keyring.read(path).newest + 1, path.stat()
    half = _write(path, [*path.read_text().splitlines(), f"{number} {_new_key()}"])
    if os.geteuid() == 0:  # the portal's own account must still be able to read it
        os.chown(half, before.st_uid, before.st_gid)
    half.chmod(before.st_mode)
    half.replace(path)


def _write(path: Path, lines: list[str]) -> Path:
    half = path.with_name(f"{path.name}.{os.getpid()}")
    half.touch(mode=0o600)
    half.write_text("\n".join([*lines, ""]))
    return half


@lru_cache
def keyring(setting: str = "KEY_FILE") -> Keyring:
    """Return the keys of the file that the setting names, read once for each process."""
    from django.conf import settings  # noqa: PLC0415  this module also makes the file, before there are settings

    return Keyring.read(getattr(settings, setting))


def _new_key() -> str:
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


if __name__ == "__main__":
    file = Path(sys.argv[1])
    add_key(file) if file.exists() else make_key_file(file)
