"""While nobody does anything: what every device holds against what the server shows a fresh one."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from client.connection import Dial
from client.credentials import Credentials
from client.session import Session
from client.state import ClientState
from loadtests.bench.accounts import Login
from loadtests.chaos import snapshot
from loadtests.chaos.cast import Cast
from loadtests.chaos.oracle import Oracle
from loadtests.chaos.snapshot import Difference
from loadtests.chaos.stores import Postgres
from loadtests.chaos.violations import Kind, Violations
from protocol.objects import Message
from protocol.replies import MessagePage
from protocol.text import Id

CALM_S = 20.0
PAGE = 200
_POLL_S = 0.1
_AT_ONCE = 8

_STORED = """
select conversation_id::text as key, count(*) as stored, max(seq) as top,
       count(distinct client_id) as client_ids
from messages group by conversation_id
"""


@dataclass(slots=True)
class Checkpoint:
    """Compares, from time to time and in the end."""

    cast: Cast
    oracle: Oracle
    violations: Violations
    logins: Mapping[Id, Login]

    async def compare(self, url: str) -> None:
        """Inboxes, unread and members; `url` leads to a node without a proxy."""
        fresh = await self._fresh(url)
        deadline = time.monotonic() + CALM_S
        while differences := self._differences(fresh):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(_POLL_S)
        for name, (kind, words) in differences:
            self.violations.note(kind, f"{name}: {words}")
        tops = {
            key: held.last_seq
            for state in fresh.values()
            for key, held in state.conversations.items()
        }
        for device in self.cast.devices:
            for key in device.session.state.conversations:
                if key in self.oracle.conversations:
                    self.oracle.judge_told(device.record, key, tops.get(key, 0))

    async def compare_all(self, url: str, postgres: Postgres) -> int:
        """Every message too, with what was acknowledged; returns how many are stored."""
        await self.compare(url)
        stored = {row["key"]: row for row in await postgres.fetch(_STORED)}
        total = 0
        for room in self.cast.rooms:
            async with self._session(self.logins[room.owner], url) as session:
                shown = await session.get(room.key)
                messages = await _history(session, room.key, shown.last_seq)
            self.oracle.judge_history(room.key, messages)
            self.oracle.judge_conversation(shown)
            row = stored.get(room.key)
            counted = (0, 0, 0) if row is None else (row["stored"], row["top"], row["client_ids"])
            if counted != (len(messages),) * 3:
                words = f"{room.key}: PostgreSQL holds {counted}, history shows {len(messages)}"
                self.violations.note(Kind.LOST, words)
            total += len(messages)
            await self._compare_messages(room.key, messages)
        return total

    async def _compare_messages(self, key: Id, stored: list[Message]) -> None:
        for device in self.cast.devices:
            held = device.session.state.conversations.get(key)
            if held is not None:
                for kind, words in snapshot.messages(held, stored):
                    self.violations.note(kind, f"{device.name}: {words}")
                await asyncio.sleep(0)  # their pings are to be answered meanwhile

    def _differences(self, fresh: Mapping[Id, ClientState]) -> list[tuple[str, Difference]]:
        found: list[tuple[str, Difference]] = []
        for device in self.cast.devices:
            if not device.session.is_ready:
                found.append((device.name, (Kind.STUCK, "not ready while nothing happens")))
                continue
            state = device.session.state
            shown = fresh[device.user_id]
            found += [
                (device.name, difference)
                for difference in snapshot.conversations(state.conversations, shown.conversations)
            ]
            if state.unread_messages != shown.unread_messages:
                words = f"{state.unread_messages} unread in all, not {shown.unread_messages}"
                found.append((device.name, (Kind.DRIFTED, words)))
        return found

    async def _fresh(self, url: str) -> dict[Id, ClientState]:
        turn = asyncio.Semaphore(_AT_ONCE)

        async def state_of(login: Login) -> ClientState:
            async with turn, self._session(login, url) as session:
                return session.state

        states = await asyncio.gather(*map(state_of, self.logins.values()))
        return dict(zip(self.logins, states, strict=True))

    @contextlib.asynccontextmanager
    async def _session(self, login: Login, url: str) -> AsyncIterator[Session]:
        async with Session(Credentials(token=login.token), Dial(url)) as session:
            await session.ready()
            yield session


async def _history(session: Session, key: Id, top: int) -> list[Message]:
    messages: list[Message] = []
    while len(messages) < top:
        after = messages[-1].seq if messages else 0
        d = {"conversation_id": key, "after_seq": after, "limit": PAGE}
        page = await session.request("message.history", d, MessagePage)
        if not page.messages:
            break
        messages += page.messages
    return messages
