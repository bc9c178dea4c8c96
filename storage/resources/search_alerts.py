"""What has appeared that saved searches look for: statements over what is new, and nothing else.

What is new of a kind is read once for many searches, by its index; each search is then asked about
those few rows by their keys. What it finds is what its list shows everybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from storage.database.queries import load_queries
from storage.outbox.rows import Connection
from storage.resources.conditions import Arguments, Condition, filtered, with_values
from storage.resources.reading import rows_of
from storage.resources.search import Searchable

_SQL = load_queries("resources/search_alerts")

APPEARS = {"gigs": "published_at", "jobs": "published_at", "freelancers": "created_at"}
"""The column that tells when a row of a kind of search appeared."""
NEW_ROWS = 2000
"""The newest of what appeared that are looked at: more come by an import."""


class DueSearch(NamedTuple):
    """A saved search, and since when it looks."""

    id: UUID
    user_id: UUID
    kind: str
    params: Mapping[str, Any]
    since: datetime


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """What a saved search asks for: filters, and words if it has some."""

    conditions: tuple[Condition, ...]
    words: str = ""


async def seen_until(connection: Connection, margin_s: float) -> datetime:
    """Up to when all that appeared is committed; `margin_s` is for what is being published."""
    until: datetime = await connection.fetchval(_SQL["until"], margin_s)
    return until


async def newest(
    connection: Connection, of: Searchable, kind: str, until: datetime
) -> datetime | None:
    """When the newest row of a kind appeared that everybody sees; None without one."""
    assert of.resource.public is not None
    statement = (
        f"SELECT {_appears(kind)} FROM {of.resource.table} a"
        f" WHERE ({of.resource.public.sql}) AND {_appears(kind)} <= $1"
        f" ORDER BY {_appears(kind)} DESC LIMIT 1"
    )
    found: datetime | None = await connection.fetchval(statement, until)
    return found


async def due(
    connection: Connection,
    until: datetime,
    earliest: datetime,
    newest_of: Mapping[str, datetime],
    most: int,
) -> list[DueSearch]:
    """Searches to look at, locked until the transaction ends."""
    kinds, moments = list(newest_of), list(newest_of.values())
    rows = await connection.fetch(_SQL["due"], until, earliest, most, kinds, moments)
    return [
        DueSearch(
            row["id"],
            row["user_id"],
            row["search_type"],
            orjson.loads(row["search_params"]),
            row["since"],
        )
        for row in rows
    ]


async def appeared(
    connection: Connection, of: Searchable, kind: str, since: datetime, until: datetime
) -> list[UUID]:
    """The keys of what appeared after one time and until another, of the newest."""
    assert of.resource.public is not None
    statement = (
        f"SELECT a.{of.resource.key} AS key FROM {of.resource.table} a"
        f" WHERE ({of.resource.public.sql}) AND {_appears(kind)} > $1 AND {_appears(kind)} <= $2"
        f" ORDER BY {_appears(kind)} DESC LIMIT {NEW_ROWS}"
    )
    return [row["key"] for row in await connection.fetch(statement, since, until)]


async def matching(
    connection: Connection,
    of: Searchable,
    search: DueSearch,
    query: SavedQuery,
    keys: Sequence[UUID],
    *,
    is_folded: bool,
) -> list[UUID]:
    """Which of these keys a search finds, those that appeared last first; none of its owner's."""
    resource, arguments = of.resource, Arguments()
    assert resource.public is not None
    conditions = await with_values(connection, resource, query.conditions)
    where = [
        f"a.{resource.key} = ANY ({arguments.add(list(keys), 'uuid[]')})",
        f"{_appears(search.kind)} > {arguments.add(search.since, 'timestamptz')}",
        f"a.{resource.owner} <> {arguments.add(search.user_id, 'uuid')}",
        f"({resource.public.sql})",
        *(filtered(resource, condition, arguments) for condition in conditions),
    ]
    column, cut = (
        ("search_terms", "terms_query") if is_folded else ("search_vector", "search_query")
    )
    if query.words:
        where.append(f"a.{column} @@ {cut}({arguments.add(query.words, 'text')})")
    source = rows_of(resource, [condition.name for condition in conditions], "a", column)
    statement = (
        f"SELECT a.{resource.key} AS key FROM {source} WHERE {' AND '.join(where)}"
        f" ORDER BY {_appears(search.kind)} DESC"
    )
    return [row["key"] for row in await connection.fetch(statement, *arguments.values)]


async def looked(connection: Connection, ids: Sequence[UUID], until: datetime) -> None:
    """They know all that appeared until this time."""
    await connection.execute(_SQL["looked"], list(ids), until)


def _appears(kind: str) -> str:
    return f"a.{APPEARS[kind]}"
