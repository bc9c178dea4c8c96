"""Discovery: search, recommendations and leaderboards. What is a sort of a list is a list."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import orjson
from aiohttp import web

from handlers.caller import Caller
from handlers.pages import page_size
from protocol.errors import RequestError
from protocol.money.currency import EXPONENTS
from server.http.resources.paths import ResourceDoor, listed
from server.http.resources.query import DISPLAY, QueryReader, known_only, limit_of, words_of
from server.http.route_helpers import json_response
from storage.database.bounded import database_within
from storage.database.queries import load_queries
from storage.resources.finding import SearchStore
from storage.resources.reading import Position
from storage.resources.related import is_related
from storage.resources.search import (
    Counting,
    FoundKey,
    Search,
    Searchable,
    Stage,
    Totals,
    facets_of,
    searchables,
)
from storage.resources.store import REQUEST_S
from storage.resources.view_counts import Searched, Views
from storage.search.rebuild import RenewedColumns

QUERY_CHARS = 200
_ASKED = frozenset({"q", "total", "facets"})
"""Parameters of a search alone."""
RECOMMENDED = 50
_SQL = load_queries("resources/discovery")
_LONG_ENOUGH = re.compile(r"[A-Za-z0-9]{2}")
"""PostgreSQL decides on what this does not tell."""
MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_BOARDS: Mapping[str, frozenset[str]] = {
    "freelancers": frozenset(),
    "earners": frozenset({"month", "currency"}),
}
"""The leaderboards, and the parameters of each."""
EARNED_IN = "USD"
"""The currency of the earners' board where none is named."""


class Discovery:
    """The paths that find rows in other ways than by a declared filter and sort."""

    def __init__(self, door: ResourceDoor, views: Views, columns: RenewedColumns) -> None:
        self._door = door
        self._views = views
        self._columns = columns
        self._store = SearchStore(door.parts.store)
        self._searchables = searchables(door.queries.resources)

    def routes(self) -> list[web.RouteDef]:
        """`/v1/search/…`, `/v1/recommendations/jobs`, `/v1/leaderboards/…`."""
        return [
            web.get("/v1/search/{area}", self.search),
            web.get("/v1/recommendations/jobs", self.recommended),
            web.get("/v1/leaderboards/{board}", self.leaderboard),
        ]

    async def search(self, request: web.Request) -> web.Response:
        """Listings by their words, best first, and by words that are meant; else by likeness."""
        of = self._searchables.get(request.match_info["area"])
        if of is None:
            raise RequestError.not_found("kind of search")
        door, queries = self._door, self._door.queries
        caller = await door.reader(request, is_public=True)
        query = await self._words(request.query)
        conditions = queries.conditions(of.resource, request.query, caller, DISPLAY | _ASKED)
        counting = _counting(of, request.query, queries.limits.search_counted)
        selection = queries.selection(of.resource, request.query)
        sort = _sort(of, request.query)
        bound = (*queries.bound(conditions), *([f"sort:{sort}"] if sort else []))
        scope = ("search", request.match_info["area"], query, *bound)
        after, stage = _place(queries, request.query, scope)
        limit = page_size(queries.limits, limit_of(request.query)) + 1
        is_folded = await self._are_filled(of)
        wanted = Search(query, conditions, limit, after, is_folded, sort)
        found = await self._found(of, wanted, stage)
        cursor = None
        if len(found) == limit:
            found.pop()
            cursor = queries.cursors.sign(scope, _signed(found[-1]))
        keys = [UUID(key) for key, _rank, _stage in found]
        user = None if caller is None else caller.user_id
        rows = await door.parts.store.by_keys(of.resource, selection, keys, user)
        if of.is_remembered:
            self._remember(request, query, caller, len(rows))
        told = b"" if counting is None else await self._told(of, wanted, counting)
        bodies = await door.bodies_of(of.resource, rows, caller)
        return listed(request, bodies, cursor, told)

    async def recommended(self, request: web.Request) -> web.Response:
        """Open jobs that fit the caller's skills, each with its `match_score`."""
        door, jobs = self._door, self._door.queries.resources["jobs"]
        caller = await door.caller(request)
        known_only(request.query, DISPLAY - {"cursor", "sort"})
        selection = door.queries.selection(jobs, request.query)
        limit = min(page_size(door.queries.limits, limit_of(request.query)), RECOMMENDED)
        async with door.parts.store.as_app(caller.user_id, reads=True) as connection:
            found = await connection.fetch(_SQL["recommended"], caller.user_id, limit)
        scores = {str(row["job_id"]): row["match_score"] for row in found}
        keys = [row["job_id"] for row in found]
        rows = await door.parts.store.by_keys(jobs, selection, keys, caller.user_id)
        bodies = await door.bodies_of(jobs, rows, caller)
        scored = zip(rows, bodies, strict=True)
        matches = [b'{"match_score":%.3f,"job":%b}' % (scores[r.key], body) for r, body in scored]
        return listed(request, matches, None)

    async def leaderboard(self, request: web.Request) -> web.Response:
        """Ranks without sums: the best rated, or who was paid most in a month and a currency."""
        board = request.match_info["board"]
        if board not in _BOARDS:
            raise RequestError.not_found("leaderboard")
        await self._door.reader(request, is_public=True)
        known_only(request.query, _BOARDS[board])
        asked = (_month(request.query), _currency(request.query)) if _BOARDS[board] else ()
        name = ":".join(map(str, (board, *asked)))
        body = await self._door.parts.cache.board(name, lambda: self._board(*asked))
        return json_response(200, await self._without_hidden(body))

    async def _without_hidden(self, body: bytes) -> bytes:
        """A board that may be an hour old, without whom nobody is shown now."""
        data = orjson.loads(body)["data"]
        async with self._door.parts.store.as_service() as connection:
            rows = await connection.fetch(_SQL["hidden"], [UUID(row["user"]["id"]) for row in data])
        hidden = {str(row["hidden_id"]) for row in rows}
        shown = [row for row in data if row["user"]["id"] not in hidden]
        return orjson.dumps({"data": shown, "next_cursor": None}) if hidden else body

    async def _board(self, *asked: datetime | str) -> bytes:
        """The earners of the month and currency that are `asked` for, else the best rated."""
        async with self._door.parts.store.as_service() as connection:
            found = await connection.fetch(_SQL["earners" if asked else "best_rated"], *asked)
        data = [
            {
                "rank": row["rank"],
                "user": {"id": str(row["id"]), "display_name": row["display_name"]},
            }
            for row in found
        ]
        return orjson.dumps({"data": data, "next_cursor": None})

    async def _words(self, query: Mapping[str, str]) -> str:
        words = query.get("q", "").strip()
        if not 1 <= len(words) <= QUERY_CHARS or "\x00" in words:
            raise RequestError.invalid("q", f"must have 1 to {QUERY_CHARS} characters")
        if not _LONG_ENOUGH.search(words) and not await self._store.suffices(words):
            raise RequestError.invalid(
                "q",
                "must have two characters, an emoji, or a character of a script that puts no "
                "spaces between words",
            )
        return words

    async def _are_filled(self, of: Searchable) -> bool:
        async with database_within(REQUEST_S):
            return await self._columns.are_filled(of.resource.table)

    async def _found(self, of: Searchable, search: Search, stage: Stage | None) -> list[FoundKey]:
        cache = self._door.parts.cache
        if is_related(search.conditions):
            return await self._store.find(of, search, stage)
        question = (of.resource.path, search, stage)
        place, kept = await cache.find_answer("search", [of.resource], question, list[FoundKey])
        if kept is not None:
            return kept
        found = await self._store.find(of, search, stage)
        cache.keep_answer(place, found)
        return found

    async def _told(self, of: Searchable, search: Search, counting: Counting) -> bytes:
        """How much is found, as members of the answer; without `sort` pages end before that."""
        # Of every page of one size the same.
        search = msgspec.structs.replace(search, after=None)
        cache = self._door.parts.cache
        if is_related(search.conditions):
            totals = await self._store.count(of, search, counting)
        else:
            question = (of.resource.path, search, counting)
            place, kept = await cache.find_answer("totals", [of.resource], question, Totals)
            totals = kept if kept is not None else await self._store.count(of, search, counting)
            if kept is None:
                cache.keep_answer(place, totals)
        total = {"count": totals.count, "is_exact": totals.is_exact}
        members = b',"total":' + orjson.dumps(total)
        if counting.facets:
            facets = {
                name: [{"value": value, "count": count} for value, count in values]
                for name, values in totals.facets.items()
            }
            members += b',"facets":' + orjson.dumps(facets)
        return members

    def _remember(
        self, request: web.Request, query: str, caller: Caller | None, count: int
    ) -> None:
        if caller is not None and "cursor" not in request.query:
            filters = {n: v for n, v in request.query.items() if n not in {*_ASKED, *DISPLAY}}
            self._views.searched(
                Searched(
                    caller.user_id,
                    request.match_info["area"],
                    query,
                    orjson.dumps(filters).decode(),
                    count,
                )
            )


def _sort(of: Searchable, query: Mapping[str, str]) -> str:
    """The order that is asked for instead of the best match first."""
    sort = query.get("sort", "")
    if "sort" in query and sort not in of.resource.sorts:
        known = ", ".join(of.resource.sorts)
        raise RequestError.invalid("sort", f"must be one of {known}; without it, best match first")
    return sort


def _counting(of: Searchable, query: Mapping[str, str], most: int) -> Counting | None:
    """What is to be counted of all that is found; facets have the total with them."""
    total = query.get("total", "false")
    if total not in {"true", "false"}:
        raise RequestError.invalid("total", "must be true or false")
    known = facets_of(of.resource)
    facets = tuple(dict.fromkeys(words_of(query.get("facets", ""))))
    unknown = [name for name in facets if name not in known]
    if unknown or ("facets" in query and not facets):
        raise RequestError.invalid("facets", f"must be some of {', '.join(known)}, by commas")
    return Counting(most, facets) if facets or total == "true" else None


def _signed(last: FoundKey) -> tuple[str, str | None, Stage | bool]:
    """The position of a cursor, as the version before reads it: it knows two stages, as a bool."""
    key, rank, stage = last
    return key, rank, stage if stage == "typing" else stage == "alike"


def _place(
    queries: QueryReader, query: Mapping[str, str], scope: tuple[Any, ...]
) -> tuple[Position | None, Stage | None]:
    if "cursor" not in query:
        return None, None
    key, rank, stage = queries.cursors.read(
        query["cursor"], scope, tuple[str, str | None, Stage | bool]
    )
    if isinstance(stage, bool):
        stage = "alike" if stage else "words"
    return Position(rank, key), stage


def _month(query: Mapping[str, str]) -> datetime:
    text = query.get("month") or datetime.now(UTC).strftime("%Y-%m")
    if not MONTH.fullmatch(text):
        raise RequestError.invalid("month", "not YYYY-MM")
    return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)


def _currency(query: Mapping[str, str]) -> str:
    currency = query.get("currency", EARNED_IN)
    if currency not in EXPONENTS:
        raise RequestError.invalid("currency", f"must be one of {', '.join(EXPONENTS)}")
    return currency
