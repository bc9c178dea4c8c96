"""A client that writes bytes as it likes."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

from tests.wire import WAIT_S

HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
GET = HEAD + b"\r\n"


class Raw:
    """One TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def send_on(self, data: bytes, count: int = 100) -> None:
        """Send so often, the server taking its turns between. Raises what ends the connection."""
        for _ in range(count):
            await self.send(data)
            await asyncio.sleep(0)

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of one answer that has a length."""
        async with asyncio.timeout(WAIT_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
            lines = head.decode().lower().split("\r\n")
            sizes = [int(line.split(":")[1]) for line in lines if line.startswith("content-length")]
            return int(head.split()[1]), await self.reader.readexactly(sizes[0])

    async def ask(self, data: bytes = GET) -> tuple[int, bytes]:
        await self.send(data)
        return await self.answer()

    async def rest(self) -> bytes:
        """All that comes until the server closes. Raises `TimeoutError`."""
        async with asyncio.timeout(WAIT_S):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""

    @property
    def is_open(self) -> bool:
        """As far as was seen."""
        return not vars(self.reader)["_eof"] and self.reader.exception() is None


@contextlib.asynccontextmanager
async def raw(port: int, count: int = 1, **options) -> AsyncIterator[list[Raw]]:
    """So many connections, one after the other."""
    opened = []
    try:
        for _ in range(count):
            link = socket.create_connection(("127.0.0.1", port))
            for name, value in options.items():
                link.setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
            link.setblocking(False)
            opened.append(Raw(*await asyncio.open_connection(sock=link, limit=65_536)))
        yield opened
    finally:
        for connection in opened:
            connection.writer.transport.abort()


async def left(connections: list[Raw], count: int) -> list[Raw]:
    """Waits until only so many are open. Raises `TimeoutError`."""
    async with asyncio.timeout(WAIT_S):
        while len(still := [one for one in connections if one.is_open]) > count:
            await asyncio.sleep(0.01)
    return still
