"""Finding listings by their words: ranked full text, what is one edit of typing away, likeness.

It runs as the service, with the public row rule in its own words, and answers with keys. Ranking
reads what a match holds, so a word that everybody uses would cost as much as the whole table: the
`CANDIDATES` best rated (or newest) matches are ranked, and no others. Planned anew each time: for a
common word it is best to read in that order until there are enough, for a rare one to ask the index
of words, and only the word itself tells which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from storage.resources.conditions import Arguments, Condition, filtered
from storage.resources.reading import (
    COUNTED_KEY,
    Position,
    beyond,
    in_index,
    ordering,
    rows_of,
)
from storage.resources.resource import Filter, Resource, stored_of

CANDIDATES = 1000
"""Matches that are ranked; a search's pages end with them."""
SETTINGS = (
    "SET LOCAL plan_cache_mode = force_custom_plan;"
    # How alike a title must be to a query that no word answers: a letter or two in a word of five.
    " SET LOCAL pg_trgm.word_similarity_threshold = 0.5"
)


Stage = Literal["words", "typing", "alike"]
"""By what a search finds something."""
FoundKey = tuple[str, str | None, Stage]
"""A key, its rank (or what it is sorted by) and the stage that found it."""
FACET_VALUES = 20
"""Values of a facet that are told, at most."""
MEANT_WORDS = 20
"""At most so many words are looked for in the place of one that is mistyped."""
TYPED = "SELECT typed_query($1, $2)::text"
_BEFORE = ("search_vector", "search_query")
"""The column of before, and what cuts a query for it."""


@dataclass(frozen=True, slots=True)
class Searchable:
    """A resource with columns of what search keeps; `title` is compared for likeness, `best` says
    of many matches which are ranked, `mistyped` whether words may have one edit of typing.
    """

    resource: Resource
    title: str
    best: str
    mistyped: bool = True
    is_remembered: bool = True
    """Whether what somebody looked for is kept for them."""


class Search(msgspec.Struct, frozen=True):
    """What is looked for; `after` is a rank and a key. With a `sort` of the resource, not by rank.

    `is_folded` says whether the table's column by the present fold is filled; else the one by the
    cut of before is searched.
    """

    query: str
    conditions: tuple[Condition, ...]
    limit: int
    after: Position | None = None
    is_folded: bool = True
    sort: str = ""


class Counting(msgspec.Struct, frozen=True):
    """What is counted of a search: at most so many rows, and by these fields."""

    most: int
    facets: tuple[str, ...] = ()


class Totals(msgspec.Struct):
    """How many rows a search finds, at least those where not `is_exact`; and of those that are
    counted how many have which values, the most frequent first.
    """

    count: int
    is_exact: bool = True
    facets: dict[str, list[tuple[str | None, int]]] = {}


def by_words(of: Searchable, search: Search) -> tuple[str, Sequence[Any]]:
    """The best matches of all words: `key` and `rank`, best first.

    The rank is PostgreSQL's, of weights by field, divided by 1 + the logarithm of the length.
    """
    arguments = Arguments()
    query = arguments.add(search.query, "text")
    column, cut = _terms(search)
    rank = f"ts_rank(a.{column}, {cut}({query}), 1)"
    return _ranked(of, search, arguments, rank, f"a.{column} @@ {cut}({query})")


def by_typing(of: Searchable, search: Search, meant: str) -> tuple[str, Sequence[Any]]:
    """What has words one edit of typing away, of `meant` by `typed_query`, and not all words."""
    arguments = Arguments()
    query, meant = arguments.add(search.query, "text"), arguments.add(meant, "text")
    match = f"a.search_terms @@ {meant}::tsquery AND NOT a.search_terms @@ terms_query({query})"
    return _ranked(of, search, arguments, f"ts_rank(a.search_terms, {meant}::tsquery, 1)", match)


def by_likeness(of: Searchable, search: Search) -> tuple[str, Sequence[Any]]:
    """The titles most like the query: `key` and `rank`, most alike first."""
    arguments = Arguments()
    query = arguments.add(search.query, "text")
    return _ranked(
        of, search, arguments, f"word_similarity({query}, a.{of.title})", f"{query} <% a.{of.title}"
    )


def counted(
    of: Searchable, search: Search, counting: Counting, meant: str | None, *, is_alike: bool = False
) -> tuple[str, Sequence[Any]]:
    """How many rows a search finds: `facet`, `value` and `n`, of all with the facet ''.

    By the words and what is `meant` by them, or else by likeness.
    """
    arguments, resource = Arguments(), of.resource
    assert resource.public is not None
    query = arguments.add(search.query, "text")
    column, cut = _terms(search)
    match = f"a.{column} @@ {cut}({query})"
    if meant is not None:
        match = f"({match} OR a.{column} @@ {arguments.add(meant, 'text')}::tsquery)"
    if is_alike:
        match = f"{query} <% a.{of.title}"
    where = [match, f"({resource.public.sql})"]
    where += [filtered(resource, condition, arguments) for condition in search.conditions]
    names = ", ".join((f"a.{resource.key}", *(f"a.{name}" for name in counting.facets)))
    found = (
        f"SELECT {names} FROM {_source(resource, search)} WHERE {' AND '.join(where)}"
        f" LIMIT {counting.most + 1:d}"
    )
    counts = ["SELECT '' AS facet, NULL AS value, count(*) AS n FROM found"]
    counts += [_facet(resource, name) for name in counting.facets]
    return f"WITH found AS MATERIALIZED ({found}) {' UNION ALL '.join(counts)}", arguments.values


def _facet(resource: Resource, name: str) -> str:
    is_list = resource.named(name).filter is Filter.HAS
    values = f"unnest(f.{name})" if is_list else f"f.{name}::text"
    return (
        f"(SELECT '{name}', v.value, count(*) FROM found f CROSS JOIN LATERAL"
        f" (SELECT {values} AS value) v GROUP BY v.value ORDER BY count(*) DESC, v.value"
        f" LIMIT {FACET_VALUES})"
    )


def facets_of(resource: Resource) -> list[str]:
    """The fields by which what is found can be counted: those of few values, and lists."""
    return [
        name
        for name in stored_of(resource)
        if resource.named(name).filter in {Filter.EQUAL, Filter.HAS} and name != "slug"
    ]


def _terms(search: Search) -> tuple[str, str]:
    """The column that is searched, and what cuts a query for it."""
    return ("search_terms", "terms_query") if search.is_folded else _BEFORE


def _ranked(
    of: Searchable, search: Search, arguments: Arguments, rank: str, match: str
) -> tuple[str, Sequence[Any]]:
    resource = of.resource
    assert resource.public is not None
    where = [match, f"({resource.public.sql})"]
    where += [filtered(resource, condition, arguments) for condition in search.conditions]
    if search.sort:
        return _sorted(resource, search, where, arguments)
    after = ""
    if search.after is not None:
        value = arguments.add(search.after.value, "text")
        key = arguments.add(search.after.key, "text")
        after = f" WHERE (f.rank, f.key) < ({value}::real, {key}::uuid)"
    kept = "a.search_terms, " if search.is_folded else f"a.{_BEFORE[0]}, "
    candidates = (
        f"SELECT a.{resource.key}, {kept}a.{of.title} FROM {_source(resource, search)}"
        f" WHERE {' AND '.join(where)}"
        f" ORDER BY {ordering(resource, of.best)} LIMIT {CANDIDATES}"
    )
    ranked = f"SELECT a.{resource.key} AS key, ({rank})::real AS rank FROM ({candidates}) a"
    statement = (
        f"SELECT f.key::text AS key, f.rank::text AS rank FROM ({ranked}) f{after}"
        f" ORDER BY f.rank DESC, f.key DESC LIMIT {search.limit:d}"
    )
    return statement, arguments.values


def _sorted(
    resource: Resource, search: Search, where: list[str], arguments: Arguments
) -> tuple[str, Sequence[Any]]:
    """Every match, in the order of a sort: `key`, and in the place of the rank what it is by."""
    if search.after is not None:
        ranges = beyond(resource, search.sort, search.after, arguments)
        where = [*where, f"({' OR '.join(ranges)})"]
    name = search.sort.lstrip("-")
    if name in resource.counted:
        where = [*where, f"a.{COUNTED_KEY} IS NOT NULL"]
    order = ordering(resource, search.sort, last=in_index(resource, name))
    statement = (
        f"SELECT a.{resource.key}::text AS key, a.{name}::text AS rank"
        f" FROM {_source(resource, search)} WHERE {' AND '.join(where)}"
        f" ORDER BY {order} LIMIT {search.limit:d}"
    )
    return statement, arguments.values


def _source(resource: Resource, search: Search) -> str:
    """The table, with what is beside it where the sort or a filter asks for that."""
    needs = [search.sort.lstrip("-"), *(c.name for c in search.conditions)]
    kept = ("search_terms", *([] if search.is_folded else [_BEFORE[0]]))
    return rows_of(resource, needs, "a", *kept)


def searchables(resources: Mapping[str, Resource]) -> dict[str, Searchable]:
    """What can be searched, by the name in the path."""
    return {
        "gigs": Searchable(resources["gigs"], "title", "-rating"),
        "jobs": Searchable(resources["jobs"], "title", "-created_at"),
        "freelancers": Searchable(resources["freelancer-profiles"], "tagline", "-rating"),
        "reviews": Searchable(resources["reviews"], "title", "-overall_rating", mistyped=False),
        "skills": Searchable(resources["skills"], "name", "sort_order", is_remembered=False),
    }
