"""A TCP proxy that loses an answer: the server has done its work, and nobody learns of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Proxy:
    """Passes everything on; `lose` loses one answer, and the connection with it.

    `lost` counts the answers lost.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._marker: bytes | None = None
        self.lost = 0
        self.port = 0

    def lose(self, marker: bytes) -> None:
        """The answer to the next request that holds these bytes."""
        self._marker = marker

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
    connections: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(proxy.serve(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)
        # Also when it was cancelled before it began.
        task.add_done_callback(lambda _task: writer.transport.abort())

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
