"""A device on the bare wire, frame by frame, that loses its connection every few seconds."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from typing import Any, Self

from websockets.exceptions import WebSocketException

from client.connection.connection import Connection, Dial, open_connection
from client.connection.frames import MSGPACK
from client.errors import ClientError
from client.state.changes import Event
from loadtests.bench.target.accounts import Login
from loadtests.chaos.judges.violations import Violations
from loadtests.chaos.judges.wire import WireJudge
from loadtests.chaos.people.sender import WireSender
from loadtests.chaos.people.trace import Write, traced
from loadtests.chaos.servers.proxy import Address, Proxy
from protocol.replies import HelloReply

LASTING_S = (2.0, 12.0)
AWAY_S = (0.0, 1.0)
PING_S = 4.0
HELLO_S = 5.0


class Listener:
    """Connects again and again, resumes when it can, and sends if it has a `sender`."""

    def __init__(
        self,
        name: str,
        login: Login,
        backends: Callable[[], Sequence[Address]],
        violations: Violations,
        seed: str,
        write: Write | None = None,
    ) -> None:
        """`write` is given a line for each frame taken in."""
        self.judge = WireJudge(name, login.user_id, violations)
        self.user_id = login.user_id
        self.sender: WireSender | None = None
        self.resumed = 0
        self.opened = 0
        self.is_open = False
        """Whether a connection has said hello and goes on."""
        self._login = login
        self._format = traced(MSGPACK, name, write)
        self._door = Proxy(backends)
        self._chance = random.Random(f"{seed}/{name}")
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._door.__aenter__()
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._door.__aexit__()
        if not self._task.cancelled():
            self._task.result()

    async def _run(self) -> None:
        dial = Dial(f"ws://127.0.0.1:{self._door.port}/v1/ws", self._format, ping_s=PING_S)
        while True:
            await asyncio.sleep(self._chance.uniform(*AWAY_S))
            with contextlib.suppress(OSError, TimeoutError, WebSocketException, ClientError):
                async with await open_connection(dial, self._take) as connection:
                    await self._listen(connection)

    async def _listen(self, connection: Connection) -> None:
        judge = self.judge
        d: dict[str, Any] = {"token": self._login.token}
        if judge.epoch is not None and judge.offset is not None:
            d["resume"] = {"epoch": judge.epoch, "offset": judge.offset, "revs": judge.revs}
        hello = await connection.request(
            "hello", d, HelloReply, timeout_s=HELLO_S, applied=self._open
        )
        self.opened += 1
        self.resumed += hello.resumed
        work = None if self.sender is None else asyncio.create_task(self.sender.run(connection))
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._chance.uniform(*LASTING_S)):
                    await connection.ended()
        finally:
            # What comes from here on is not heard: replies would find nobody who waits for them.
            self.is_open = False
            self._door.cut(reset=True)
            if work is not None:
                work.cancel()
                await asyncio.wait([work])
        if work is not None and not work.cancelled():
            work.result()

    def _open(self, hello: HelloReply) -> None:
        self.judge.opened(hello)
        self.is_open = True

    def _take(self, event: Event) -> None:
        if self.is_open:
            self.judge.take(event)
