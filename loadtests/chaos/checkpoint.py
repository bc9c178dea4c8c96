"""While nobody does anything: what every device holds against what the server shows a fresh one."""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from client.connection.connection import Dial
from client.connection.credentials import Credentials
from client.session import Session
from client.state.client_state import ClientState
from client.state.ranges import Ranges
from loadtests.bench.target.accounts import Login
from loadtests.chaos.judges import snapshot
from loadtests.chaos.judges.oracle import Oracle
from loadtests.chaos.judges.snapshot import Difference
from loadtests.chaos.judges.violations import Kind, Violations
from loadtests.chaos.people.cast import Cast, Room
from loadtests.chaos.people.listener import Listener
from loadtests.chaos.servers.stores import Postgres
from protocol.objects import Message
from protocol.replies import MessagePage
from protocol.text import Id

CALM_S = 40.0
"""Longer than the server takes, 25 s, to look into its logs for what was lost on the way."""
PAGE = 200
AT_HAND = 200
"""Messages of a conversation that a device keeps after they were compared."""
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
    listeners: Sequence[Listener]
    judges: tuple[Oracle, Violations]
    logins: Mapping[Id, Login]

    @property
    def oracle(self) -> Oracle:
        """What was acknowledged."""
        return self.judges[0]

    @property
    def violations(self) -> Violations:
        """What went wrong."""
        return self.judges[1]

    async def compare(self, url: str) -> None:
        """Inboxes, unread, members, and messages at hand; `url` leads to a node without a proxy.

        Afterwards the devices let go of messages that were compared, for there may be millions.
        """
        await self._compare_inboxes(url)
        await self._by_owner(url, self._compare_at_hand)

    async def compare_all(self, url: str, postgres: Postgres) -> int:
        """Every message, with what was acknowledged; returns how many are stored."""
        await self._compare_inboxes(url)
        stored = {row["key"]: row for row in await postgres.fetch(_STORED)}
        totals: list[int] = []

        async def compare(session: Session, room: Room) -> None:
            totals.append(await self._compare_room(session, room, stored.get(room.key)))

        await self._by_owner(url, compare)
        return sum(totals)

    async def _compare_inboxes(self, url: str) -> None:
        fresh = await self._fresh(url)
        shown = {
            key: (held.rev, held.last_seq)
            for state in fresh.values()
            for key, held in state.conversations.items()
        }
        revs = {key: rev for key, (rev, _) in shown.items()}
        deadline = time.monotonic() + CALM_S
        while (differences := self._differences(fresh)) or self._behind(revs):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(_POLL_S)
        for name, (kind, words) in [*differences, *self._behind(revs)]:
            self.violations.note(kind, f"{name}: {words}")
        for device in self.cast.devices:
            for key in device.session.state.conversations:
                if key in self.oracle.conversations:
                    self.oracle.judge_told(device.record, key, shown.get(key, (0, 0))[1])

    async def _compare_room(self, session: Session, room: Room, row: asyncpg.Record | None) -> int:
        shown = await session.get(room.key)
        messages = await _history(session, room.key, 1, shown.last_seq)
        self.oracle.judge_history(room.key, messages)
        self.oracle.judge_conversation(shown)
        counted = (0, 0, 0) if row is None else (row["stored"], row["top"], row["client_ids"])
        if counted != (len(messages),) * 3:
            words = f"{room.key}: PostgreSQL holds {counted}, history shows {len(messages)}"
            self.violations.note(Kind.LOST, words)
        await self._compare_messages(room.key, messages)
        return len(messages)

    async def _compare_at_hand(self, session: Session, room: Room) -> None:
        at_hand = Ranges()
        for device in self.cast.devices:
            held = device.session.state.conversations.get(room.key)
            for low, high in held.loaded if held is not None else ():
                at_hand.add(low, high)
        messages: list[Message] = []
        for low, high in at_hand:
            messages += await _history(session, room.key, low, high)
        await self._compare_messages(room.key, messages)
        for device in self.cast.devices:
            device.let_go(room.key, AT_HAND)

    async def _compare_messages(self, key: Id, messages: Sequence[Message]) -> None:
        stored = {message.seq: message for message in messages}
        for device in self.cast.devices:
            held = device.session.state.conversations.get(key)
            if held is not None:
                for kind, words in snapshot.messages(held, stored):
                    self.violations.note(kind, f"{device.name}: {words}")
                await asyncio.sleep(0)  # their pings are to be answered meanwhile

    async def _by_owner(
        self, url: str, compare: Callable[[Session, Room], Awaitable[None]]
    ) -> None:
        """All conversations, over one connection for all that are of one owner."""
        rooms: dict[Id, list[Room]] = defaultdict(list)
        for room in self.cast.rooms:
            rooms[room.owner].append(room)
        for owner, own in rooms.items():
            async with self._session(self.logins[owner], url) as session:
                for room in own:
                    await compare(session, room)

    def _behind(self, revs: Mapping[Id, int]) -> list[tuple[str, Difference]]:
        """What came last and was never told on a bare wire."""
        return [
            (listener.judge.name, (Kind.WIRE_GAP, f"{key}: rev {revs[key]} was never told"))
            for listener in self.listeners
            if listener.is_open
            for key in listener.judge.behind(revs)
        ]

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


async def _history(session: Session, key: Id, low: int, high: int) -> list[Message]:
    messages: list[Message] = []
    while not messages or messages[-1].seq < high:
        after = messages[-1].seq if messages else low - 1
        d = {"conversation_id": key, "after_seq": after, "limit": min(PAGE, high - after)}
        page = await session.request("message.history", d, MessagePage) if high > after else None
        if page is None or not page.messages:
            break
        messages += page.messages
    return messages
