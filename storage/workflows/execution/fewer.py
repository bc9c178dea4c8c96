"""The same writes in fewer steps: each is a statement that PostgreSQL plans, with triggers and an
audit a row.

An update waits for the next one of its row, unless it moves the row's status; what follows a
change of status, or a new row, is written with it. Rows of the history come last of the rows,
together, and rows that follow each other in a table are one step. The order in which references
need rows is kept.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from typing import Any

from storage.database.write_steps import Step

HISTORY = "status_history"
_PLAIN = (str, bool, int, float, Decimal, dt.date, type(None))
"""Values that refer to no row that may be made meanwhile: `date` holds times too."""

_Row = tuple[str, str, Any]


def fewer(steps: Iterable[Step]) -> list[Step]:
    """These steps, which are of rows only, with those that can be one put together."""
    kept = _updated_once(steps)
    history = [step for step in kept if step.get("table") == HISTORY]
    return _together([*(step for step in kept if step.get("table") != HISTORY), *history])


def _updated_once(steps: Iterable[Step]) -> list[Step]:
    kept: dict[int, Step] = {}
    last: dict[_Row, int] = {}
    for number, step in enumerate(steps):
        row = _row_of(step)
        before = kept.get(last[row]) if step["do"] == "update" and row in last else None
        if step["do"] == "delete":
            # It may take what an update has just ceased to refer to.
            last.clear()
        elif step["do"] not in {"insert", "update"}:
            last = {one: at for one, at in last.items() if one[2] != step.get("id")}
        elif before is not None and _can_follow(before, step):
            kept[last[row]] = _with(before, step["set"])
            continue
        elif before is not None and before["do"] == "update" and "status" not in before["set"]:
            del kept[last[row]]
            kept[number] = {**step, "set": before["set"] | step["set"]}
        kept.setdefault(number, step)
        if step["do"] in {"insert", "update"}:
            last[row] = number
    return list(kept.values())


def _can_follow(before: Step, step: Step) -> bool:
    """Whether an update can be written with what came before of the same row."""
    is_plain = all(isinstance(value, _PLAIN) for value in step["set"].values())
    is_moved = before["do"] == "insert" or "status" in before["set"]
    return is_moved and is_plain and "status" not in step["set"]


def _row_of(step: Step) -> _Row:
    if step["do"] == "insert":
        return (step["table"], "id", step["row"].get("id"))
    return (step.get("table", ""), step.get("key", "id"), step.get("id"))


def _with(step: Step, values: dict[str, Any]) -> Step:
    name = "row" if step["do"] == "insert" else "set"
    return {**step, name: step[name] | values}


def _together(steps: Iterable[Step]) -> list[Step]:
    """Rows that follow each other in a table and have the same columns as one step."""
    found: list[Step] = []
    for shape, group in groupby(steps, key=_shape):
        if shape is None:
            found += group
        else:
            rows = [step["row"] for step in group]
            found.append({"do": "insert", "table": shape[0], "rows": rows})
    return found


def _shape(step: Step) -> tuple[str, frozenset[str]] | None:
    return (step["table"], frozenset(step["row"])) if step["do"] == "insert" else None
