"""What the tests of faults do on the phone and beside it."""

import base64
import gzip
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from typing import Any

from django.conf import settings
from PIL import Image
from playwright.sync_api import Page

from chishang.core.dates import today
from organizations.models import User
from tests.api import api_client
from tests.browser.faults.line import SENDING, FaultyLine, false_receipt, lie, old_answer, refused
from tests.browser.oracle import is_waiting
from tests.browser.phone import SECRETARY, send_now, stored
from tests.factories import Town

OUTBOX = "/visits/outbox/"
ENTRIES = count(1)
"""No two visits of these tests say the same, so that the oracle sees a doubled one under whatever id."""
KEEP = """async ([entries, user, user_name]) => {
  const { keep, sha256 } = await import("/static/visits/outbox.js");
  const ids = [];
  for (const [payload, pictures] of entries) {
    const op_id = crypto.randomUUID();
    const photos = [];
    for (const picture of pictures) {
      const bytes = Uint8Array.from(atob(picture), one => one.charCodeAt(0)).buffer;
      photos.push({ sha256: await sha256(bytes), mime: "image/jpeg", bytes });
    }
    const record = { op_id, user, user_name, kind: "visit", subject: payload.household_id, title: "赵东强" };
    await keep({ ...record, payload: { ...payload, photos: photos.map(photo => photo.sha256) } }, photos);
    ids.push(op_id);
  }
  return ids;
}"""


def keep_visits(
    page: Page, town: Town, number: int, photos: Mapping[int, int] | None = None, **changed: Any
) -> list[str]:
    """Store so many visits on the phone as the form does, and give their ids; ``photos``: how many which has."""
    user = town.people[SECRETARY]
    payload = {
        "household_id": town.own_household.pk,
        "visited_on": today().isoformat(),
        "companions": "",
        "remark": "",
        "visitor_id": None,
        "campaign_id": None,
        "issues": [],
        "photos": [],
    }
    entries = [
        (
            payload | {"content": f"第 {next(ENTRIES)} 次，问了收成"} | changed,
            [picture(at * 10 + one) for one in range((photos or {}).get(at, 0))],
        )
        for at in range(number)
    ]
    return page.evaluate(KEEP, [entries, user.pk, user.name])


def picture(number: int) -> str:
    """A photo like no other, as base64."""
    file = BytesIO()
    Image.effect_noise((60 + number, 40), 60).save(file, "JPEG")
    return base64.b64encode(file.getvalue()).decode()


def send_all(page: Page, rounds: int = 60) -> None:
    """Press 立即上报 until nothing waits on the phone."""
    for _ in range(rounds):
        send_now(page)
        if not any(map(is_waiting, stored(page))):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"still waiting: {[record['state'] for record in stored(page)]}")


PORTAL = "<h1>Wi-Fi 登录</h1>".encode()
PROBLEM = "application/problem+json"
SILENCE = 500
LIES = [
    lie(200, PORTAL, "text/html"),
    lie(302, Location="/accounts/login/"),
    lie(302, Location="http://localhost:9/portal"),
    lie(200, b'{"ok": true}'),
    lie(201, b'{"ok": true}'),
    lie(204),
    lie(201, b'{"op_id": '),
    lie(201, b"\x1f\x8bnothing of the kind", Content_Encoding="gzip"),
    lie(201, gzip.compress(PORTAL), "application/json", Content_Encoding="gzip"),
    lie(200, PORTAL, "text/html", taken=True),
    lie(500, PORTAL, "text/html", taken=True),
    false_receipt(op_id="00000000-0000-4000-8000-000000000000"),
    false_receipt(payload_sha256="0" * 64),
    false_receipt(state="lost"),
    old_answer,
]


def be_lied_to(page: Page, town: Town, line: FaultyLine) -> list[str]:
    """Store two visits; after the first has arrived everybody lies about the second, and then nobody answers."""
    shown = keep_visits(page, town, 1)
    send_all(page)
    shown += keep_visits(page, town, 1)
    line.plan(SENDING, *LIES, *[refused] * SILENCE)
    while line.left > SILENCE and any(map(is_waiting, stored(page))):
        send_now(page)
    return shown


def start_sending(page: Page) -> None:
    """Let the sender go, and do not wait for it."""
    page.evaluate('() => void import("/static/visits/sender.js").then(sender => sender.flush({ pressed: true }))')


def wait_for(rows: Any, page: Page) -> None:
    """Wait until the server has stored a row."""
    for _ in range(100):
        if rows.exists():
            return
        page.wait_for_timeout(50)
    raise AssertionError("never stored")


@dataclass(frozen=True)
class Answer:
    """What the portal said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        return json.loads(self.body)


class Caller:
    """A signed-in client of the portal's processes that is no browser."""

    def __init__(self, address: str, user: User) -> None:
        self._address, self.user = address, user
        session = api_client(user).cookies[settings.SESSION_COOKIE_NAME].value
        self._headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}", "Content-Type": "application/json"}
        token = self.ask("GET", "/visits/session/").said["csrf"]
        self._headers["Cookie"] += f"; {settings.CSRF_COOKIE_NAME}={token}"
        self._headers["X-CSRFToken"] = token

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Ask, and give whatever the portal answers."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._address + path, data, self._headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())
