"""Sets of whole numbers that lie in runs: which `seq`s of a conversation are at hand."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator


class Ranges:
    """A set of integers kept as disjoint closed intervals, ascending and never touching."""

    __slots__ = ("_highs", "_lows")

    def __init__(self, *intervals: tuple[int, int]) -> None:
        self._lows: list[int] = []
        self._highs: list[int] = []
        for low, high in intervals:
            self.add(low, high)

    def add(self, low: int, high: int | None = None) -> None:
        """Adds `low` to `high`, both included; one number when `high` is left out."""
        high = low if high is None else high
        if high < low:
            return
        first = bisect_left(self._highs, low - 1)
        last = bisect_right(self._lows, high + 1)
        if first < last:
            low = min(low, self._lows[first])
            high = max(high, self._highs[last - 1])
        self._lows[first:last] = [low]
        self._highs[first:last] = [high]

    def remove(self, low: int, high: int) -> None:
        """Takes `low` to `high`, both included, out."""
        if high < low:
            return
        first = bisect_left(self._highs, low)
        last = bisect_right(self._lows, high)
        kept = []
        if first < last:
            if self._lows[first] < low:
                kept.append((self._lows[first], low - 1))
            if self._highs[last - 1] > high:
                kept.append((high + 1, self._highs[last - 1]))
        self._lows[first:last] = [interval[0] for interval in kept]
        self._highs[first:last] = [interval[1] for interval in kept]

    def covers(self, low: int, high: int) -> bool:
        """Whether every number from `low` to `high` is in; true when there is none."""
        if high < low:
            return True
        at = bisect_left(self._highs, low)
        return at < len(self._lows) and self._lows[at] <= low and high <= self._highs[at]

    def within(self, low: int, high: int) -> "Ranges":
        """The part from `low` to `high`."""
        return Ranges(*((max(a, low), min(b, high)) for a, b in self if a <= high and b >= low))

    def count(self, low: int, high: int) -> int:
        """How many numbers from `low` to `high` are in."""
        return sum(b - a + 1 for a, b in self.within(low, high))

    def __contains__(self, number: int) -> bool:
        return self.covers(number, number)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(list(zip(self._lows, self._highs, strict=True)))

    def __bool__(self) -> bool:
        return bool(self._lows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranges) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # it changes, and the type of object does not say so

    def __repr__(self) -> str:
        return f"Ranges({', '.join(f'{a}-{b}' for a, b in self)})"

    @property
    def lowest(self) -> int:
        """The smallest number. Raises `IndexError` when there is none."""
        return self._lows[0]
