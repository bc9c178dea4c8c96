"""What effects do besides plain transitions: rows that follow others, timers made anew."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal
from uuid import UUID

from protocol.machine import BEGINNING, Party
from storage.workflows.facts import Read
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Workflow


async def towards(work: Work, machine: str, status: str, row: Row) -> None:
    """Bring a row to a state by the one transition of the server's own that leads there.

    Nothing where it is in that state. Raises `LookupError` where there is none.
    """
    if row.status == status:
        return
    rows = work.workflows[machine].machine.transitions
    found = (
        t.action
        for t in rows
        if row.status in t.sources and t.target == status and Party.SYSTEM in t.by
    )
    action = next(found, None)
    if action is None:
        raise LookupError(f"{machine}: nothing leads from {row.status} to {status}")
    await work.transition(machine, action, row)


async def adopt(work: Work, machine: str, action: str, values: Mapping[str, Any]) -> Row:
    """A row that begins by another step of this execution, with all that follows from it."""
    workflow = work.workflows[machine]
    found = workflow.transition(action, BEGINNING)
    [row] = work.have(workflow.machine.table, [{"status": found.target, **values}])
    await work.began(workflow, found, row, None)
    return row


def retime(work: Work, machine: str, row: Row) -> None:
    """Make the timers of a row anew at the end, though its state is the same."""
    work.moved[row] = work.workflows[machine]


def hold_timers(work: Work, do: Literal["freeze", "thaw"], machine: str, row: Row) -> None:
    """Stop the timers of a row and keep what is left of them on it, or let them go on.

    After the transition of the row, if it has one: its timers are not made anew.
    """
    work.moved.pop(row, None)
    work.do({"do": do, "machine": machine, "table": row.table, "id": row.id})


def left_of(row: Row, action: str) -> dt.timedelta | None:
    """What was left of a timer of a row when its timers were stopped; None where it had none."""
    timers = json.loads(row["timers_left"] or "[]")
    found = (timer["seconds"] for timer in timers if timer["action"] == action)
    seconds = next(found, None)
    return None if seconds is None else dt.timedelta(seconds=seconds)


def tell_change(work: Work, machine: str, row: Row) -> None:
    """Tell that a row says something else now, and its status is what it was."""
    work.tell(machine, f"{machine}.changed", row, "change")


def note(work: Work, row: Row, text: str) -> None:
    """What is said with the last transition of a row, in its history."""
    work.entries[row]["row"]["note"] = text


async def length_of(work: Work, setting: str) -> dt.timedelta:
    """How long a setting is now."""
    if setting not in work.lengths:
        found = await work.connection.fetchval("SELECT setting_length($1)", setting)
        work.lengths[setting] = found
    return work.lengths[setting]


def keep_at_hand(work: Work, workflow: Workflow, row: Row, read: Read) -> None:
    """What was read beside a row is not asked for again."""
    equal = {table: {column: row[of]} for table, (column, of) in workflow.beside.rows.items()}
    for table, records in read.beside.items():
        work.have(table, records, **equal.get(table, {}))
    work.lengths |= read.lengths


async def gather(work: Work, settings: Iterable[str], **asked: tuple[str, UUID]) -> None:
    """Read rows of several tables in one statement, for `Work.one` and `Work.of` later on.

    `asked` names a table, and of it a column and the value it has; `settings` those whose length
    will be asked for. Tables with columns that asyncpg does not read within a row are not for this.
    """
    asked = {t: (c, value) for t, (c, value) in asked.items() if not work.has(t, **{c: value})}
    lengths = [name for name in settings if name not in work.lengths]
    if not asked and not lengths:
        return
    reads = [
        f"ARRAY(SELECT r FROM {table} r WHERE r.{column} = ${n}) AS {table}"
        for n, (table, (column, _value)) in enumerate(asked.items(), 1)
    ]
    reads += [f"setting_length('{name}') AS {name}" for name in lengths]
    values = [value for _column, value in asked.values()]
    found = await work.connection.fetchrow(f"SELECT {', '.join(reads)}", *values)
    for table, (column, value) in asked.items():
        work.have(table, found[table], **{column: value})
    work.lengths |= {name: found[name] for name in lengths}
