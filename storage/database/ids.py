"""Ids of new rows, which are of version 7 (RFC 9562), and ids of the hot path."""

import datetime as dt
import os
import secrets
import time
from uuid import UUID

from asyncpg.pgproto import pgproto

_COUNTED = (1 << 12) - 1
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
    """The ids of one execution, by the clock of workflows: in the order in which they are made."""

    def __init__(self, now: dt.datetime) -> None:
        self._time_ms = round(now.timestamp() * 1000)
        self._made = -1

    def next(self) -> UUID:
        """A new id. Raises `OverflowError` after 4096 of them."""
        self._made += 1
        if self._made > _COUNTED:
            raise OverflowError("too many new rows in one execution")
        high = self._time_ms << 16 | 0x7 << 12 | self._made
        return UUID(int=high << 64 | 0b10 << 62 | secrets.randbits(_RANDOM_BITS))
