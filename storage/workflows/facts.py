"""The statements that ask for facts, made of a workflow's declarations."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from protocol.machine import Party, Transition
from storage.workflows.workflow import ME, NOW, Guard, Roots, Workflow

_PARTY, _GUARD, _ROOT = "party_", "guard_", "root_"
_SINCE = "since_"
_BESIDE, _LENGTH, _LAST = "beside_", "length_", "last_of"
_SEES = "($2::uuid IS NULL OR workflow_sees($2, '{}', $1))"
"""Whether the user may know of the row of a table: a timer, which is nobody, may know of all."""
_TYPED = "AND ($2::uuid IS NULL OR true) AND $3::timestamptz IS NOT NULL"
"""Types the user and the time, also where no fact asks for them."""


class Facts(NamedTuple):
    """Who the caller is to a row, which guards hold, and from when, where time decides."""

    parties: frozenset[Party]
    holds: Mapping[str, bool]
    since: Mapping[str, dt.datetime]


class Read(NamedTuple):
    """A row with its facts, and what its workflow reads beside it: rows by table, lengths."""

    row: dict[str, Any]
    facts: Facts
    beside: Mapping[str, Sequence[Mapping[str, Any]]]
    lengths: Mapping[str, Any]


@cache
def facts_sql(workflow: Workflow, action: str) -> str:
    """The row with the id `$1`, its facts for the user `$2` at the time `$3`, and what is beside.

    From when the guards of an action hold is read with them. The columns of a row that is read
    last have names that others may have too.
    """
    beside = workflow.beside
    asked = (t for t in workflow.machine.named(action) if not t.is_creation)
    reads = [_own_facts(workflow), *_since_of(workflow, asked)]
    reads += [
        f"ARRAY(SELECT t FROM {table} t WHERE t.{column} = r.{of}) AS {_BESIDE}{table}"
        for table, (column, of) in beside.rows.items()
    ]
    reads += [f"setting_length('{name}') AS {_LENGTH}{name}" for name in beside.settings]
    joined = ""
    if beside.last is not None:
        table, key = beside.last
        reads.append(f"'{table}' AS {_LAST}, l.*")
        joined = f" LEFT JOIN {table} l ON l.id = {key}"
    return (
        f"SELECT r.*, {', '.join(reads)} FROM {workflow.machine.table} r{joined}"
        f" WHERE r.id = $1::uuid {_TYPED}"
    )


@cache
def shown_sql(workflow: Workflow) -> str:
    """The facts of the rows `$1` for the user `$2`, now."""
    return (
        f"SELECT r.id, r.status, {_facts_now(workflow)} FROM {workflow.machine.table} r"
        " WHERE r.id = ANY ($1::uuid[]) AND ($2::uuid IS NULL OR true)"
    )


# Remembers what the statement around it shows; an answer that is older than a day makes room.
_KEEP_SHOWN = """
INSERT INTO idempotency_keys (user_id, method, path, key, request_hash, status, body, headers)
SELECT $2, $3, $4, $5, $6, $7, s.body,
       jsonb_build_object('key', $1::text, 'version', s.version, 'path', $8::text)
FROM shown s
ON CONFLICT (user_id, method, path, key) DO UPDATE SET
    request_hash = EXCLUDED.request_hash, status = EXCLUDED.status, body = EXCLUDED.body,
    headers = EXCLUDED.headers, created_at = now()
"""


@cache
def answer_sql(one: str, workflow: Workflow | None, *, is_kept: bool) -> str:
    """What `one` shows of the row `$1`, with its facts for the user `$2` if it has a workflow.

    With `is_kept` it is kept as the answer to the user's request: `$3` to `$6` are the method,
    path, key and hash of the request, `$7` is the status, `$8` the path of the resource.
    """
    kept = f", kept AS ({_KEEP_SHOWN})" if is_kept else ""
    facts = joined = ""
    if workflow is not None:
        facts = ", f.*"
        joined = (
            f" LEFT JOIN (SELECT r.status, {_facts_now(workflow)} FROM {workflow.machine.table} r"
            " WHERE r.id = $1::uuid AND ($2::uuid IS NULL OR true)) f ON true"
        )
    return (
        f"WITH shown AS MATERIALIZED ({one}){kept}"
        f" SELECT s.body, s.version{facts} FROM shown s{joined}"
    )


TOLD_SQL = answer_sql("SELECT $9::text AS body, NULL::integer AS version", None, is_kept=True)
"""Keeps the answer `$9`, which is no row; `$1` is where the row is that it began, as text.

The others are as for `answer_sql`.
"""


@cache
def creation_sql(workflow: Workflow, parent: Workflow | None) -> str:
    """Facts for a creation, of the parent (or the user) `$1`, for the user `$2` at `$3`."""
    parties = {Party.OWNER: "r.id = {me}"} if parent is None else parent.parties
    facts = _facts_of(workflow, parties, workflow.creations)
    reads = ", ".join([facts, *_since_of(workflow, workflow.creations)])
    table = "users" if parent is None else parent.machine.table
    return f"SELECT r.*, {reads} FROM {table} r WHERE r.id = $1::uuid {_TYPED}"


@cache
def opening_sql(workflow: Workflow, *, is_once: bool) -> str:
    """Whether the user `$2` sees the row `$1`; what it stands on is locked if so.

    Without a user, it is a timer or another part of the server that asks. `is_once` is as for
    `_locking`.
    """
    table = workflow.machine.table
    opened = (
        f"SELECT {_SEES.format(table)} AS sees, {_roots_of(workflow.roots)}"
        f" FROM (SELECT $1::uuid AS id) asked LEFT JOIN {table} r ON r.id = asked.id"
    )
    return _locking(opened, "o.sees", is_once=is_once)


@cache
def creation_opening_sql(workflow: Workflow, parent: Workflow | None, *, is_once: bool) -> str:
    """As `opening_sql` for a creation: `$1` is the parent, or the user who asks."""
    assert workflow.creation is not None
    roots = workflow.creation.roots or (
        Roots(users="ARRAY[r.id]") if parent is None else parent.roots
    )
    table = "users" if parent is None else parent.machine.table
    sees = "true" if parent is None else _SEES.format(table)
    opened = (
        f"SELECT {sees} AS sees, {_roots_of(roots)}"
        " FROM (SELECT $1::uuid AS id, $2::uuid AS me) asked"
        f" LEFT JOIN {table} r ON r.id = asked.id"
    )
    return _locking(opened, "true", is_once=is_once)


def _locking(opened: str, condition: str, *, is_once: bool) -> str:
    """A statement that locks what another has found, on a condition, in the same round trip.

    What it reads itself is as it was before the locks: only the next statement sees what others
    have committed until then. The time is read after them, so that of two executions that stand
    on the same the second is the later one in their history too. With `is_once` the request has a
    key, `$5` of the method `$3` and path `$4`: it is taken, and nothing is locked for a request
    that was answered before.
    """
    first = "SELECT * FROM idempotency_begin($2, $3, $4, $5)"
    none = "SELECT false AS is_taken, NULL::bytea AS request_hash"
    roots = ", ".join(f"o.{_ROOT}{name}" for name in Roots._fields)
    return (
        f"WITH i AS MATERIALIZED ({first if is_once else none}), o AS MATERIALIZED ({opened})"
        " SELECT i.*, o.sees, CASE WHEN NOT i.is_taken AND i.request_hash IS NULL"
        f" AND {condition} THEN workflow_lock({roots})::text END, workflow_now() AS now"
        " FROM i CROSS JOIN o"
    )


def _roots_of(roots: Roots) -> str:
    """The columns of what is to be locked."""
    fields = zip(Roots._fields, roots, strict=True)
    return ", ".join(
        f"coalesce(({_filled(sql)})::uuid[], '{{}}') AS {_ROOT}{name}" for name, sql in fields
    )


def facts_in(record: Mapping[str, Any]) -> Facts:
    """The facts of a record."""
    names = list(record.keys())
    parties = (n for n in names if n.startswith(_PARTY) and record[n])
    guards = (n for n in names if n.startswith(_GUARD))
    return Facts(
        frozenset(Party(n.removeprefix(_PARTY)) for n in parties),
        {n.removeprefix(_GUARD): record[n] is True for n in guards},
        {n.removeprefix(_SINCE): record[n] for n in names if n.startswith(_SINCE) and record[n]},
    )


def read_in(record: asyncpg.Record) -> Read:
    """What a record of `facts_sql` holds."""
    names, values = list(record.keys()), list(record.values())
    beside: dict[str, Sequence[Mapping[str, Any]]] = {}
    if _LAST in names:
        at = names.index(_LAST)
        last = dict(zip(names[at + 1 :], values[at + 1 :], strict=True))
        beside[values[at]] = () if last["id"] is None else (last,)
        names, values = names[:at], values[:at]
    whole = dict(zip(names, values, strict=True))
    beside |= {n.removeprefix(_BESIDE): whole[n] for n in names if n.startswith(_BESIDE)}
    lengths = {n.removeprefix(_LENGTH): whole[n] for n in names if n.startswith(_LENGTH)}
    return Read(row_in(whole), facts_in(whole), beside, lengths)


def row_in(record: Mapping[str, Any]) -> dict[str, Any]:
    """The row's own columns of a record."""
    added = (_PARTY, _GUARD, _SINCE, _ROOT, _BESIDE, _LENGTH)
    return {n: v for n, v in record.items() if not n.startswith(added)}


def actions_of(workflow: Workflow, status: str, facts: Facts) -> list[str]:
    """The actions that would succeed, but for what a body says and for guards that hide none."""
    open_to = workflow.machine.open_to(status, facts.parties)
    hidden_by = {name for name, guard in workflow.guards.items() if guard.hides}
    rows = (t for t in open_to if all(facts.holds[n] for n in t.guards if n in hidden_by))
    return list(dict.fromkeys(t.action for t in rows))


async def available_actions(
    connection: Any, workflow: Workflow, ids: Iterable[UUID], user: UUID
) -> dict[UUID, list[str]]:
    """What a user may do now with each of these rows. The connection acts as the service."""
    records = await connection.fetch(shown_sql(workflow), list(ids), user)
    return {r["id"]: actions_of(workflow, r["status"], facts_in(r)) for r in records}


def _own_facts(workflow: Workflow) -> str:
    """The columns of the facts of a row that is there."""
    asked = (t for t in workflow.machine.transitions if not t.is_creation)
    return _facts_of(workflow, workflow.parties, asked)


def _facts_now(workflow: Workflow) -> str:
    return _own_facts(workflow).replace("$3::timestamptz", "(SELECT workflow_now())")


def _facts_of(
    workflow: Workflow, parties: Mapping[Party, str], transitions: Iterable[Transition]
) -> str:
    """The columns of facts: who the user is to the row, and which guards of transitions hold."""
    guards = _guards_of(workflow, transitions)
    columns = {f"{_PARTY}{party}": sql for party, sql in parties.items()}
    columns |= {f"{_GUARD}{name}": guard.sql for name, guard in guards.items()}
    return ", ".join(f"({_filled(sql)}) AS {name}" for name, sql in columns.items())


def _since_of(workflow: Workflow, transitions: Iterable[Transition]) -> list[str]:
    """The columns of the times from which guards of transitions hold, of those that time decides.

    They are over the same row as the guards: that of a creation is its parent.
    """
    guards = _guards_of(workflow, transitions)
    return [f"({_filled(g.since)}) AS {_SINCE}{name}" for name, g in guards.items() if g.since]


def _guards_of(workflow: Workflow, transitions: Iterable[Transition]) -> dict[str, Guard]:
    return {name: workflow.guards[name] for t in transitions for name in t.guards}


def _filled(sql: str) -> str:
    return sql.replace(ME, "$2::uuid").replace(NOW, "$3::timestamptz")
