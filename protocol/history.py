"""Which messages a page of history holds. `seq` has no gaps, so a page is a range of it."""

from typing import NamedTuple


class Page(NamedTuple):
    """The seqs from `first` to `last`, both included; `first` > `last` is an empty page."""

    first: int
    last: int
    has_more: bool
    """Whether messages lie beyond the page in the direction asked for."""


def before(last_seq: int, seq: int, limit: int) -> Page:
    """The `limit` newest messages below `seq`; more are older ones."""
    last = min(seq - 1, last_seq)
    first = max(last - limit + 1, 1)
    return Page(first, last, has_more=first > 1)


def newest(last_seq: int, limit: int) -> Page:
    """The `limit` newest messages; more are older ones."""
    return before(last_seq, last_seq + 1, limit)


def after(last_seq: int, seq: int, limit: int) -> Page:
    """The `limit` oldest messages above `seq`; more are newer ones."""
    first = seq + 1
    last = min(seq + limit, last_seq)
    return Page(first, last, has_more=last < last_seq and first <= last)


def around(last_seq: int, seq: int, limit: int) -> Page:
    """`limit` messages with `seq` in their middle, or nearest to it; more are on either side."""
    first = max(min(seq - limit // 2, last_seq - limit + 1), 1)
    last = min(first + limit - 1, last_seq)
    return Page(first, last, has_more=first > 1 or last < last_seq)
