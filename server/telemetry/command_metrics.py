"""Counts and times of commands: plain numbers, made Prometheus' own when they are asked for.

Its counters take a lock for each number, which one thread does not need.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector


@dataclass(slots=True)
class _Times:
    """How many took at most as long as each bound, the last without one; and all together."""

    counts: list[int]
    seconds: float = 0.0
    outcomes: dict[str, int] = field(default_factory=dict)


class CommandMetrics(Collector):
    """`parley_commands` by op and outcome, `parley_command_seconds` by op."""

    def __init__(self, bounds_s: Sequence[float]) -> None:
        self._bounds_s = bounds_s
        self._ops: dict[str, _Times] = {}

    def observe(self, op: str, outcome: str, seconds: float) -> None:
        """A command has ended; the outcome is `ok` or an error code."""
        times = self._ops.get(op)
        if times is None:
            times = self._ops[op] = _Times([0] * (len(self._bounds_s) + 1))
        times.counts[bisect_left(self._bounds_s, seconds)] += 1
        times.seconds += seconds
        times.outcomes[outcome] = times.outcomes.get(outcome, 0) + 1

    def collect(self) -> Iterator[Metric]:
        """Both families, as they stand."""
        commands = CounterMetricFamily(
            "parley_commands", "Commands over both doors", labels=["op", "outcome"]
        )
        seconds = HistogramMetricFamily(
            "parley_command_seconds", "Time of a command", labels=["op"]
        )
        bounds = [*map(str, map(float, self._bounds_s)), "+Inf"]
        for op, times in self._ops.items():
            for outcome, count in times.outcomes.items():
                commands.add_metric([op, outcome], count)
            buckets = list(zip(bounds, accumulate(times.counts), strict=True))
            seconds.add_metric([op], buckets, times.seconds)
        yield commands
        yield seconds
