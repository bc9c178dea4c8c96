"""The timers of a row in its state, as its machine declares them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from protocol.machine import Due
from storage.workflows.rows import Row
from storage.workflows.workflow import Workflow


def dues_of(workflow: Workflow, row: Row, now: dt.datetime) -> list[dict[str, Any]]:
    """The timers that run while the row is as it is, for the step `timers`."""
    dues = workflow.machine.dues.get(row.status, ())
    return [
        {
            "action": due.action,
            "state": row.status,
            "start": _start(due, row, now),
            "setting": due.setting or None,
            "seconds": None if due.setting else 0,
            "reminds": due.reminds,
            "moves_money": any(t.moves_money for t in workflow.machine.named(due.action)),
        }
        for due in _running(dues, row)
    ]


def _running(dues: tuple[Due, ...], row: Row) -> Iterator[Due]:
    for due in dues:
        is_given = not due.given or row.get(due.given) is not None
        if is_given and (not due.lacking or row.get(due.lacking) is None):
            yield due


def _start(due: Due, row: Row, now: dt.datetime) -> dt.datetime:
    """A time that has come before the row did is no reason to be late at once: that is due."""
    found = (row.get(column) for column in due.since)
    return next((at for at in found if at is not None), now)
