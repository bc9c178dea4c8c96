"""Prints the plans of the benchmark's reads: `python -m tests.plans DSN`.

The statements are those of the engine, as the role that runs them, of somebody who is not staff,
analysed, of the database that loadtests.bench.rest_market has
filled; ids are its own. `--whole` shows the plans, otherwise a line says what each reads.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from multidict import MultiDict
from yarl import URL

from handlers.caller import Caller
from handlers.resources import RESOURCES
from loadtests.bench.rest_market import COMMON, COMPLEX, IDS
from protocol.cursor import CursorSigner
from protocol.limits import Limits
from server.http.resources.query import DISPLAY, QueryReader, key_of
from storage.resources.access import APP, SERVICE
from storage.resources.conditions import with_values
from storage.resources.reading import Reader, audience, is_veiled
from storage.resources.search import (
    SETTINGS,
    Counting,
    Search,
    by_likeness,
    by_words,
    counted,
    searchables,
)

DEEP = {"deep": "/v1/gigs", "trending": "/v1/gigs?sort=-trend_score"}
Plan = dict[str, Any]
Asked = tuple[str, str, Sequence[Any]]
"""The role, the statement and its arguments."""

QUERIES = QueryReader(dict(RESOURCES), CursorSigner(bytes(32)), Limits())


async def asked(connection: Any, path: str, me: str) -> AsyncIterator[Asked]:
    """The statements that a path runs."""
    url = URL(path.replace("=me", f"={me}"))
    caller = Caller(UUID(me), UUID(int=0))
    query, (kind, *rest) = MultiDict(url.query), url.path.removeprefix("/v1/").split("/")
    if kind == "search":
        of = searchables(RESOURCES)[rest[0]]
        besides = DISPLAY | {"q", "total", "facets"}
        conditions = QUERIES.conditions(of.resource, query, caller, besides)
        conditions = await with_values(connection, of.resource, conditions)
        search = Search(query["q"], conditions, 21)
        yield SERVICE, *by_words(of, search)
        yield SERVICE, *by_likeness(of, search)
        if counted_too := query.keys() & {"total", "facets"}:
            facets = tuple(query["facets"].split(",")) if "facets" in counted_too else ()
            counting = Counting(QUERIES.limits.search_counted, facets)
            yield SERVICE, *counted(of, search, counting, None)
    elif kind in RESOURCES:
        resource, reader = RESOURCES[kind], Reader(RESOURCES)
        selection = QUERIES.selection(resource, query)
        if rest:
            yield APP, reader.one(resource, selection), [key_of(resource, rest[0])]
        else:
            page = QUERIES.page(resource, query, caller)
            conditions = await with_values(connection, resource, page.conditions)
            page = replace(page, conditions=conditions)
            if audience(resource, page.conditions, None) and is_veiled(resource, page):
                yield SERVICE, *reader.keys(resource, page)
            else:
                yield APP, *reader.many(resource, selection, page)
    else:
        yield APP, "SELECT * FROM get_project_recommendations($1, 20)", [me]


def nodes(plan: Plan) -> Iterator[Plan]:
    """The plan's nodes, the outermost first."""
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def told(plan: Plan) -> str:
    """How rows are found, and how many are looked at in vain."""
    found = [n for n in nodes(plan) if "Relation Name" in n or "Index Name" in n]
    by = dict.fromkeys(n.get("Index Name") or f"SCAN {n['Relation Name']}" for n in found)
    lost = sum(n.get("Rows Removed by Filter", 0) * n["Actual Loops"] for n in found)
    return f"{', '.join(by)}" + (f"; {lost:,.0f} rows in vain" if lost else "")


async def explain(dsn: str, *, whole: bool) -> None:
    """Ask for each plan, and print it."""
    connection = await asyncpg.connect(dsn)
    ids = {name: await connection.fetchval(sql) for name, sql in IDS.items()}
    me = await connection.fetchval("select freelancer_id::text from gigs where slug = 'gig-7700'")
    for name, path in (COMMON | COMPLEX).items():
        whole_path = path.format(**ids, **DEEP)
        async for role, statement, arguments in asked(connection, whole_path, me):
            async with connection.transaction(readonly=True):
                await connection.execute(f"set local role {role}; {SETTINGS}")
                await connection.fetch("select set_config('app.user_id', $1, true)", me)
                form = "text" if whole else "json"
                explained = f"explain (analyze, buffers, format {form}) {statement}"
                rows = await connection.fetch(explained, *arguments)
            if whole:
                text = "\n  ".join([f"\n{name}: {path}", *(row[0] for row in rows)])
            else:
                (top,) = orjson.loads(rows[0][0])
                text = f"{name:<30}{top['Execution Time']:8.1f} ms  {told(top['Plan'])}"
            sys.stdout.write(f"{text}\n")
    await connection.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dsn")
    parser.add_argument("--whole", action="store_true", help="the plans as PostgreSQL prints them")
    options = parser.parse_args()
    asyncio.run(explain(options.dsn, whole=options.whole))
