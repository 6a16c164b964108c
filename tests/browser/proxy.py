"""A TCP proxy between browser and live server that does what bad lines do.

It reaches the service worker's requests, too, and knows nothing of HTTP: faults are a matter of bytes.
It runs in a thread of its own.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 64 * 1024
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Line:
    """The line to the server at ``target`` (an http address). The browser asks ``url``.

    ``cut_answer`` ends a connection after that many bytes of what the server says on it; ``stalled`` takes everything
    and says nothing. ``cut()`` ends all connections and every new one at once, as a phone without a signal does;
    ``mend()`` ends all of these faults.
    """

    def __init__(self, target: str) -> None:
        self.lead_to(target)
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._is_cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._to_server: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task] = set()
        self._port = 0
        self.cut_answer: int | None = None
        self.stalled = False
        self.connections = 0
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(self._listen())

    @property
    def url(self) -> str:
        """Where the browser finds the server."""
        return f"http://localhost:{self._port}"

    def lead_to(self, target: str) -> None:
        """Let new connections end at another server."""
        parts = urlsplit(target)
        self._target = (parts.hostname or "localhost", parts.port or 80)

    def cut(self) -> None:
        """Lose the signal."""
        self._is_cut = True
        self._do(self._drop())

    def mend(self) -> None:
        """Have a good line again."""
        self.cut_answer, self.stalled, self._is_cut = None, False, False

    def close(self) -> None:
        """End everything."""
        self._is_cut = True
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)  # type: ignore[arg-type]

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "localhost", 0)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _drop(self) -> None:
        """End all connections, those that are just coming in, too."""
        while rest := asyncio.all_tasks() - {asyncio.current_task()}:
            for writer in self._writers:
                writer.transport.abort()
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(rest, timeout=0.1)
        await asyncio.sleep(0)  # what was closed is let go in the loop's next turn

    async def _end(self) -> None:
        while asyncio.all_tasks() - {asyncio.current_task()} or self._writers:
            await self._drop()
        if self._server is not None:
            self._server.close()  # with nobody just coming in: that connection would never be closed
        for writer in self._to_server:
            writer.transport.abort()
        for _ in range(3):
            await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:  # listening on, lest the port be somebody else's afterwards
            writer.transport.abort()
            return
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._forward(reader, writer)
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await self._connect()
        pumps = [
            asyncio.ensure_future(self._pump(reader, server_writer)),
            asyncio.ensure_future(self._answer(server_reader, writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            server_writer.transport.abort()  # closing would wait for what a cut has left unsent
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _connect(self) -> Streams:
        """Reach the server. A signal that is lost in this moment leaves no connection behind."""
        opening = asyncio.ensure_future(asyncio.open_connection(*self._target))
        try:
            streams = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_let_go)
            raise
        self._to_server.add(streams[1])
        return streams

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = 0
        while data := await reader.read(CHUNK):
            while self.stalled:
                await asyncio.sleep(0.05)
            if self.cut_answer is not None and said + len(data) > self.cut_answer:
                writer.write(data[: self.cut_answer - said])
                await writer.drain()
                return
            said += len(data)
            writer.write(data)
            await writer.drain()


def _let_go(opening: asyncio.Future[Streams]) -> None:
    if opening.exception() is None:
        opening.result()[1].transport.abort()


@contextmanager
def line_to(target: str) -> Iterator[Line]:
    """A line that ends with the test."""
    line = Line(target)
    try:
        yield line
    finally:
        line.close()
