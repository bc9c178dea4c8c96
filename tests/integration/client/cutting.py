"""A TCP proxy that cuts a connection instead of passing on what the server says."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Cutter:
    """Passes everything on, but for one thing that the server says, and what follows it."""

    def __init__(self, port: int) -> None:
        self.url = ""
        self.cuts = 0
        self._port = port
        self._marker: bytes | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def lose(self, marker: bytes) -> None:
        """The next frames of the server in which this stands; the connection is lost with them."""
        self._marker = marker

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, there_writer = await asyncio.open_connection("127.0.0.1", self._port)

        async def forth() -> None:
            while data := await reader.read(65_536):
                there_writer.write(data)

        async def back() -> None:
            while data := await there.read(65_536):
                if self._marker is not None and self._marker in data:
                    self._marker = None
                    self.cuts += 1
                    return
                writer.write(data)

        ways = [asyncio.create_task(forth()), asyncio.create_task(back())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            writer.transport.abort()
            there_writer.transport.abort()


@contextlib.asynccontextmanager
async def cutting(port: int) -> AsyncIterator[Cutter]:
    """A proxy before a server's WebSocket door, as long as the block lasts."""
    cutter = Cutter(port)
    server = await asyncio.start_server(cutter.accept, "127.0.0.1", 0)
    cutter.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/ws"
    try:
        yield cutter
    finally:
        server.close()
        await cutter.close()
