"""A crowd: thousands of connections from one thread, opened a bounded number at a time by `epoll`,
each with what it needs to come back and go on from the log.
"""

import select
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import orjson

from loadtests.bench.drivers.parley import RefusedError
from loadtests.bench.drivers.wire import Connection
from loadtests.bench.target.accounts import Login

_PATIENCE_S = 60.0
_SLOWEST = 50
"""Connections a second: a server that takes longer to let a crowd in does not let it in."""
_POLL_S = 0.5
_HEADERS = {"Sec-WebSocket-Protocol": "parley.v1.json"}
AT_ONCE = 400
"""Connections under way at a time: what the server's backlog takes without refusing."""
_AGAIN = "again"


class Seat(msgspec.Struct):
    """One connection, and where it goes on from."""

    login: Login
    room: str = ""
    connection: Connection | None = None
    epoch: str = ""
    offset: str = ""
    rev: int = 0
    missed: int = -1
    is_resumed: bool = False
    is_told: bool = True
    """Whether it has what was said while it was away."""
    waits: str = ""


class Crowd:
    """Seats at one server. Any method raises `ConnectionLostError`, `RefusedError`, `OSError`."""

    def __init__(self, ws_url: str, at_once: int = AT_ONCE) -> None:
        self._ws_url = ws_url
        self._at_once = at_once
        self._open: dict[int, Seat] = {}
        self._poll = select.epoll()

    def open(self, seats: Sequence[Seat]) -> None:
        """Connect these until each has its hello and what it missed; who is told to, tries again.

        Raises `TimeoutError`.
        """
        waiting = list(reversed(seats))
        under_way: set[int] = set()
        deadline = time.monotonic() + _PATIENCE_S + len(seats) / _SLOWEST
        while waiting or under_way:
            while waiting and len(under_way) < self._at_once:
                under_way.add(self._begin(waiting.pop()))
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(under_way) + len(waiting)} connections did not come up")
            for descriptor, _events in self._poll.poll(_POLL_S):
                seat = self._open[descriptor]
                self._advance(seat)
                if seat.waits == _AGAIN:
                    self._drop(descriptor)
                    waiting.insert(0, seat)
                if seat.waits in {"", _AGAIN}:
                    under_way.discard(descriptor)

    def hold(self, for_s: float) -> None:
        """Stay connected: answer pings, take what is told."""
        until = time.monotonic() + for_s
        while (left_s := until - time.monotonic()) > 0:
            for descriptor, _events in self._poll.poll(min(left_s, _POLL_S)):
                self._advance(self._open[descriptor])

    def listen(self, for_s: float, heard: Callable[[Seat, bytes], None]) -> None:
        """As `hold`, and pass each payload on, unread, with the seat that it came to."""
        until = time.monotonic() + for_s
        while (left_s := until - time.monotonic()) > 0:
            for descriptor, _events in self._poll.poll(min(left_s, _POLL_S)):
                seat = self._open[descriptor]
                assert seat.connection is not None
                for payload in seat.connection.receive():
                    heard(seat, payload)

    def cut(self) -> None:
        """End all connections by a reset, as a network that fails does."""
        for descriptor in list(self._open):
            self._drop(descriptor)

    def close(self) -> None:
        """End all connections in good order."""
        for seat in self._open.values():
            assert seat.connection is not None
            seat.connection.close()
        self._open.clear()
        self._poll.close()

    def _begin(self, seat: Seat) -> int:
        seat.connection = Connection.begin(self._ws_url)
        seat.waits = "connect"
        descriptor = seat.connection.fileno()
        self._open[descriptor] = seat
        self._poll.register(descriptor, select.EPOLLOUT)
        return descriptor

    def _drop(self, descriptor: int) -> None:
        seat = self._open.pop(descriptor)
        self._poll.unregister(descriptor)
        assert seat.connection is not None
        seat.connection.cut()

    def _advance(self, seat: Seat) -> None:
        """One step of a connection; it waits for nothing when it is where it should be."""
        connection = seat.connection
        assert connection is not None
        if seat.waits == "connect":
            connection.begin_handshake(self._ws_url, _HEADERS)
            self._poll.modify(connection.fileno(), select.EPOLLIN)
            seat.waits = "upgrade"
        elif seat.waits == "upgrade":
            if connection.end_handshake():
                connection.send(hello(seat))
                seat.waits = "hello"
        else:
            for payload in connection.receive():
                take(seat, orjson.loads(payload))


def take(seat: Seat, told: dict[str, Any]) -> None:
    """What a frame means to a seat. Raises `RefusedError` when its hello was refused for good."""
    if "re" in told:
        if "error" in told:
            if told["error"].get("retryable"):
                seat.waits = _AGAIN
                return
            raise RefusedError(f"hello: {told['error']}")
        d = told["d"]
        seat.epoch, seat.offset = d["epoch"], d["offset"]
        seat.is_resumed, seat.missed = d["resumed"], d["missed"]
        # What was stored a moment ago may be told after the resume rather than in it.
        awaits = seat.missed or (seat.is_resumed and not seat.is_told)
        seat.waits = "events" if awaits else ""
    elif "at" in told:
        seat.offset = told["at"]
        seat.rev = max(seat.rev, told["d"].get("rev", 0))
        seat.is_told = True
        if seat.waits == "events":
            seat.waits = ""


def hello(seat: Seat) -> bytes:
    """The first command: a resume once the seat knows where it was."""
    d: dict[str, Any] = {"token": seat.login.token}
    if seat.epoch:
        d["resume"] = {"epoch": seat.epoch, "offset": seat.offset}
        if seat.rev:
            d["resume"]["revs"] = {seat.room: seat.rev}
    return orjson.dumps({"id": 1, "op": "hello", "d": d})
