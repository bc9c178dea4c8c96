"""The writing end of one connection: frames gathered and written once per turn of the loop.

A peer that does not read is disconnected here.

A finished frame goes straight to the transport: a system call is most of what a delivery costs, and
the library's own path adds half of that again. The library still writes pings, pongs and closes.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from uuid import UUID

from websockets.protocol import State

from protocol.bus import BusEvent
from protocol.codec import Codec
from protocol.errors import TOO_SLOW, CloseCode
from server.connection.socket import Socket

_SMALL = 126
_MEDIUM = 1 << 16

NOTHING_HELD: Mapping[str, int] = MappingProxyType({})

REPLAY_CHUNK_BYTES = 65_536
"""A replay goes on when the peer has taken all but this."""


def frame(payload: bytes, *, is_text: bool) -> bytes:
    """A whole unmasked message in one WebSocket frame (RFC 6455, section 5.2)."""
    opcode = 0x81 if is_text else 0x82
    size = len(payload)
    if size < _SMALL:
        return bytes((opcode, size)) + payload
    if size < _MEDIUM:
        return bytes((opcode, _SMALL)) + size.to_bytes(2, "big") + payload
    return bytes((opcode, 127)) + size.to_bytes(8, "big") + payload


class WriteTurn:
    """The mailboxes of a process that have something to write when this turn of the loop ends."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[Mailbox] = []

    def add(self, mailbox: "Mailbox") -> None:
        """Have it write when everything that is ready now has been done."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._end)
        self._waiting.append(mailbox)

    def _end(self) -> None:
        waiting, self._waiting = self._waiting, []
        for mailbox in waiting:
            mailbox.flush()


class Mailbox:
    """What a connection is sent. Until `open` it holds back events, so that they follow the reply
    to `hello` and what is replayed; a peer that does not read loses the connection, and nobody
    else notices.
    """

    __slots__ = (
        "_chunks",
        "_held",
        "_held_bytes",
        "_is_closed",
        "_queue_bytes",
        "_socket",
        "_told",
        "_turn",
        "codec",
        "connection_id",
        "end",
        "firsts",
        "has_begun",
        "has_joined_large",
        "held",
        "origin",
        "session_id",
    )

    def __init__(
        self,
        socket: Socket,
        codec: Codec,
        connection_id: str,
        queue_bytes: int,
        end: Callable[[CloseCode], None],
        turn: WriteTurn,
    ) -> None:
        self.codec = codec
        self.connection_id = connection_id
        self.origin = connection_id.encode()
        self.session_id: UUID | None = None
        self.held: Mapping[str, int] = NOTHING_HELD
        """The revs up to which the connection has conversations as it resumes."""
        self.firsts: Mapping[str, int] = NOTHING_HELD
        """Those of which it held nothing, each with the first rev that it was told."""
        self.has_joined_large = False
        """Whether the channels of its large conversations have been joined for it."""
        self.end = end
        self._socket = socket
        self._turn = turn
        self._queue_bytes = queue_bytes
        self._chunks: list[bytes] = []
        self._held: list[tuple[BusEvent | None, str, bytes]] | None = []
        self._held_bytes = 0
        self._told: tuple[int, int] | None = None
        self._is_closed = False
        self.has_begun = False
        """Whether it is known where in the user's log it begins."""

    def send(self, payload: bytes) -> None:
        """Write a reply or an envelope of this connection's own."""
        self.write(frame(payload, is_text=self.codec.is_text))

    def deliver(self, event: BusEvent | None, place: str, finished: bytes) -> None:
        """Write the finished frame of an event, or hold it until the connection is open.

        `place` is the entry in the user's log of an event without a rev.
        """
        if self._held is None:
            self.write(finished)
        else:
            self._hold(event, place, finished)

    def begin(self, place: str, held: Mapping[str, int], firsts: Mapping[str, int]) -> set[str]:
        """The connection has joined its user's log at `place`: what is `held` by then is not told.

        Returns conversations of which something came that will not be told: they are to be synced.
        """
        self._told, self.has_begun = entry_number(place), True
        self.held, self.firsts = held, firsts
        return self._drop_held()

    def holds_more(self, conversation_id: str, rev: int) -> set[str]:
        """A conversation is told up to `rev` by a replay; returns as `begin`."""
        self.held = {**self.held, conversation_id: rev}
        return self._drop_held()

    def next_waiting(self, conversation_id: str, rev: int) -> int:
        """The lowest rev above `rev` that waits for the connection to open; 0 without one."""
        name = conversation_id.encode()
        waiting = [event for event, _place, _finished in self._held or () if event is not None]
        revs = [int(one.rev) for one in waiting if one.conversation_id == name and one.rev]
        return min((one for one in revs if one > rev), default=0)

    def is_told(self, place: str) -> bool:
        """Whether an entry of the user's log was told by the replay, or is left to a sync."""
        if self._told is None:
            return False
        if entry_number(place) <= self._told:
            return True
        self._told = None
        return False

    def holds(self, conversation_id: str, rev: int) -> bool | None:
        """Whether the connection has this rev since it resumed; None if it never will."""
        if rev > self.held.get(conversation_id, 0):
            return False
        return None if rev < self.firsts.get(conversation_id, 0) else True

    async def replay(self, frames: Iterable[bytes]) -> None:
        """Write frames at the pace at which the peer takes them; `open` follows.

        Ends when the connection does. A peer that takes nothing is closed by its missing pongs.
        """
        # Less than is too slow, so that the replay itself is not.
        self._pause_at(min(REPLAY_CHUNK_BYTES, self._queue_bytes // 2))
        try:
            for finished in frames:
                self.write(finished)
                self.flush()
                if self._is_closed:
                    return
                await self._socket.drain()
        except OSError:
            return  # the connection is lost, as its reader will find
        finally:
            self._pause_at(self._queue_bytes)

    def open(self, *, is_synced: bool = False) -> None:
        """Write what was held. Of conversations nothing, if the peer syncs them from here on: it
        may have come by two channels, one of which was joined later.
        """
        held, self._held = self._held or [], None
        for event, _place, finished in held:
            if not (is_synced and event is not None and event.rev):
                self.write(finished)

    @property
    def is_open(self) -> bool:
        """Whether events are written as they come."""
        return self._held is None

    def write(self, finished: bytes) -> None:
        """Write a finished frame at the end of this turn of the loop."""
        if self._is_closed:
            return
        if not self._chunks:
            self._turn.add(self)
        self._chunks.append(finished)

    def flush(self) -> None:
        """Write what is gathered. A connection that has ended takes nothing more."""
        if not self._chunks or self._is_closed:
            return
        chunks, self._chunks = self._chunks, []
        transport = self._socket.transport
        if self._socket.protocol.state is not State.OPEN or transport.is_closing():
            return
        # What a peer has not taken counts, not what is written now: a long reply may pass.
        if transport.get_write_buffer_size() > self._queue_bytes:
            self._end_too_slow()
            return
        transport.write(chunks[0] if len(chunks) == 1 else b"".join(chunks))

    def close(self) -> None:
        """Write nothing more; what is gathered goes out first."""
        self.flush()
        self._is_closed = True

    @property
    def waiting_bytes(self) -> int:
        """Bytes that the peer has not taken yet."""
        return self._held_bytes + self._socket.transport.get_write_buffer_size()

    def _pause_at(self, waiting_bytes: int) -> None:
        """Have `drain` wait while more than this waits for the peer."""
        # Of a transport that is closed uvloop raises.
        if not self._socket.transport.is_closing():
            self._socket.transport.set_write_buffer_limits(high=waiting_bytes)

    def _hold(self, event: BusEvent | None, place: str, finished: bytes) -> None:
        assert self._held is not None
        self._held.append((event, place, finished))
        self._held_bytes += len(finished)
        if self._held_bytes > self._queue_bytes:
            self._held.clear()
            self._held_bytes = 0
            self._end_too_slow()

    def _drop_held(self) -> set[str]:
        """Drop what waits and is told otherwise."""
        assert self._held is not None
        missed: set[str] = set()
        waiting, self._held = self._held, []
        for event, place, finished in waiting:
            is_told: bool | None = False
            if event is not None and event.rev:
                name = event.conversation_id.decode()
                is_told = self.holds(name, int(event.rev))
                if is_told is None:
                    missed.add(name)
            elif place:
                is_told = self.is_told(place)
            if is_told is False:
                self._held.append((event, place, finished))
        self._held_bytes = sum(len(finished) for _event, _place, finished in self._held)
        return missed

    def _end_too_slow(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self.end(TOO_SLOW)


def entry_number(place: str) -> tuple[int, int]:
    """A stream's entry id as numbers; they do not compare as text."""
    milliseconds, _, number = place.partition("-")
    return (int(milliseconds or 0), int(number or 0))
