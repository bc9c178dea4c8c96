"""Pairs that talk at a steady pace in a process of their own, and how late each message arrives.

Nothing waits for anything: a message is due when the clock says so, and is late from then on, also
while it cannot be sent. So a server that stands still for a second shows as one, once for each
message of that second.
"""

import multiprocessing
import select
import time
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection as Pipe
from typing import Any

import msgspec

from loadtests.bench import figures
from loadtests.bench.drivers import parley
from loadtests.bench.drivers.wire import Connection
from loadtests.bench.target.accounts import Login

_LISTEN_S = 0.02
_END_S = 10.0
_ANSWER_S = 60.0


class Lateness(msgspec.Struct, frozen=True):
    """Due to received, in ms, since the last time it was asked."""

    p50: float
    p99: float
    most: float
    arrived: int


class GoneError(Exception):
    """The process beside ended, or does not answer."""


class Beside:
    """A function that runs in a process of its own until it is ended, and answers questions."""

    def __init__(self, run: Callable[..., None], *args: Any) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=run, args=(*args, theirs))
        self._process.start()
        # Ours is then the only end left open, so that theirs being gone shows.
        theirs.close()
        self.answer()

    def ask(self) -> Any:
        """What it has to tell. Raises `GoneError`."""
        self._pipe.send("tell")
        return self.answer()

    def answer(self) -> Any:
        """What it says next; raises `GoneError`."""
        try:
            if self._pipe.poll(_ANSWER_S):
                return self._pipe.recv()
        except EOFError:
            raise GoneError("a process beside ended; its complaint stands above") from None
        raise GoneError("a process beside does not answer")

    def end(self) -> None:
        """Have it end, and wait for it."""
        self._pipe.close()
        self._process.join(_END_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_END_S)


class _Pair:
    """Somebody who writes and somebody who reads."""

    def __init__(self, ws_url: str, one: Login, other: Login) -> None:
        self.writer = parley.connect(ws_url, one.token)
        self.reader = parley.connect(ws_url, other.token)
        room, _ = parley.direct_conversation(self.writer, other.user_id)
        self._commands = parley.Commands(room)
        self._number = 1_000
        self.due: deque[float] = deque()
        """When the messages that have not arrived were due; they arrive in their order."""
        for connection in (self.writer, self.reader):
            connection.set_blocking(None)

    def write(self, due: float) -> None:
        self.due.append(due)
        self._number += 1
        self.writer.send(self._commands.message(self._number))


class _Talk:
    """All pairs, and what has arrived of what they say."""

    def __init__(self, ws_url: str, logins: Sequence[Login], per_s: float) -> None:
        self._pairs = [
            _Pair(ws_url, one, other) for one, other in zip(logins[::2], logins[1::2], strict=True)
        ]
        self._every_s = 1 / per_s
        self._due = time.perf_counter()
        self._number = 0
        self._late: list[float] = []
        self._poll = select.epoll()
        self._sides: dict[int, tuple[Connection, _Pair | None]] = {}
        for pair in self._pairs:
            self._sides[pair.reader.fileno()] = (pair.reader, pair)
            self._sides[pair.writer.fileno()] = (pair.writer, None)
        for descriptor in self._sides:
            self._poll.register(descriptor, select.EPOLLIN)

    def go_on(self) -> None:
        """Say what is due, and take what has arrived."""
        while self._due <= time.perf_counter():
            self._pairs[self._number % len(self._pairs)].write(self._due)
            self._number += 1
            self._due += self._every_s
        left_s = max(0.0, self._due - time.perf_counter())
        for descriptor, _ in self._poll.poll(min(_LISTEN_S, left_s)):
            self._take(*self._sides[descriptor])

    def told(self) -> Lateness:
        """Of what has arrived since the last time, and what has not: as late as it is by now."""
        now = time.perf_counter()
        arrived, self._late = self._late, []
        every = [*arrived, *(now - due for pair in self._pairs for due in pair.due)]
        p50, p99, most = (figures.quantile(every, share) * 1e3 for share in (0.5, 0.99, 1.0))
        return Lateness(p50, p99, most, len(arrived))

    def _take(self, connection: Connection, reading: _Pair | None) -> None:
        now = time.perf_counter()
        for payload in connection.receive():
            if reading is not None and payload.startswith(parley.MESSAGE_CREATED):
                self._late.append(now - reading.due.popleft())
            elif payload.startswith(parley.REPLY):
                parley.command_id_of(payload)  # raises for what was refused


def talk(ws_url: str, logins: Sequence[Login], per_s: float, pipe: Pipe) -> None:
    """Pairs of these talk, so many messages a second in all; to be run by `Beside`."""
    talking = _Talk(ws_url, logins, per_s)
    pipe.send("ready")
    while True:
        talking.go_on()
        if not pipe.poll():
            continue
        try:
            pipe.recv()
        except EOFError:
            return
        pipe.send(talking.told())
