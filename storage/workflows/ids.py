"""Ids of new rows: version 7 (RFC 9562), by the clock of workflows."""

import datetime as dt
import secrets
from uuid import UUID

_COUNTED = (1 << 12) - 1
_RANDOM_BITS = 62


class NewIds:
    """The ids of one execution, in the order in which they are made."""

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
