"""Uploads that wait for confirmation: encrypted, for a day at most. A roster holds names and ID numbers."""

import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from import_export.tmp_storages import BaseStorage

from chishang.core.encryption import keyring

KEPT_HOURS = 24
"""How long an upload waits at most; sessions may end without a word."""
KEPT_UPLOADS = 5
"""Uploads of one kind waiting in one session; older ones are thrown away."""
_TOKEN = re.compile(r"[A-Za-z0-9-]{32}")


def keep(data: bytes) -> str:
    """Keep an upload, throw away what has waited too long, and return the token by which alone it is found."""
    token = secrets.token_urlsafe(24).replace("_", "-")
    path = _path(token)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(path.parent)
    path.touch(mode=0o600)
    path.write_bytes(keyring().seal(data, place=f"upload|{token}"))
    return token


def read(token: str) -> bytes:
    """Return a kept upload; raise FileNotFoundError when there is none of that token, or no longer."""
    return keyring().unseal(_path(token).read_bytes(), place=f"upload|{token}")


def is_kept(token: str) -> bool:
    """Say whether an upload of that token waits."""
    return _path(token).exists()


def forget(token: str) -> None:
    """Throw an upload away; one that is gone already stays so."""
    _path(token).unlink(missing_ok=True)


def _path(token: str) -> Path:
    if not _TOKEN.fullmatch(token):  # it comes from the browser
        raise FileNotFoundError(token)
    return Path(settings.DATA_DIR) / "uploads-waiting" / token


def _sweep(folder: Path) -> None:
    oldest = time.time() - KEPT_HOURS * 3600
    for path in folder.iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Upload:
    """A file waiting for confirmation, known to one session only."""

    token: str
    name: str

    def read(self) -> bytes:
        """Return its content; raise FileNotFoundError when it waited too long."""
        return read(self.token)


class SessionUploads:
    """The uploads of one kind (``key``) that wait in a session: no other session finds them."""

    def __init__(self, session: Any, key: str) -> None:
        self._session, self._key = session, key

    def keep(self, file: Any) -> Upload:
        """Keep an uploaded file."""
        upload = Upload(keep(file.read()), Path(file.name).name[:100])
        uploads = [*self._known(), [upload.token, upload.name]]
        for token, _ in uploads[:-KEPT_UPLOADS]:
            forget(token)
        self._session[self._key] = uploads[-KEPT_UPLOADS:]
        return upload

    def find(self, token: str) -> Upload | None:
        """Return the upload of that token; None when this session has none, or no longer."""
        names = dict(self._known())
        return Upload(token, names[token]) if token in names and is_kept(token) else None

    def forget(self, upload: Upload) -> None:
        """Throw it away."""
        forget(upload.token)
        self._session[self._key] = [entry for entry in self._known() if entry[0] != upload.token]

    def _known(self) -> list[list[str]]:
        return list(self._session.get(self._key, []))


class WaitingStorage(BaseStorage):
    """Where django-import-export keeps a sheet between its preview and its confirmation."""

    def save(self, data: bytes | str) -> None:
        """Keep it, and name it by its token."""
        self.name = keep(data if isinstance(data, bytes) else data.encode(self.encoding or "utf-8"))

    def read(self) -> bytes | str:
        """Return it as the format reads it; raise FileNotFoundError when it waited too long."""
        data = read(self.name or "")
        return data if "b" in self.read_mode else data.decode(self.encoding or "utf-8")

    def remove(self) -> None:
        """Throw it away."""
        forget(self.name or "")
