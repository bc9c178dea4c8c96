"""What an effect has at hand: rows under the execution's locks, and what is to be written.

Nothing is written before the end: rows have their new values in memory, and the steps wait in the
order in which they were decided.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from protocol.machine import BEGINNING, SAME, Party, Transition
from protocol.money.currency import shown
from storage.database.ids import NewIds
from storage.database.queries import load_queries
from storage.database.write_steps import Step, insert, update
from storage.ledger.booking import Ledger
from storage.workflows.execution.dues import dues_of
from storage.workflows.execution.fewer import fewer
from storage.workflows.rows import Row
from storage.workflows.workflow import Shown, Told, Workflow

Workflows = Mapping[str, Workflow]
"""Workflows by the name of their machine."""


class Work:
    """One execution. `actor` is who asks, None for a timer; `party` what they are to the row.

    `request_key` is the Idempotency-Key of the request. `ledger` books its money: its steps stand
    where it was first opened. `moved` are the rows whose timers are made anew at the end,
    `entries` those of history, of each row the last.
    """

    def __init__(
        self,
        connection: Any,
        workflows: Workflows,
        now: dt.datetime,
        actor: UUID | None,
        party: Party,
        request_key: str | None = None,
    ) -> None:
        self.connection = connection
        self.now = now
        self.actor = actor
        self.party = party
        self.request_key = request_key
        self.steps: list[Step] = []
        self.new_ids = NewIds(now)
        self.workflows = workflows
        self.moved: dict[Row, Workflow] = {}
        self.ledger = Ledger(connection, now, self.new_ids, self._place_ledger)
        self._ledger_at: int | None = None
        self.lengths: dict[str, dt.timedelta] = {}
        self._asked: set[tuple[str, tuple[tuple[str, Any], ...]]] = set()
        self._rows: dict[tuple[str, UUID], Row] = {}
        self._fresh: set[Row] = set()
        self._made: set[UUID] = set()
        self._events: list[tuple[Workflow, Row, Step]] = []
        self._said: Step | None = None
        self.entries: dict[Row, Step] = {}

    # Reading.

    def have(self, table: str, records: Iterable[Mapping[str, Any]], **equal: Any) -> list[Row]:
        """The rows of these records; of each the one that is at hand already, if it is.

        With `equal` they are all that `of` would find by it, which does not ask for them again.
        """
        if equal:
            self._asked.add((table, tuple(equal.items())))
        return [self._known(table, record) for record in records]

    def has(self, table: str, **equal: Any) -> bool:
        """Whether all that `of` would find is at hand."""
        return (table, tuple(equal.items())) in self._asked

    async def one(self, table: str, key: UUID) -> Row:
        """A row by its id. Raises `LookupError`."""
        found = self._rows.get((table, key))
        if found is None:
            record = await self.connection.fetchrow(
                f"SELECT r.* FROM {table} r WHERE r.id = $1", key
            )
            if record is None:
                raise LookupError(f"{table} {key}")
            found = self._known(table, record)
        return found

    async def of(self, table: str, **equal: Any) -> list[Row]:
        """The rows of which these columns have these values, by id, as they are by now.

        PostgreSQL is asked once for the same: under the locks nobody else changes them. It has
        none that refer to a row that this execution makes.
        """
        if not self.has(table, **equal):
            is_there = self._made.isdisjoint(equal.values())
            self.have(table, await self._read(table, equal) if is_there else (), **equal)
        at_hand = (row for (of, _key), row in self._rows.items() if of == table)
        rows = (r for r in at_hand if all(r.get(name) == value for name, value in equal.items()))
        return sorted(rows, key=lambda row: row.id)

    async def _read(self, table: str, equal: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        columns = " AND ".join(f"r.{name} = ${n}" for n, name in enumerate(equal, 1))
        statement = f"SELECT r.* FROM {table} r WHERE {columns}"
        found: list[Mapping[str, Any]] = await self.connection.fetch(statement, *equal.values())
        return found

    async def ask(self, room: str, query: str, *arguments: Any) -> Sequence[Mapping[str, Any]]:
        """What a named query of `sql/workflows/<room>.sql` finds; the rows are not kept."""
        statement = load_queries(f"workflows/{room}")[query]
        found: Sequence[Mapping[str, Any]] = await self.connection.fetch(statement, *arguments)
        return found

    # Writing.

    def set(self, row: Row, **values: Any) -> None:
        """New values of a row."""
        row.take(values)
        self.steps.append(update(row.table, row.id, values))

    def insert(self, table: str, **values: Any) -> Row:
        """A new row, with an id and the time at which it was made."""
        whole = {"id": self.new_ids.next(), "created_at": self.now, **values}
        self._made.add(whole["id"])
        self.steps.append(insert(table, whole))
        return self._known(table, whole)

    def do(self, step: Step) -> None:
        """Any other step, as `storage/database/write_steps.py` makes them."""
        self.steps.append(step)

    # Transitions.

    async def transition(
        self, machine: str, action: str, row: Row, body: Any = None, **values: Any
    ) -> Shown | Told | None:
        """Carry out a transition of a row, with new values of it besides.

        Raises `LookupError` where the machine does not have it: who calls has looked.
        """
        workflow = self.workflows[machine]
        found = workflow.transition(action, row.status)
        return await self.carry_out(workflow, found, row, body, values)

    async def carry_out(
        self,
        workflow: Workflow,
        transition: Transition,
        row: Row,
        body: Any,
        values: Mapping[str, Any] | None = None,
    ) -> Shown | Told | None:
        """Do what a row of a machine says."""
        before = row.status
        changed = dict.fromkeys(transition.stamps, self.now) | dict(values or {})
        if transition.target != SAME:
            changed["status"] = transition.target
            self.moved[row] = workflow
        if changed:
            self.set(row, **changed)
        self._note(workflow, transition, row, before)
        effect = workflow.effects.get(transition.action)
        return None if effect is None else await effect(self, row, body)

    async def begin(self, machine: str, action: str, body: Any = None, **values: Any) -> Row:
        """A new row, by a transition out of the beginning."""
        workflow = self.workflows[machine]
        found = workflow.transition(action, BEGINNING)
        stamps = dict.fromkeys(found.stamps, self.now)
        row = self.insert(workflow.machine.table, status=found.target, **stamps, **values)
        await self.began(workflow, found, row, body)
        return row

    async def began(
        self, workflow: Workflow, transition: Transition, row: Row, body: Any
    ) -> Shown | Told | None:
        """What follows of a row's having begun."""
        self.moved[row] = workflow
        self._fresh.add(row)
        self._note(workflow, transition, row, BEGINNING)
        effect = workflow.effects.get(transition.action)
        return None if effect is None else await effect(self, row, body)

    def tell(self, machine: str, name: str, row: Row, action: str, **more: Any) -> None:
        """An event of a row besides those of its transitions; `more` are members besides."""
        self._tell(self.workflows[machine], name, row, action, more)

    async def say_of(self, machine: str, action: str, row: Row, **more: Any) -> None:
        """Have the execution's system message tell of an action: there is one, the first stands.

        It stands in the room of the row. Its facts are those that the machine declares for the
        action, of `more` or else the row's columns; `note` is what was said with it.
        """
        workflow = next(w for w in self.workflows.values() if w.machine.table == row.table)
        room, names = workflow.room, self.workflows[machine].said.get(action)
        if self._said is not None or room is None or names is None:
            return
        conversation = await room.conversation(self, row)
        if conversation is None:
            return
        entry = self.entries.get(row, {"row": {}})["row"]
        values = {name: row.get(name) for name in names} | {"note": entry.get("note")} | more
        currency = await room.currency(self, row)
        facts = {name: _spelt(values[name], currency) for name in names}
        said: dict[str, Any] = {"action": f"{machine}.{action}", "resource": workflow.resource}
        said |= {"resource_id": row.id, "actor_id": self.actor, "facts": facts}
        self._said = {"do": "say", "conversation_id": conversation, "actor_id": self.actor}
        self._said["system"] = said

    async def ended(self, asked: tuple[Workflow, Transition, Row] | None) -> list[Step]:
        """The whole of what is to be written, in order; `asked` is the outermost transition."""
        running = ((row, w, dues_of(w, row, self.now)) for row, w in self.moved.items())
        timers = [
            {"do": "timers", "machine": w.machine.name, "id": row.id, "dues": dues}
            for row, w, dues in running
            if dues or (w.machine.dues and row not in self._fresh)
        ]
        if asked is not None:
            workflow, transition, row = asked
            await self.say_of(workflow.machine.name, transition.action, row)
        for of, about, event in self._events:
            people = dict.fromkeys(u for u in await of.audience(self, about) if u is not None)
            event["audience"] = list(people)
        told = [event for _w, _r, event in self._events if event["audience"]]
        events = [{"do": "events", "events": told}] if told else []
        said = [] if self._said is None else [self._said]
        at = self._ledger_at or 0
        rows = [*self.steps[:at], *self.ledger.steps, *self.steps[at:]]
        return [*fewer(rows), *timers, *events, *said]

    # Within.

    def _known(self, table: str, values: Mapping[str, Any]) -> Row:
        return self._rows.setdefault((table, values["id"]), Row(table, values))

    def _place_ledger(self) -> None:
        """What is booked refers to rows made before, and rows after it to what is booked."""
        if self._ledger_at is None:
            self._ledger_at = len(self.steps)

    def _note(self, workflow: Workflow, transition: Transition, row: Row, before: str) -> None:
        entry = {
            "id": self.new_ids.next(),
            "entity_type": workflow.machine.name,
            "entity_id": row.id,
            "action": transition.action,
            "from_status": before or None,
            "to_status": row.status,
            "actor_id": self.actor,
            "created_at": self.now,
        }
        self.entries[row] = insert("status_history", entry)
        self.do(self.entries[row])
        for name in workflow.machine.told_of(transition, before):
            self._tell(workflow, name, row, transition.action)

    def _tell(
        self,
        workflow: Workflow,
        name: str,
        row: Row,
        action: str,
        more: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        event: Step = {"table": row.table, "name": name, "id": row.id, **more}
        event |= {"resource": workflow.resource, "status": row.status, "action": action}
        self._events.append((workflow, row, event | {"actor_id": self.actor}))


def _spelt(fact: Any, currency: str) -> Any:
    """A fact of a system message: amounts are text, as resources show them."""
    return shown(fact, currency) if isinstance(fact, Decimal) else fact
