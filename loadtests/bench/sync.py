"""Sync: a client that missed 10,000 messages over 200 conversations is complete again.

    python -m loadtests.bench.sync [--messages 10000] [--conversations 200] [--rounds 3]

The client has written its state down and begins anew from it, as an app on a phone does. The log
keeps 256 entries, so that it must sync. Reported are the times from the first attempt to connect
until the first page is applied, and until everything is, and what the server spent on it. The
messages are all of one day: what partitions of older months cost is not in these figures.
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import Sequence

import msgspec

from client.connection.connection import Dial
from client.connection.credentials import Credentials
from client.session import Session
from client.state.client_state import ClientState
from client.state.saved import Saved, restore, save
from loadtests.bench import figures, rounds
from loadtests.bench.target import database
from loadtests.bench.target.accounts import Login
from loadtests.bench.target.cpu import CpuMeter, spent
from loadtests.bench.target.instance import Instance
from protocol.text import Id

_WRITERS = 20
_PATIENCE_S = 120.0
_MILLI = 1e3


class IncompleteError(Exception):
    """The client is ready and yet something is missing."""


class Round(msgspec.Struct, frozen=True):
    """One return: seconds to the first page and to all, and CPU seconds by group."""

    first_page_s: float
    all_s: float
    saved_bytes: int
    cpu: dict[str, float]


class Sync:
    """A reader who comes and goes, and writers who do not mind."""

    def __init__(self, messages: int = 10_000, conversations: int = 200) -> None:
        self.sockets = _WRITERS + 1
        self._messages = messages
        self._conversations = conversations
        self._rounds: list[Round] = []

    def round(self, server: Instance) -> None:
        """Be away while much is said, and come back. Raises `BrokenRoundError`."""
        returning = _Return(server, self._messages, self._conversations)
        self._rounds.append(asyncio.run(returning.run(database.people(server, self.sockets))))

    def report(self) -> str:
        """Milliseconds to the first page and to all, CPU of the whole return."""
        title = f"sync: {self._messages:,} messages missed in {self._conversations} conversations"
        told = self._rounds
        rows = {
            "to the first page, ms": [one.first_page_s * _MILLI for one in told],
            "to all, ms": [one.all_s * _MILLI for one in told],
            "state written down, KiB": [one.saved_bytes / 1024 for one in told],
            **figures.costs(
                "a message missed", [one.cpu for one in told], [self._messages for _ in told]
            ),
        }
        return figures.table(title, rows)


class _Return:
    """One round: rooms, messages while the reader is away, and the way back."""

    def __init__(self, server: Instance, messages: int, conversations: int) -> None:
        self._server = server
        self._meter = CpuMeter(server.roots)
        self._each = messages // conversations
        self._count = conversations
        self._rooms: dict[Id, Session] = {}

    async def run(self, people: Sequence[Login]) -> Round:
        reader, *writers = people
        async with contextlib.AsyncExitStack() as stack:
            sessions = [await stack.enter_async_context(self._session(one)) for one in writers]
            for number in range(self._count):
                writer = sessions[number % len(sessions)]
                room = await writer.create([reader.user_id], title=f"Room {number}")
                self._rooms[room.id] = writer
            state = await self._begin(reader)
            saved = msgspec.msgpack.encode(save(state, time.monotonic(), messages=0))
            await asyncio.gather(*(self._talk(room) for room in self._rooms))
            read = msgspec.msgpack.decode(saved, type=Saved)
            # After so long its place in the log is gone; with few messages it would still be there.
            read = msgspec.structs.replace(read, epoch=None, offset=None)
            state = restore(read, time.monotonic())
            async with asyncio.timeout(_PATIENCE_S):
                return await self._come_back(reader, state, len(saved))

    async def _begin(self, reader: Login) -> ClientState:
        async with self._session(reader) as session:
            await session.ready(_PATIENCE_S)
            return session.state

    async def _talk(self, room: Id) -> None:
        """This room's share of the messages."""
        for _ in range(self._each):
            await self._rooms[room].send(room, "The draft is in the folder, have a look tonight?")

    async def _come_back(self, reader: Login, state: ClientState, size: int) -> Round:
        cpu, began = self._meter.read(), time.perf_counter()
        session = self._session(reader, state)
        changes = session.changes(2 * self._each * self._count)
        async with session:
            first_page_s = 0.0
            async for change in changes:
                if change.origin == "sync":
                    first_page_s = time.perf_counter() - began
                    break
            await session.ready(_PATIENCE_S)
            all_s = time.perf_counter() - began
            cpu = spent(cpu, self._meter.read())
            self._check(session.state)
            return Round(first_page_s, all_s, size, cpu)

    def _check(self, state: ClientState) -> None:
        for room in self._rooms:
            held = state.conversations.get(room)
            if held is None or held.last_seq != self._each or held.unread != self._each:
                raise rounds.BrokenRoundError(
                    f"{room}: of {self._each} messages not all are counted"
                )
            if not held.loaded.covers(1, self._each):
                raise rounds.BrokenRoundError(f"{room}: not all that was missed is at hand")

    def _session(self, login: Login, state: ClientState | None = None) -> Session:
        return Session(Credentials(token=login.token), Dial(self._server.ws), state=state)


def main(argv: Sequence[str] | None = None) -> int:
    """Run it alone."""
    parser = rounds.parser("sync", __doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--conversations", type=int, default=200)
    given = parser.parse_args(argv)
    sync = Sync(given.messages, given.conversations)
    return rounds.run({"sync": sync}, given.rounds, given.data_dir)


if __name__ == "__main__":
    sys.exit(main())
