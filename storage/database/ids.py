"""Ids of new rows, which are of version 7 (RFC 9562), and ids of the hot path."""

import datetime as dt
import os
import secrets
import time
from uuid import UUID

from asyncpg.pgproto import pgproto

_COUNTER_BITS = 12
_RANDOM_BITS = 62


def cheap(given: UUID) -> UUID:
    """The same id, in the type in which asyncpg reads ids from PostgreSQL.

    It is a `UUID` to whoever asks, equal to Python's and of the same hash, but written in C: to
    hash it, write it as text or send it costs a tenth.
    """
    made: UUID = pgproto.UUID(given.bytes)
    return made


def new_id() -> UUID:
    """A UUID of version 7 for a row that is made here: in the order of time, to the millisecond."""
    made = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    made[6] = made[6] & 0x0F | 0x70
    made[8] = made[8] & 0x3F | 0x80
    return UUID(bytes=bytes(made))


class NewIds:
    """The ids of one execution, by the clock of workflows: in the order in which they are made.

    After 4096 of them the counter goes on in the next millisecond (RFC 9562, 6.2): a split of many
    milestones among a large team makes more, and nobody else could divide that money.
    """

    def __init__(self, now: dt.datetime) -> None:
        self._next = round(now.timestamp() * 1000) << _COUNTER_BITS

    def next(self) -> UUID:
        """A new id, which is higher than those before it."""
        time_ms, count = divmod(self._next, 1 << _COUNTER_BITS)
        self._next += 1
        high = time_ms << 16 | 0x7 << 12 | count
        return UUID(int=high << 64 | 0b10 << 62 | secrets.randbits(_RANDOM_BITS))
