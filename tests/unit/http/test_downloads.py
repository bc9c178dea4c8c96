"""A file is handed out at the pace of its peer, whatever parts the store gives it in."""

import asyncio

from handlers.files.files import FileContent
from protocol.errors import RequestError
from server.http.files import downloads

WINDOW = b"x" * 1_048_576
"""As a bucket is read."""


class Peer:
    """What takes an answer: the response to it, and its connection."""

    def __init__(self, takes):
        self.takes = takes
        self.taken = []
        self.transport = self
        self.is_cut = False

    async def write(self, piece):
        await self.takes()
        self.taken.append(len(piece))

    def force_close(self):
        """The connection is not used again."""

    def abort(self):
        self.is_cut = True


async def hand_out(peer, check):
    async def read(first, _last):
        assert first == 0
        for _ in range(2):
            yield WINDOW

    async def is_there():
        """It is."""

    size = 2 * len(WINDOW)
    content = FileContent("a.txt", "text/plain", size, "tag", True, is_there, read, check)
    chunks = read(0, size - 1)
    await downloads._send(peer, peer, content, await anext(chunks), chunks)


class _Ahead(asyncio.SelectorEventLoop):
    """A loop whose time tests move."""

    ahead_s = 0.0

    def time(self):
        return super().time() + self.ahead_s


def test_a_slow_peer_gets_all_of_it():
    loop = _Ahead()

    async def takes():
        loop.ahead_s += 60
        for _ in range(3):
            await asyncio.sleep(0)

    async def check():
        """It may have it."""

    peer = Peer(takes)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(hand_out(peer, check))
    assert not peer.is_cut
    assert sum(peer.taken) == 2 * len(WINDOW)


async def test_it_ends_within_a_part_once_it_may_not_be_had(monkeypatch):
    monkeypatch.setattr(downloads, "CHECK_S", -1)
    asked = 0

    async def takes():
        """At once."""

    async def check():
        nonlocal asked
        asked += 1
        if asked == 3:
            raise RequestError.not_found("file")

    peer = Peer(takes)
    await hand_out(peer, check)
    assert peer.is_cut
    assert sum(peer.taken) < len(WINDOW)
