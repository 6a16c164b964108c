"""A line that reads what goes over it: each request can meet a fault of its own, and all of them are counted."""

import asyncio
import json
import re
import threading
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from tests.browser.proxy import Line

SENDING = "POST /visits/ops/"
PHOTOS = "PUT /visits/photos/"
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """One request as it came; it asks the server to close the connection after its answer."""

    head: bytes
    body: bytes

    @property
    def line(self) -> str:
        return self.head.partition(b"\r\n")[0].decode("latin-1")

    @property
    def whole(self) -> bytes:
        return self.head + self.body

    @property
    def said(self) -> dict[str, Any]:
        return json.loads(self.body)


class FaultyLine(Line):
    """The line to the server at ``target``. ``plan`` says which faults the next requests meet, one each."""

    def __init__(self, target: str) -> None:
        self.asked: Counter[str] = Counter()
        self.met: Counter[str] = Counter()
        self.receipts: list[bytes] = []
        self._plan: deque[tuple[str, Fault]] = deque()
        self._turn = threading.Lock()
        super().__init__(target)

    def plan(self, start: str, *faults: "Fault") -> None:
        """Let the next requests whose first line begins with ``start`` meet the faults, in this order."""
        with self._turn:
            self._plan.extend((start, fault) for fault in faults)

    def be_honest(self) -> None:
        """Forget the faults that no request has met."""
        with self._turn:
            self._plan.clear()

    @property
    def left(self) -> int:
        """Faults that no request has met yet."""
        return len(self._plan)

    @property
    def faults(self) -> int:
        """Faults that requests have met."""
        return self.met.total()

    def _fault_of(self, request: Request) -> "Fault":
        with self._turn:
            self.asked[" ".join(request.line.split()[:2])] += 1
            for at, (start, fault) in enumerate(self._plan):
                if request.line.startswith(start):
                    del self._plan[at]
                    self.met[fault.__name__] += 1
                    return fault
        return honest

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _read(reader)
        if request is not None:
            await self._fault_of(request)(self, request, writer)

    async def ask(self, request: Request, up_to: int | None = None) -> bytes:
        """Send the request, or its first bytes only; return the whole answer, nothing to a part."""
        reader, writer = await self._connect()
        try:
            writer.write(request.whole[:up_to])
            await writer.drain()
            if up_to is not None:
                return b""
            answer = await reader.read(-1)
        finally:
            writer.close()
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), 1)
            writer.transport.abort()
        if request.line.startswith(SENDING) and b" 201 " in answer[:20]:
            self.receipts.append(answer)
        return answer


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """Read one request; None when the browser opened the connection for nothing."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None
    lines = [line for line in head[:-4].split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return Request(b"\r\n".join([*lines, b"Connection: close", b"", b""]), body)


Fault = Callable[[FaultyLine, Request, asyncio.StreamWriter], Awaitable[None]]


async def say(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Say these bytes and close the connection."""
    writer.write(data)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def fault(name: str) -> Callable[[Fault], Fault]:
    """Give a fault the name under which it is counted."""

    def named(function: Fault) -> Fault:
        function.__name__ = name
        return function

    return named


async def honest(line: FaultyLine, request: Request, writer: asyncio.StreamWriter) -> None:
    """No fault at all."""
    await say(writer, await line.ask(request))


def answer_cut(at: int | None, pause: float = 0) -> Fault:
    """The answer is cut after ``at`` bytes (None: after its headers) or its last but one, ``pause`` seconds late."""

    @fault("answer cut")
    async def cut(line: FaultyLine, request: Request, writer: asyncio.StreamWriter) -> None:
        answer = await line.ask(request)
        await asyncio.sleep(pause)
        place = answer.find(b"\r\n\r\n") + 4 if at is None else at
        await say(writer, answer[: min(place, len(answer) - 1)])

    return cut


def request_cut(share: float, *, of_body: bool = False) -> Fault:
    """Only a part of the request reaches the server: that share of its bytes, or its head and that of its body."""

    @fault("request cut")
    async def cut(line: FaultyLine, request: Request, writer: asyncio.StreamWriter) -> None:
        whole, head = len(request.whole), len(request.head)
        at = head + int(len(request.body) * share) if of_body else int(whole * share)
        await line.ask(request, up_to=min(at, whole - 1))

    return cut


def repeated(times: int) -> Fault:
    """The request reaches the server several times at once; the last answer is told."""

    @fault("request repeated")
    async def repeat(line: FaultyLine, request: Request, writer: asyncio.StreamWriter) -> None:
        answers = await asyncio.gather(*[line.ask(request) for _ in range(times)])
        await say(writer, answers[-1])

    return repeat


def lie(status: int, body: bytes = b"", kind: str = "application/json", *, taken: bool = False, **more: str) -> Fault:
    """Somebody else answers; with ``taken`` after the server has got the request, too."""

    @fault("lie")
    async def answer(line: FaultyLine, request: Request, writer: asyncio.StreamWriter) -> None:
        if taken:
            await line.ask(request)
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"} | {
            name.replace("_", "-"): value for name, value in more.items()
        }
        head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {headers[name]}" for name in headers)]
        await say(writer, "\r\n".join([*head, "", ""]).encode() + body)

    return answer


def false_receipt(**changed: Any) -> Fault:
    """A receipt of this very record, but for what is changed."""

    @fault("false receipt")
    async def answer(line: FaultyLine, request: Request, writer: asyncio.StreamWriter) -> None:
        sent = request.said
        receipt = {"op_id": sent["op_id"], "payload_sha256": sent["sha256"], "state": "applied", "visit": 1}
        await lie(201, json.dumps(receipt | changed).encode())(line, request, writer)

    return answer


@fault("old answer")
async def old_answer(line: FaultyLine, request: Request, writer: asyncio.StreamWriter) -> None:
    """The receipt of another record, from some cache."""
    await say(writer, line.receipts[0])


@fault("line refused")
async def refused(line: FaultyLine, request: Request, writer: asyncio.StreamWriter) -> None:
    """Nobody is there."""
    writer.transport.abort()


@contextmanager
def faulty_line_to(target: str) -> Iterator[FaultyLine]:
    """A faulty line that ends with the test."""
    line = FaultyLine(target)
    try:
        yield line
    finally:
        line.close()
