"""Searching resources: what stage finds what, and how many there are."""

from collections.abc import Sequence
from typing import Any

import msgspec

from storage.database.logins import SERVICE
from storage.resources.conditions import with_values
from storage.resources.search import (
    MEANT_WORDS,
    SETTINGS,
    TYPED,
    Counting,
    FoundKey,
    Search,
    Searchable,
    Stage,
    Totals,
    by_likeness,
    by_typing,
    by_words,
    counted,
)
from storage.resources.store import ResourceStore

Statement = tuple[str, Sequence[Any]]
"""SQL and its arguments."""


class SearchStore:
    """The statements of `storage/resources/search.py`, run. Raises `RequestError`."""

    def __init__(self, store: ResourceStore) -> None:
        self._store = store

    async def find(self, of: Searchable, search: Search, stage: Stage | None) -> list[FoundKey]:
        """What a search finds at a stage; without one, at the first that finds anything.

        A first page that is not filled by the words themselves goes on with words that are one edit
        of typing away. Likeness is asked where nothing else is found.

        Text operators are not leakproof: held to a policy they could not use their index. Hence the
        search runs as the service with the row rule in its own words, and answers with keys.
        """
        begin = f"BEGIN READ ONLY; SET LOCAL ROLE {SERVICE}; {SETTINGS}"
        async with self._store.begun(begin) as connection:
            search = await _searched_first(connection, of, search)
            found: list[FoundKey] = []
            if stage in {None, "words"}:
                found = await _keys(connection, by_words(of, search), "words")
            is_short = stage is None and len(found) < _enough(search)
            if (is_short or stage == "typing") and of.mistyped and search.is_folded:
                meant = await connection.fetchval(TYPED, search.query, MEANT_WORDS)
                if meant is not None:
                    rest = msgspec.structs.replace(search, limit=search.limit - len(found))
                    found += await _keys(connection, by_typing(of, rest, meant), "typing")
            if stage == "alike" or (stage is None and not found):
                found = await _keys(connection, by_likeness(of, search), "alike")
            return found

    async def count(self, of: Searchable, search: Search, counting: Counting) -> Totals:
        """How many rows a search finds, by what `find` finds them; its pages may end before."""
        begin = f"BEGIN READ ONLY; SET LOCAL ROLE {SERVICE}; {SETTINGS}"
        async with self._store.begun(begin) as connection:
            search = await _searched_first(connection, of, search)
            totals = await _counts(connection, counted(of, search, counting, None), counting)
            if totals.count < _enough(search) and of.mistyped and search.is_folded:
                meant = await connection.fetchval(TYPED, search.query, MEANT_WORDS)
                if meant is not None:
                    statement = counted(of, search, counting, meant)
                    totals = await _counts(connection, statement, counting)
            if not totals.count:
                statement = counted(of, search, counting, None, is_alike=True)
                totals = await _counts(connection, statement, counting)
        return totals

    async def suffices(self, query: str) -> bool:
        """Whether a query is long enough to be looked for."""
        async with self._store.as_service() as connection:
            return bool(await connection.fetchval("SELECT search_suffices($1)", query))


async def _searched_first(connection: Any, of: Searchable, search: Search) -> Search:
    conditions = await with_values(connection, of.resource, search.conditions)
    return msgspec.structs.replace(search, conditions=conditions)


async def _keys(connection: Any, statement: Statement, stage: Stage) -> list[FoundKey]:
    rows = await connection.fetch(statement[0], *statement[1])
    return [(row["key"], row["rank"], stage) for row in rows]


def _enough(search: Search) -> int:
    """How many rows of a search's words make it go without words that are near.

    Sorted, what is near is not put behind what is found: it would be in no order.
    """
    return 1 if search.sort else search.limit - 1


async def _counts(connection: Any, statement: Statement, counting: Counting) -> Totals:
    rows = await connection.fetch(statement[0], *statement[1])
    count = next(row["n"] for row in rows if not row["facet"])
    facets: dict[str, list[tuple[str | None, int]]] = {name: [] for name in counting.facets}
    for row in rows:
        if row["facet"]:
            facets[row["facet"]].append((row["value"], row["n"]))
    return Totals(min(count, counting.most), count <= counting.most, facets)
