"""Several systems side by side: the median of each figure, how far the rounds lie from it, and what
that is beside the first system's.
"""

import math
from collections.abc import Mapping, Sequence

from loadtests.bench import figures

Rows = Mapping[str, Sequence[float]]

_WIDTH = 20


def comparison(title: str, systems: Mapping[str, Rows], *, compared: Sequence[str] = ()) -> str:
    """A column a system, a line a figure; then the figures `compared` as multiples of the first's.

    `±` is how far the outermost round lies from the median.
    """
    first, *others = systems
    names = list(systems[first])
    lines = [title, _line("", list(systems))]
    lines += [_line(name, [_cell(rows[name]) for rows in systems.values()]) for name in names]
    if others and compared:
        lines += ["", _line(f"beside {first}", ["1", *others])]
        lines += [
            _line(
                name, ["", *(_times(systems[each][name], systems[first][name]) for each in others)]
            )
            for name in compared
        ]
    return "\n".join(line.rstrip() for line in lines)


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:<36}" + "".join(f"{cell:>{_WIDTH}}" for cell in cells)


def _cell(values: Sequence[float]) -> str:
    middle = figures.median(values)
    away = max(abs(value - middle) for value in values)
    share = f" ±{away / abs(middle):.0%}" if middle else ""
    return figures.number(middle) + share


def _times(values: Sequence[float], of: Sequence[float]) -> str:
    own = figures.median(of)
    ratio = figures.median(values) / own if own else math.nan
    return f"{ratio:.2f} x"
