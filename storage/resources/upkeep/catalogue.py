"""What holds of each table, by PostgreSQL's catalogue, as storage/resources/access.py has it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import asyncpg

from storage.database.queries import load_queries
from storage.resources.access import APP, FUNCTIONS, READONLY, ROLES, Access, Grant, Policy, Trigger

_SQL = load_queries("resources/access_catalogue")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What was read: of each table its columns, but for generated ones, and what holds of it.

    `owned` are the tables that the login owns, itself or as a member of their owner.
    """

    columns: Mapping[str, Sequence[str]]
    access: Mapping[str, Access]
    owned: frozenset[str]


async def read_catalogue(connection: asyncpg.Connection, only: str | None = None) -> Catalogue:
    """What holds in the schema that the connection works in, or of one table of it; a few queries,
    and no locks.
    """
    tables = {row["table_name"]: row for row in await connection.fetch(_SQL["tables"], only)}
    policies = await _policies(connection, only)
    grants: dict[str, set[Grant]] = defaultdict(set)
    for row in await connection.fetch(_SQL["grants"], [APP, READONLY], only):
        grants[row["table_name"]].add(Grant(row["role"], row["privilege"], row["column_name"]))
    triggers: dict[str, list[Trigger]] = defaultdict(list)
    for row in await connection.fetch(_SQL["triggers"], FUNCTIONS, only):
        triggers[row["table_name"]].append(_trigger(row))
    edges: dict[str, set[tuple[str, str]]] = defaultdict(set)
    if await connection.fetchval(_SQL["has_transitions"]):
        for table, source, target in await connection.fetch(_SQL["transitions"], only):
            edges[table].add((source, target))
    access = {
        table: Access(
            table,
            row_security=table in tables and tables[table]["row_security"],
            policies=tuple(p for p, is_ours in policies[table] if is_ours),
            grants=frozenset(grants[table]),
            triggers=tuple(triggers[table]),
            edges=frozenset(edges[table]),
            strangers=frozenset(p.name for p, is_ours in policies[table] if not is_ours),
            columns=frozenset(tables[table]["columns"] if table in tables else ()),
        )
        for table in [*tables, *(edges.keys() - tables.keys())]
    }
    owned = frozenset(table for table, row in tables.items() if row["is_owned"])
    return Catalogue({table: row["columns"] for table, row in tables.items()}, access, owned)


async def worded(
    connection: asyncpg.Connection, policies: Iterable[Policy]
) -> dict[Policy, Policy | None]:
    """The policies as PostgreSQL words them; None for one that it cannot make (yet).

    Two of the same words say the same. For the words they are made, on temporary tables of the
    same names and columns, and all of that is undone: the tables themselves are not locked.
    Raises `InsufficientPrivilegeError` for a login that may not do so.
    """
    wanted = {(policy.table, policy.name): policy for policy in policies}
    tables = dict.fromkeys(policy.table for policy in wanted.values())
    there = [replace(policy, table=f"pg_temp.{policy.table}") for policy in wanted.values()]
    undone = connection.transaction()
    await undone.start()
    try:
        # All tables come first: each is then found by its name alone, as the true one is.
        await _run(connection, [f"CREATE TEMP TABLE {table} (LIKE {table});" for table in tables])
        await _run(connection, [policy.sql() for policy in there])
        found = await _policies(connection, temporary=True)
    finally:
        await undone.rollback()
    words = {(p.table, p.name): p for made in found.values() for p, _is_ours in made}
    return {policy: words.get(place) for place, policy in wanted.items()}


async def _run(connection: asyncpg.Connection, statements: Sequence[str]) -> None:
    """All at once; where one fails, such as for what is not there, one by one without it."""
    if statements and not await _is_run(connection, "\n".join(statements)):
        for statement in statements:
            await _is_run(connection, statement)


async def _is_run(connection: asyncpg.Connection, statements: str) -> bool:
    try:
        async with connection.transaction():
            await connection.execute(statements)
    except asyncpg.InsufficientPrivilegeError:
        raise
    except (asyncpg.SyntaxOrAccessError, asyncpg.InvalidSchemaNameError):
        return False
    return True


async def _policies(
    connection: asyncpg.Connection, only: str | None = None, *, temporary: bool = False
) -> dict[str, list[tuple[Policy, bool]]]:
    """The policies of each table, and whether each is for roles of ours alone."""
    found: dict[str, list[tuple[Policy, bool]]] = defaultdict(list)
    for row in await connection.fetch(_SQL["policies"], temporary, only):
        command = row["command"] if row["is_permissive"] else f"restricted {row['command']}"
        role = ", ".join(row["roles"])
        policy = Policy(row["name"], row["table_name"], command, role, row["using"], row["check"])
        found[policy.table].append((policy, set(row["roles"]) <= set(ROLES)))
    return found


def _trigger(row: asyncpg.Record) -> Trigger:
    # What lets some changes pass by is there for none.
    events, columns = (row["events"], row["columns"]) if row["is_whole"] else ((), ())
    return Trigger(
        row["name"],
        row["table_name"],
        row["function"],
        frozenset(events),
        frozenset(columns),
        row["argument"],
    )
