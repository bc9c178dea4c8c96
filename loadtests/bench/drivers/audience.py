"""One sender and many members of one conversation: what is sent once and must reach everybody.

The sender has a window of messages in flight; each that is acknowledged lets it send the next. Each
delivery is counted at its member; when it was sent is asked of some members' only.
"""

import select
import time
from collections.abc import Sequence
from itertools import count

from loadtests.bench.drivers.dialect import Dialect, sent_number
from loadtests.bench.drivers.turns import StalledError
from loadtests.bench.drivers.wire import Connection

_POLL_S = 0.5
_DRAIN_S = 20.0
_SAMPLED = 50


class _Member:
    """One who listens."""

    __slots__ = ("connection", "got", "is_sampled")

    def __init__(self, connection: Connection, *, is_sampled: bool) -> None:
        self.connection = connection
        self.got = 0
        self.is_sampled = is_sampled


class Counts:
    """What was counted since it was made; latencies in seconds, those of deliveries of a sample."""

    def __init__(self) -> None:
        self.to_reply: list[float] = []
        self.to_received: list[float] = []
        self.deliveries = 0


class Audience:
    """Drives one conversation from one thread by `epoll`."""

    def __init__(self, dialect: Dialect, sender: Connection, conversation_id: str) -> None:
        self.sent = 0
        self._dialect = dialect
        self._delivery, self._ping = dialect.delivery, dialect.ping
        self._sender = sender
        self._commands = dialect.commands(conversation_id)
        self._members: dict[int, _Member] = {}
        self._poll = select.epoll()
        self._next_id = count(1_000).__next__
        self._in_flight: dict[int, float] = {}
        self._sent_at: dict[int, float] = {}
        self._counts = Counts()
        self._is_ending = False

    def add(self, members: Sequence[Connection]) -> None:
        """Those whom every message must reach; to be called once."""
        every = max(1, len(members) // _SAMPLED)
        for number, connection in enumerate(members):
            member = _Member(connection, is_sampled=number % every == 0)
            self._members[connection.fileno()] = member
        for connection in (self._sender, *members):
            connection.set_blocking(None)
            self._poll.register(connection.fileno(), select.EPOLLIN)

    def begin(self, window: int) -> None:
        """Send the first messages, `window` of them."""
        for _ in range(window):
            self._send(time.perf_counter())

    def run(self, for_s: float) -> Counts:
        """Serve all for so long; what was counted meanwhile.

        Raises `RefusedError`, `ConnectionLostError`, `StalledError` when nothing arrives at all.
        """
        counts = self._counts = Counts()
        self._serve(until=time.perf_counter() + for_s)
        if not counts.deliveries:
            raise StalledError(f"nothing was delivered in {for_s:.0f} s")
        return counts

    def end(self) -> None:
        """Let what is in flight arrive, and close.

        Raises as `run`, `StalledError` when a member did not get every message, or one too often.
        """
        self._is_ending = True
        until = time.perf_counter() + _DRAIN_S
        try:
            while self._is_moving() and time.perf_counter() < until:
                self._serve(until=time.perf_counter() + _POLL_S / 10)
            wrong = [member.got for member in self._members.values() if member.got != self.sent]
            if wrong or self._in_flight:
                raise StalledError(
                    f"{len(wrong)} of {len(self._members)} members got other than {self.sent} "
                    f"messages, {min(wrong, default=self.sent)} the least; "
                    f"{len(self._in_flight)} were not acknowledged"
                )
        finally:
            self.close()

    def close(self) -> None:
        """End all connections; may be called again."""
        for connection in (self._sender, *(each.connection for each in self._members.values())):
            connection.close()
        self._members.clear()
        self._poll.close()

    def _is_moving(self) -> bool:
        return bool(self._in_flight) or any(
            member.got < self.sent for member in self._members.values()
        )

    def _serve(self, until: float) -> None:
        clock, poll, members = time.perf_counter, self._poll.poll, self._members
        while (left_s := until - clock()) > 0:
            for descriptor, _events in poll(min(left_s, _POLL_S)):
                member = members.get(descriptor)
                if member is None:
                    self._hear_replies(clock())
                else:
                    self._hear(member, clock())

    def _hear(self, member: _Member, now: float) -> None:
        for payload in member.connection.receive():
            if payload.startswith(self._delivery):
                member.got += 1
                self._counts.deliveries += 1
                if member.is_sampled:
                    self._counts.to_received.append(now - self._sent_at[sent_number(payload)])
            elif payload == self._ping:
                member.connection.send(self._dialect.pong)

    def _hear_replies(self, now: float) -> None:
        for payload in self._sender.receive():
            if payload.startswith(self._dialect.reply):
                sent_at = self._in_flight.pop(self._dialect.command_id_of(payload))
                self._counts.to_reply.append(now - sent_at)
                if not self._is_ending:
                    self._send(now)
            elif payload == self._ping:
                self._sender.send(self._dialect.pong)

    def _send(self, now: float) -> None:
        command_id = self._next_id()
        self._in_flight[command_id] = self._sent_at[command_id] = now
        self.sent += 1
        self._sender.send(self._commands.message(command_id))
