"""Ids, times and text as the wire writes them."""

from datetime import UTC, datetime, time
from typing import Annotated
from uuid import UUID

import msgspec

# PostgreSQL cannot store U+0000 in text and would refuse the whole group for it.
NO_NUL = r"^[^\x00]*\Z"
Text = Annotated[str, msgspec.Meta(pattern=NO_NUL)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Rev = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]

Id = Annotated[str, msgspec.Meta(extra_json_schema={"format": "uuid"})]
"""A lower-case UUID, as the wire writes it."""
Time = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
"""RFC 3339 in UTC with milliseconds: `2026-11-20T22:03:00.123Z`."""
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its zone, as RFC 3339 writes it, from a client."""
_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$"
DayTime = Annotated[
    time,
    msgspec.Meta(
        tz=False,
        description="a time of day such as 22:00:00, without an offset",
        extra_json_schema={"pattern": _CLOCK, "examples": ["22:00:00"]},
    ),
]
"""A time of day by the clock of the person's place: `22:00:00`, without an offset."""


def format_time(moment: datetime) -> Time:
    """An aware time as RFC 3339 UTC with milliseconds (truncated)."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def optional_time(moment: datetime | None) -> Time | None:
    """`format_time`, passing None through."""
    return None if moment is None else format_time(moment)


def optional_id(value: UUID | None) -> Id | None:
    """A UUID as the wire writes it, passing None through."""
    return None if value is None else str(value)


def seq_of(message_id: UUID) -> int:
    """The `seq` that a message id carries in its last 32 bits."""
    return message_id.int & 0xFFFFFFFF


def created_at_of(message_id: UUID) -> datetime:
    """The creation time, to the millisecond, that a version 7 id begins with.

    Source: RFC 9562, section 5.7. Ids of other versions give some time in range: the row that
    such an id would name does not exist.
    """
    milliseconds = message_id.int >> 80
    seconds, rest = divmod(milliseconds, 1000)
    if seconds > MAX_SECONDS:
        return datetime.max.replace(tzinfo=UTC)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


MAX_SECONDS = 253_402_300_799  # the last second of the year 9999
