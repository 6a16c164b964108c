"""Walks every address of the portal as one account, and tells where a planted mark comes out."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from chishang.core.figures import all_figures
from tests.discipline.planted import LATIN, SIGN, SOUGHT, Planted, confidential_models

HIDDEN, UNKNOWN = "/admin/discipline/", "/admin/nowhere/"
MISSING = 99_999_999
ALIASES = {
    "request": "disbursement",
    "receive": "transfer",
    "reverse": "voucher",
    "members:record": "organization",
    "visits:record": "household",
    "visits:receipt": "visit",
    "feedback": "issue",
    "resubmit": "issue",
    "directives": "directivereceipt",
}
"""Which register a word of an address's name means, where it is not the register's own name."""
ENDS_THE_SESSION = {"logout", "admin:logout"}
WITHOUT_ROWS = ("_delete", "_process_import")
FORMS = (*WITHOUT_ROWS, "_add", "_import", "_export", "_change", "_history")
ABOUT = ("members_member", "organizations_organization", "organizations_village", "organizations_user")
"""The registers to whose rows a record of the office leads; of these everybody looks at the row, too."""
PAGES = ("", "add/", "import/", "process_import/", "export/", "{pk}/change/", "{pk}/history/", "{pk}/delete/", "{pk}/")
SHEET = b"name,number\nx,1\n"


_WRITTEN = {
    *(mark.encode() for mark in (SIGN, *LATIN)),
    *(SIGN.encode("unicode_escape"), quote(SIGN).encode(), f"&#{ord(SIGN)};".encode(), f"&#x{ord(SIGN):x};".encode()),
}
_SHOWN = re.compile(b"|".join(map(re.escape, _WRITTEN)), re.IGNORECASE)


def shows(content: bytes | str) -> bool:
    """Whether a mark stands in a text, in any of the ways in which web pages and JSON write it."""
    return bool(_SHOWN.search(content.encode() if isinstance(content, str) else content))


def told_by(response: Any) -> bytes:
    """Everything that an answer tells: status line, headers, cookies, body; workbooks unpacked."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return f"{response.reason_phrase}\n{headers}\n{response.cookies}\n".encode() + body


@dataclass
class Entry:
    """One address: its whole name, and the names of what it takes."""

    name: str
    arguments: tuple[str, ...]


def entries(resolver: Any = None, namespace: str = "") -> Iterator[Entry]:
    """Every named address; what belongs to the page's frame only (Unfold's own) is left out."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from entries(one, namespace + (f"{one.namespace}:" if one.namespace else ""))
        elif isinstance(one, URLPattern) and one.name and not one.name.endswith(("_toggle_sidebar", "_actions")):
            yield Entry(namespace + one.name, tuple(one.pattern.converters) or tuple(one.pattern.regex.groupindex))


@dataclass
class Walk:
    """All addresses with the rows that they may be filled with. ``rows`` are those of the other apps."""

    rows: dict[str, tuple[Any, Any]]
    planted: Planted
    leaks: list[str] = field(default_factory=list)

    def addresses(self, *, forms: bool = True) -> Iterator[str]:
        """Every address outside the discipline office, filled with a row of the own village; or all but the forms.

        A form tells no more than the rows and the choices that it offers, and those are the same for many accounts.
        """
        for entry in entries():
            shown = forms or not entry.name.endswith(FORMS) or entry.name.removeprefix("admin:").startswith(ABOUT)
            if shown and entry.name not in ENDS_THE_SESSION and not entry.name.endswith(WITHOUT_ROWS):
                yield from (one for one in self._filled(entry) if not one.startswith(HIDDEN))

    def hidden_addresses(self) -> list[str]:
        """Every address below the discipline office's, registered or not; of rows that exist, and of none."""
        found = {HIDDEN, HIDDEN.rstrip("/"), f"{HIDDEN}nothing/", f"{HIDDEN}case/{MISSING}/change/"}
        for model in confidential_models():
            name = model._meta.model_name
            key = self.planted.rows[name].pk
            found |= {f"{HIDDEN}{name}", *(f"{HIDDEN}{name}/{page.format(pk=key)}" for page in PAGES)}
        for entry in entries():
            found |= {one for one in self._filled(entry) if one.startswith(HIDDEN)}
        return sorted(found)

    def visit(self, client: Client, who: str, *, forms: bool = False) -> list[str]:
        """Ask for every address as ``client``; return where a mark came out, with ``who`` asked."""
        return self.look(client, who, [*self.addresses(forms=forms), *self.searches(lists=forms), *self.boxes()])

    def look(self, client: Client, who: str, addresses: Iterable[str]) -> list[str]:
        """Ask for the addresses; lists are also taken out, and sheets checked, where the account may."""
        for address in addresses:
            response = client.get(address)
            asked = [("GET", response)]
            if response.status_code == 200 and address.endswith(("/export/", "/import/")):
                asked.append(("POST", client.post(address, _sent(response, address))))
            self.leaks += [f"{who} {method} {address}" for method, answer in asked if shows(told_by(answer))]
        return self.leaks

    def searches(self, *, lists: bool = True) -> Iterator[str]:
        """The search of every register (``lists``), of the admin as a whole, and of the portal's own pages."""
        for entry in entries() if lists else ():
            if entry.name.endswith("_changelist") and not entry.name.startswith("admin:discipline"):
                yield f"{reverse(entry.name)}?{urlencode({'q': SOUGHT[0]})}"
        for sought in SOUGHT:
            for name in ("admin:search", "members:home", "visits:home", "visits:issues", "finance:home"):
                yield f"{reverse(name)}?{urlencode({'q': sought, 's': sought, 'search': sought})}"

    def boxes(self) -> Iterator[str]:
        """The search boxes of every foreign key of the discipline models."""
        for model in confidential_models():
            for column in model._meta.fields:
                if column.is_relation:
                    meta = model._meta
                    asked = {"app_label": meta.app_label, "model_name": meta.model_name, "field_name": column.name}
                    yield f"{reverse('admin:autocomplete')}?{urlencode({**asked, 'term': ''})}"

    def _filled(self, entry: Entry) -> Iterator[str]:
        for values in self._values(entry):
            try:
                yield reverse(entry.name, kwargs=values)
            except NoReverseMatch:
                continue  # a key that this address does not take

    def _values(self, entry: Entry) -> Iterator[dict[str, Any]]:
        """What an address may be filled with, by the names of what it takes."""
        if "key" in entry.arguments:
            yield from ({"key": one.key} for one in all_figures())
            return
        key, code = self._key(entry.name), self.rows["village"][0].code
        if entry.name.startswith("report:"):
            code = self.rows["organization"][0].code
        values = {"year": 2017, "quarter": 1, "month": 1, "number": 1, "token": "a" * 32, "code": code}
        if "content_type_id" in entry.arguments:
            for model, content_type in ContentType.objects.get_for_models(*confidential_models()).items():
                yield {"content_type_id": content_type.pk, "object_id": self.planted.rows[model._meta.model_name].pk}
        elif "app_label" in entry.arguments:
            yield from ({"app_label": label} for label in ("discipline", "members"))
        else:
            yield {name: values.get(name, key) for name in entry.arguments}

    def _key(self, name: str) -> int:
        """The key of the row that an address of this name may be about; where that is not known, the case's."""
        known = {one: row for one, (row, _) in self.rows.items()} | self.planted.rows
        words = [ALIASES.get(name, ""), *(ALIASES.get(word, word) for word in re.split(r"[:_-]", name))]
        found = [known[word] for word in words if word in known]
        return int(found[0].pk if found else self.planted.case.pk)


def _sent(page: Any, address: str) -> dict[str, Any]:
    """What a browser sends to take a list out whole, or to have a sheet checked."""
    if address.endswith("/import/"):
        return {"format": "1", "resource": "0", "import_file": SimpleUploadedFile("sheet.csv", SHEET)}
    columns = re.findall(r'<input type="checkbox" name="(\w+)"', page.content.decode())
    return {"format": "1", "resource": "0", **dict.fromkeys(columns, "on")}


def differences(client: Client, addresses: list[str], who: str, *methods: str) -> list[str]:
    """Where an address of the office answers otherwise than one that does not exist."""
    found, unknown = [], {}
    for method in methods:
        for address in (UNKNOWN, UNKNOWN.rstrip("/")):
            unknown[method, address.endswith("/")] = _outside(getattr(client, method)(address), address)
        for address in addresses:
            told, expected = (
                _outside(getattr(client, method)(address), address),
                unknown[method, address.endswith("/")],
            )
            if told != expected:
                found.append(f"{who} {method.upper()} {address}: {told[0]} in place of {expected[0]}")
    return found


def _outside(response: Any, address: str) -> tuple[Any, ...]:
    """What the one who asks can see of an answer, but for the address that he asked for himself."""
    headers = {name: value.replace(address.rstrip("/"), "…") for name, value in response.headers.items()}
    headers.pop("Expires", None)  # the time of day
    cookies = {name: {**one, "expires": "", "max-age": ""} for name, one in response.cookies.items()}
    return response.status_code, headers, cookies, response.content.replace(address.encode(), b"")
