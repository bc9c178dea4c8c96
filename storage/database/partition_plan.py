"""Which partitions there are to be, and what is to be done until there are. Pure.

Times are in UTC. A partition has its table's name with the period's: `messages_2026_11` is a month,
`message_keys_2026_48` a week of ISO 8601.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple

KEYS_KEPT = timedelta(days=7)
"""How long after its end a week of message keys stays: as long as a send may come again."""

Unit = Literal["month", "week"]


class Partitioned(NamedTuple):
    """A table whose partitions are made ahead. Counts are in whole periods.

    Fewer than `least` periods ahead are worth a warning. What ended longer ago than `kept` is
    dropped; None keeps everything.
    """

    table: str
    unit: Unit
    ahead: int
    behind: int = 0
    least: int = 1
    kept: timedelta | None = None


TABLES = (
    Partitioned("messages", "month", ahead=3),
    # The week before holds keys of clocks that are behind.
    Partitioned("message_keys", "week", ahead=4, behind=1, least=2, kept=KEYS_KEPT),
    Partitioned("audit_log", "month", ahead=3),
    # The clock of workflows may stand in the past, as while sample people are made.
    Partitioned("transactions", "month", ahead=3, behind=2),
    Partitioned("view_events", "month", ahead=3),
)
NAMES = [table.table for table in TABLES]


class Period(NamedTuple):
    """A partition's name and bounds; `ends` is the first moment that is not in it."""

    name: str
    begins: datetime
    ends: datetime


class State(NamedTuple):
    """What is there of a table: its partitions, those half detached, and tables of such names."""

    attached: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()


class Finalize(NamedTuple):
    """A detaching that was broken off is to be ended."""

    table: str
    partition: str


class Make(NamedTuple):
    """A partition is to be made, or only attached when its table `is_there`."""

    table: str
    partition: str
    period: Period
    is_there: bool


class Drop(NamedTuple):
    """A partition is to be dropped; one that `is_attached` is detached before."""

    table: str
    partition: str
    is_attached: bool


Step = Finalize | Make | Drop


def steps(states: Mapping[str, State], now: datetime) -> list[Step]:
    """What is to be done to these tables, in order: what ends, what is made, what is dropped.

    Whatever fails, the steps of other partitions can be taken.
    """
    tables = [(table, states[table.table]) for table in TABLES if table.table in states]
    found: list[Step] = [
        Finalize(table.table, name) for table, state in tables for name in sorted(state.pending)
    ]
    for table, state in tables:
        found += _made(table, state, now)
    for table, state in tables:
        found += _dropped(table, state, now)
    return found


def ahead(table: Partitioned, attached: Collection[str], now: datetime) -> int:
    """How many periods after the present one have a partition, up to the first that has none.

    -1 when the present one has none.
    """
    count = -1
    while _period(table, now, count + 1).name in attached:
        count += 1
    return count


def _made(table: Partitioned, state: State, now: datetime) -> Iterator[Make]:
    for number in range(-table.behind, table.ahead + 1):
        period = _period(table, now, number)
        if period.name not in state.attached:
            is_there = period.name in state.loose | state.pending
            yield Make(table.table, period.name, period, is_there)


def _dropped(table: Partitioned, state: State, now: datetime) -> Iterator[Drop]:
    if table.kept is None:
        return
    for name in sorted(state.attached | state.pending | state.loose):
        ends = _end_of_week(table, name)
        if ends is not None and ends < now - table.kept:
            yield Drop(table.table, name, is_attached=name in state.attached)


def _period(table: Partitioned, now: datetime, number: int) -> Period:
    """The period that is `number` after the one of `now`."""
    today = now.astimezone(UTC).date()
    if table.unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=number)
        year, week, _day = monday.isocalendar()
        return Period(
            f"{table.table}_{year:04}_{week:02}",
            _midnight(monday),
            _midnight(monday + timedelta(days=7)),
        )
    months = today.year * 12 + today.month - 1 + number
    first, following = (date(m // 12, m % 12 + 1, 1) for m in (months, months + 1))
    return Period(f"{table.table}_{first:%Y_%m}", _midnight(first), _midnight(following))


def _end_of_week(table: Partitioned, name: str) -> datetime | None:
    """When the week of this partition ends; None for a name that is not a week's."""
    year, _, week = name.removeprefix(f"{table.table}_").partition("_")
    try:
        return _midnight(date.fromisocalendar(int(year), int(week), 1) + timedelta(days=7))
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
