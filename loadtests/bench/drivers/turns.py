"""Pairs of people who take turns: each has one message in flight, and its arrival sends the next.

So the server is given as much as it takes and no more, and latencies are of a loaded server that is
not flooded.
"""

import contextlib
import gc
import select
import time
from collections.abc import Iterator, Sequence
from itertools import count

from loadtests.bench.drivers.dialect import Commands, Dialect
from loadtests.bench.drivers.parley import Parley
from loadtests.bench.drivers.wire import Connection

_POLL_S = 0.5
_DRAIN_S = 10.0


class StalledError(Exception):
    """Pairs lost their turn: a message or its event did not come, or came wrong."""


class _Side:
    """One of two people: a connection, and what its next event means."""

    __slots__ = (
        "awaits",
        "commands",
        "connection",
        "next",
        "other",
        "seen_seq",
        "sent_at",
        "wants_receipt",
    )

    def __init__(self, connection: Connection, commands: Commands, last_seq: int) -> None:
        self.connection = connection
        self.commands = commands
        self.seen_seq = last_seq
        self.sent_at = 0.0
        self.wants_receipt = False
        self.other: _Side = self
        # Of the message that it sent: how much is yet to come, and who sends the next one then.
        self.awaits = 0
        self.next: _Side = self


class Counts:
    """What was counted since it was made; latencies in seconds."""

    def __init__(self) -> None:
        self.to_reply: list[float] = []
        self.to_received: list[float] = []
        self.receipts = 0
        self.began = time.perf_counter()


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """No garbage collector within: a driver makes no cycles, and it would only stop at times."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Turns:
    """Drives all pairs from one thread by `epoll`; nothing is sent but in answer to something.

    A message is in flight until it has arrived and is acknowledged; then its receiver sends the
    next one. With `with_receipts` the receiver marks it read instead, and the sender goes on when
    it hears of that.
    """

    def __init__(self, dialect: Dialect | None = None) -> None:
        self._dialect = dialect = dialect or Parley()
        self._reply, self._delivery, self._ping = dialect.reply, dialect.delivery, dialect.ping
        self.sent = 0
        self.with_receipts = False
        self.counts = Counts()
        self._sides: dict[int, _Side] = {}
        self._poll = select.epoll()
        self._replies: dict[int, float] = {}
        self._next_id = count(1_000).__next__
        self._in_flight = 0
        self._is_ending = False

    def add(self, pair: Sequence[Connection], conversation_id: str, last_seq: int) -> None:
        """Let these two take turns in their conversation, whose newest message is `last_seq`."""
        one, other = (
            _Side(each, self._dialect.commands(conversation_id), last_seq) for each in pair
        )
        one.other, other.other = other, one
        for side in (one, other):
            side.connection.set_blocking(None)
            self._sides[side.connection.fileno()] = side
            self._poll.register(side.connection.fileno(), select.EPOLLIN)

    def begin(self) -> None:
        """Send the first message of every pair."""
        for side in list(self._sides.values())[::2]:
            self._send(side, time.perf_counter())

    def run(self, for_s: float) -> Counts:
        """Serve all pairs for so long; what was counted meanwhile.

        Raises `RefusedError`, `ConnectionLostError`, `StalledError` when nothing moves at all.
        """
        counts = self.counts = Counts()
        self._serve(until=counts.began + for_s)
        if not counts.to_received:
            raise StalledError(f"no message arrived in {for_s:.0f} s")
        return counts

    def end(self) -> None:
        """Let what is in flight arrive, and close. Raises as `run`, `StalledError` for one pair."""
        self._is_ending = True
        until = time.perf_counter() + _DRAIN_S
        try:
            while self._is_moving() and time.perf_counter() < until:
                self._serve(until=time.perf_counter() + _POLL_S / 10)
            if self._is_moving():
                raise StalledError(
                    f"{self._in_flight} of {len(self._sides) // 2} pairs lost their turn, "
                    f"{len(self._replies)} commands their reply"
                )
        finally:
            self.close()

    def close(self) -> None:
        """End all connections; may be called again."""
        for side in self._sides.values():
            side.connection.close()
        self._sides.clear()
        self._poll.close()

    def _is_moving(self) -> bool:
        return bool(self._in_flight or self._replies)

    def _serve(self, until: float) -> None:
        clock, poll, sides = time.perf_counter, self._poll.poll, self._sides
        while (left_s := until - clock()) > 0:
            for descriptor, _events in poll(min(left_s, _POLL_S)):
                side = sides[descriptor]
                for payload in side.connection.receive():
                    self._take(side, payload, clock())

    def _take(self, side: _Side, payload: bytes, now: float) -> None:
        if payload.startswith(self._reply):
            sent_at = self._replies.pop(self._dialect.command_id_of(payload))
            if sent_at:
                self.counts.to_reply.append(now - sent_at)
                self._settle(side, now)
        elif payload.startswith(self._delivery):
            self._on_message(side, self._dialect.number_of(payload), now)
        elif payload.startswith(self._dialect.receipt) and side.wants_receipt:
            side.wants_receipt = False
            self.counts.receipts += 1
            side.next = side
            self._settle(side, now)
        elif payload == self._ping:
            side.connection.send(self._dialect.pong)

    def _on_message(self, side: _Side, seq: int, now: float) -> None:
        other = side.other
        skipped = seq - side.seen_seq - 1
        if skipped and (skipped < 0 or self._dialect.is_gapless):
            raise StalledError(f"message {seq} came after message {side.seen_seq}")
        side.seen_seq = other.seen_seq = seq
        self.counts.to_received.append(now - other.sent_at)
        if self.with_receipts:
            command_id = self._next_id()
            other.wants_receipt = True
            # Its latency is not counted: 0 stands for a command that is no message.
            self._replies[command_id] = 0.0
            side.connection.send(side.commands.receipt(command_id, seq))
        else:
            other.next = side
            self._settle(other, now)

    def _settle(self, sender: _Side, now: float) -> None:
        """One of the two that a message awaits has come; after both, the turn passes."""
        sender.awaits -= 1
        if not sender.awaits:
            self._in_flight -= 1
            if not self._is_ending:
                self._send(sender.next, now)

    def _send(self, side: _Side, now: float) -> None:
        command_id = self._next_id()
        self._in_flight += 1
        self.sent += 1
        self._replies[command_id] = side.sent_at = now
        side.awaits = 2
        side.connection.send(side.commands.message(command_id))
