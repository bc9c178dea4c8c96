"""Figures of several rounds as a plain table: the median, and how far the rounds lie apart."""

import statistics
from collections.abc import Mapping, Sequence

from loadtests.bench.target.instance import APP, POSTGRES, REDIS

ALL = (APP, POSTGRES, REDIS)
GROUPS = {APP: (APP,), POSTGRES: (POSTGRES,), REDIS: (REDIS,), "together": ALL}
"""What costs are told of: each group of processes, and all of them."""

_THOUSAND = 1_000


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all lie at or below; nan of none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def costs(
    title: str, spent: Sequence[Mapping[str, float]], units: Sequence[float]
) -> dict[str, list[float]]:
    """Rows of CPU µs a unit by group; `spent` and `units` have an element a round."""
    return {
        f"CPU µs {title}: {name}": [
            sum(one[group] for group in groups) / count * 1e6
            for one, count in zip(spent, units, strict=True)
        ]
        for name, groups in GROUPS.items()
    }


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def table(title: str, rows: Mapping[str, Sequence[float]]) -> str:
    """One line a figure: its name, and median, lowest and highest of its rounds."""
    width = max(map(len, rows)) + 2
    lines = [title, f"{'':<{width}}{'median':>10}{'lowest':>10}{'highest':>10}"]
    for name, values in rows.items():
        shown = (statistics.median(values), min(values), max(values))
        lines.append(f"{name:<{width}}" + "".join(f"{number(value):>10}" for value in shown))
    return "\n".join(lines)


def number(value: float) -> str:
    """A figure in a table: short, and no more exact than it is."""
    if abs(value) >= _THOUSAND:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
