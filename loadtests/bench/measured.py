"""What one round of a load came to, and the rows of a table that follow from several."""

from collections.abc import Callable, Sequence

import msgspec

from loadtests.bench import figures
from loadtests.bench.target.cpu import DRIVER, OTHERS

_MICRO = 1e6
_MILLI = 1e3
_LEAST_US = 1e-3


class Round(msgspec.Struct, frozen=True):
    """One round: what arrived, p50 and p99 in seconds, CPU seconds by group of processes."""

    seconds: float
    arrived: int
    to_reply: tuple[float, float]
    to_received: tuple[float, float]
    cpu: dict[str, float]
    receipts: int = 0

    def cost_us(self, *groups: str) -> float:
        """CPU µs of these groups together for each that arrived."""
        return sum(self.cpu[group] for group in groups) / max(1, self.arrived) * _MICRO


def two_quantiles(values: Sequence[float]) -> tuple[float, float]:
    """p50 and p99."""
    return figures.quantile(values, 0.50), figures.quantile(values, 0.99)


def rows(what: str, rounds: Sequence[Round]) -> dict[str, list[float]]:
    """The figures of each round; `what` arrived: a message, a delivery."""
    columns: dict[str, Callable[[Round], float]] = {
        f"{_plural(what)}/s": lambda each: each.arrived / each.seconds,
        "send to reply, p50 ms": lambda each: each.to_reply[0] * _MILLI,
        "send to reply, p99 ms": lambda each: each.to_reply[1] * _MILLI,
        "send to received, p50 ms": lambda each: each.to_received[0] * _MILLI,
        "send to received, p99 ms": lambda each: each.to_received[1] * _MILLI,
    }
    told = {name: [column(each) for each in rounds] for name, column in columns.items()}
    arrived = [max(1, each.arrived) for each in rounds]
    told |= figures.costs(f"a {what}", [each.cpu for each in rounds], arrived)
    told[f"CPU µs a {what}: driver"] = [each.cost_us(DRIVER) for each in rounds]
    # The same work for every version: what the host's speed does to one, it does to the other.
    told["CPU together, as multiples of the driver's"] = [
        each.cost_us(*figures.ALL) / max(each.cost_us(DRIVER), _LEAST_US) for each in rounds
    ]
    told["other processes, cores"] = [each.cpu[OTHERS] / each.seconds for each in rounds]
    return told


def server_rows(what: str) -> list[str]:
    """The names of those rows that tell of the server."""
    return [
        f"{_plural(what)}/s",
        "send to reply, p99 ms",
        "send to received, p50 ms",
        "send to received, p99 ms",
        *figures.costs(f"a {what}", (), ()),
    ]


def _plural(what: str) -> str:
    return f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
