"""One device of one person: the client library, through a door that faults can reach."""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Callable, Sequence
from typing import Self

from client.connection.connection import Dial
from client.connection.credentials import Credentials
from client.connection.frames import Format
from client.connection.reconnect import Backoff
from client.session import Patience, Session
from client.subscription import Subscription
from loadtests.bench.target.accounts import Login
from loadtests.chaos.judges.oracle import Oracle
from loadtests.chaos.judges.told import DeviceRecord
from loadtests.chaos.servers.proxy import Address, Proxy
from protocol.objects import Message
from protocol.text import Id

AT_HAND = 50
"""Messages kept to be edited or reacted to."""
MAX_CHANGES = 1_000_000
PATIENCE = Patience(request_s=5.0, send_s=90.0)
PING_S = 4.0
BACKOFF_CAP_S = 2.0


class Device:
    """A session, what it was told, and what its person may do something to."""

    def __init__(
        self,
        name: str,
        login: Login,
        form: Format,
        backends: Callable[[], Sequence[Address]],
        judged: tuple[Oracle, DeviceRecord],
        *,
        place: int,
    ) -> None:
        self.name = name
        self.place = place
        """How many devices its person has before it."""
        self.user_id: Id = login.user_id
        self.door = Proxy(backends, slim=True)
        self.own: deque[Message] = deque(maxlen=AT_HAND)
        """Sent by this device and not being changed: one writer a message."""
        self.others: deque[Message] = deque(maxlen=AT_HAND)
        self.oracle, self.record = judged
        self._login = login
        self._format = form
        self._session: Session | None = None
        self._reader: asyncio.Task[None] | None = None
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.door)
        url = f"ws://127.0.0.1:{self.door.port}/v1/ws"
        session = Session(
            Credentials(token=self._login.token),
            Dial(url, self._format, ping_s=PING_S, open_timeout_s=5.0),
            backoff=Backoff(cap_s=BACKOFF_CAP_S, wait_s=2.0, chance=random.Random(self.name)),
            patience=PATIENCE,
        )
        changes = session.changes(MAX_CHANGES)
        self._session = await self._stack.enter_async_context(session)
        self._reader = asyncio.create_task(self._read(changes))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        assert self._reader is not None
        await asyncio.wait([self._reader])
        self._reader.result()

    @property
    def session(self) -> Session:
        """The client."""
        assert self._session is not None
        return self._session

    def holds(self, key: Id) -> bool:
        """Whether the conversation is in this device's inbox."""
        return key in self.session.state.conversations

    def let_go(self, key: Id, keep: int) -> None:
        """Keeps the newest messages of a conversation and those that are unread."""
        state = self.session.state
        held = state.conversations.get(key)
        if held is not None:
            held.cut(min(held.read_seq, held.last_seq - keep) + 1, state.clock)

    async def _read(self, changes: Subscription) -> None:
        async for change in changes:
            message = self.record.take(change)
            if message is not None:
                self.oracle.heard(message)
                if message.sender_id != self.user_id:
                    self.others.append(message)
