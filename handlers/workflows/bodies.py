"""What bodies of transitions are made of."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from handlers.texts import fault_of_line, fault_of_text
from protocol.errors import Fault, RequestError
from protocol.faults.calendar import OUT_OF_CALENDAR, in_calendar
from protocol.money.currency import parse_amount
from protocol.text import NO_NUL
from storage.resources.kinds import URL_CHARS, URL_PATTERN, URL_SAID
from storage.workflows.work import Work

Amount = Annotated[
    str | int | float,
    Meta(description="an amount, as text or a number, such as 100.00", examples=["100.00"]),
]
"""An amount of a currency that a row knows: `amount` reads it.

A number with a fraction is what its JSON was: doors refuse numbers that would be rounded.
"""

Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Words = Annotated[str, Meta(min_length=1, max_length=5_000, pattern=NO_NUL)]
Passage = Annotated[str, Meta(min_length=1, max_length=10_000, pattern=NO_NUL)]
Story = Annotated[str, Meta(min_length=1, max_length=20_000, pattern=NO_NUL)]
Url = Annotated[str, Meta(pattern=URL_PATTERN, max_length=URL_CHARS, description=URL_SAID)]
Urls = Annotated[list[Url], Meta(max_length=20)]
Files = Annotated[list[UUID], Meta(max_length=20)]


def amount(path: str, value: Amount, currency: str) -> Decimal:
    """An amount that somebody sent; raises `RequestError` for what is none, or below zero."""
    try:
        return parse_amount(value, currency)
    except ValueError as error:
        raise RequestError.invalid(path, str(error)) from error


def positive(path: str, value: Amount, currency: str) -> Decimal:
    """An amount of more than nothing; raises `RequestError`."""
    found = amount(path, value, currency)
    if not found:
        raise RequestError.invalid(path, "must be more than nothing")
    return found


def in_utc(path: str, value: dt.datetime) -> dt.datetime:
    """A time as it is kept, in UTC; raises `RequestError` for one outside of the calendar.

    Bodies are held to the calendar where they are read: this is for what was kept before that.
    """
    if not in_calendar(value):
        raise RequestError.invalid(path, OUT_OF_CALENDAR)
    return value.astimezone(dt.UTC)


def readable(*, title: str | None = None, **texts: str | None) -> None:
    """Raise `RequestError` of what nobody could read: a title, and texts by their member."""
    faults = [
        Fault(name, why) for name, text in texts.items() if text and (why := fault_of_text(text))
    ]
    if title and (why := fault_of_line(title)):
        faults.insert(0, Fault("title", why))
    if faults:
        raise RequestError.of_faults(faults)


async def own_files(work: Work, files: Sequence[UUID]) -> frozenset[UUID]:
    """Which of these files are there and the caller's."""
    if not files:
        return frozenset()
    found = await work.ask("bodies", "own_files", files, work.actor)
    return frozenset(row["id"] for row in found)


async def ones_own(work: Work, path: str, files: Sequence[UUID]) -> None:
    """Raise `RequestError` unless files are there and the caller's."""
    if not (await own_files(work, files)).issuperset(files):
        raise RequestError.invalid(path, "must name files of your own that are there")
