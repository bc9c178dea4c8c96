"""After a loss the gap is told before what arrives with the confirmations."""

import asyncio
from typing import Any

import hiredis

from storage.bus.subscriber import Subscriber


def words(*parts: bytes) -> bytes:
    """An array of RESP."""
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(p), p) for p in parts)


async def test_what_comes_with_a_confirmation_is_told_behind_the_gap():
    """A node that is busy confirms and publishes in one breath."""

    async def node(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parser = hiredis.Reader()
        while data := await reader.read(1000):
            parser.feed(data)
            while (command := parser.gets()) is not False:
                if isinstance(command, list) and command[0] == b"SSUBSCRIBE":
                    writer.write(b"*3\r\n$10\r\nssubscribe\r\n$1\r\n" + command[1] + b"\r\n:1\r\n")
                    writer.write(words(b"smessage", command[1], b"news"))
        writer.close()

    told: asyncio.Queue[Any] = asyncio.Queue()
    server = await asyncio.start_server(node, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    subscriber = Subscriber(
        {"host": "127.0.0.1", "port": port},
        lambda channel, _payload: told.put_nowait(channel),
        told.put_nowait,
        lambda _is_away: None,
    )
    subscriber.adopt([b"a", b"b"])
    task = asyncio.create_task(subscriber.run())
    try:
        async with asyncio.timeout(5):
            first = await told.get()
            rest = {await told.get(), await told.get()}
        assert first == frozenset({b"a", b"b"})
        assert rest == {b"a", b"b"}
    finally:
        task.cancel()
        await asyncio.wait([task])
        server.close()
