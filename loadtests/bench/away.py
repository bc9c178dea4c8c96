"""A month away: a client that missed 10,000 messages over 200 conversations is complete again.

    python -m loadtests.bench.away [--messages 10000] [--conversations 200] [--rounds 5]

The client has written its state down and begins anew from it, as an app on a phone does. The log
keeps 256 entries, so that it must sync. Reported are the times from the first attempt to connect
until the first page is applied, and until everything is. The messages are all of one day: what
partitions of older months cost is not in these figures.
"""

import argparse
import asyncio
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from client.connection import Dial
from client.credentials import Credentials
from client.saved import Saved, restore, save
from client.session import Session
from client.state import ClientState
from loadtests.bench import accounts, figures, instance
from loadtests.bench.accounts import Login
from loadtests.bench.instance import Instance
from protocol.text import Id

_WRITERS = 20
_PATIENCE_S = 120.0
_FOR_S = 3600.0
_MILLI = 1e3


class IncompleteError(Exception):
    """The client is ready and yet something is missing."""


class Round(msgspec.Struct, frozen=True):
    """One return: seconds to the first page and to all, and how much had to be written down."""

    first_page_s: float
    all_s: float
    saved_bytes: int


def main(argv: Sequence[str] | None = None) -> int:
    """Run the rounds and print their table."""
    parser = argparse.ArgumentParser(prog="loadtests.bench.away", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data-dir", type=Path, help="where to keep the accounts for the next run")
    given = parser.parse_args(argv)
    with instance.started(given.data_dir) as server:
        away = Away(server, given.messages, given.conversations)
        rounds = asyncio.run(away.run(given.rounds))
    print(_report(given.messages, given.conversations, rounds))
    return 0


class Away:
    """A reader who comes and goes, and writers who do not mind."""

    def __init__(self, server: Instance, messages: int, conversations: int) -> None:
        self._server = server
        self._messages = messages
        self._count = conversations
        self._rooms: dict[Id, Session] = {}
        self._sent: Counter[Id] = Counter()

    async def run(self, rounds: int) -> list[Round]:
        """The rounds, one after the other. Raises `IncompleteError`."""
        reader, *writers = accounts.logins(
            self._server.http,
            1 + _WRITERS,
            self._server.data_dir / "bench_logins.json",
            for_s=_FOR_S,
        )
        async with contextlib.AsyncExitStack() as stack:
            sessions = [await stack.enter_async_context(self._session(one)) for one in writers]
            for number in range(self._count):
                writer = sessions[number % len(sessions)]
                room = await writer.create([reader.user_id], title=f"Room {number}")
                self._rooms[room.id] = writer
            state = await self._begin(reader)
            told = []
            for _ in range(rounds):
                saved = msgspec.msgpack.encode(save(state, time.monotonic(), messages=0))
                await asyncio.gather(*(self._talk(room) for room in self._rooms))
                state = restore(msgspec.msgpack.decode(saved, type=Saved), time.monotonic())
                told.append(await self._return(reader, state, len(saved)))
            return told

    async def _begin(self, reader: Login) -> ClientState:
        async with self._session(reader) as session:
            await session.ready(_PATIENCE_S)
            return session.state

    async def _talk(self, room: Id) -> None:
        """This room's share of the messages."""
        for _ in range(self._messages // self._count):
            await self._rooms[room].send(room, "The draft is in the folder, have a look tonight?")
            self._sent[room] += 1

    async def _return(self, reader: Login, state: ClientState, size: int) -> Round:
        began = time.perf_counter()
        session = self._session(reader, state)
        changes = session.changes(2 * self._messages)
        async with session:
            first_page_s = 0.0
            async for change in changes:
                if change.origin == "sync":
                    first_page_s = time.perf_counter() - began
                    break
            await session.ready(_PATIENCE_S)
            all_s = time.perf_counter() - began
            self._check(session.state)
            return Round(first_page_s, all_s, size)

    def _check(self, state: ClientState) -> None:
        for room, count in self._sent.items():
            held = state.conversations.get(room)
            missed = self._messages // self._count
            if held is None or held.last_seq != count or held.unread != count:
                raise IncompleteError(f"{room}: of {count} messages not all are counted")
            if not held.loaded.covers(count - missed + 1, count):
                raise IncompleteError(f"{room}: not all that was missed is at hand")

    def _session(self, login: Login, state: ClientState | None = None) -> Session:
        return Session(Credentials(token=login.token), Dial(self._server.ws), state=state)


def _report(messages: int, conversations: int, rounds: Sequence[Round]) -> str:
    title = f"{messages:,} messages missed in {conversations} conversations; {len(rounds)} rounds"
    return figures.table(
        title,
        {
            "to the first page, ms": [one.first_page_s * _MILLI for one in rounds],
            "to all, ms": [one.all_s * _MILLI for one in rounds],
            "state written down, KiB": [one.saved_bytes / 1024 for one in rounds],
        },
    )


if __name__ == "__main__":
    sys.exit(main())
