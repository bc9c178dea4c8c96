"""A TCP proxy that loses an answer, so that nobody learns of the work done, or all connections."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Proxy:
    """Passes everything on; `lose` loses one answer, and the connection with it.

    `lost` counts the answers lost. While `is_cut` nobody reaches the server.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._marker: bytes | None = None
        self.lost = 0
        self.is_cut = False
        self.port = 0
        self._connections: set[asyncio.Task[None]] = set()

    def lose(self, marker: bytes) -> None:
        """The answer to the next request that holds these bytes."""
        self._marker = marker

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes by a new connection."""
        if self.is_cut:
            writer.transport.abort()
            return
        task = asyncio.create_task(self.serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        # Also when it was cancelled before it began.
        task.add_done_callback(lambda _task: writer.transport.abort())

    async def cut(self) -> None:
        """End all connections, and take no new ones until `is_cut` is taken back."""
        self.is_cut = True
        connections = list(self._connections)
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its opening to its end."""
        there_reader, there_writer = await asyncio.open_connection(*self._target)
        is_cut = asyncio.Event()

        async def forth() -> None:
            while data := await reader.read(65_536):
                if self._marker is not None and self._marker in data:
                    self._marker = None
                    is_cut.set()
                there_writer.write(data)

        async def back() -> None:
            while data := await there_reader.read(65_536):
                if is_cut.is_set():
                    self.lost += 1
                    return
                writer.write(data)

        ways = [asyncio.create_task(forth()), asyncio.create_task(back())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            there_writer.transport.abort()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


@contextlib.asynccontextmanager
async def proxy_to(host: str, port: int) -> AsyncIterator[Proxy]:
    """A proxy before a server, as long as the block lasts."""
    proxy = Proxy(host, port)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.cut()
