"""Finding listings by their words: ranked full text, and by likeness where no word is found.

It runs as the service, with the public row rule in its own words, and answers with keys. Ranking
reads what a match holds, so a word that everybody uses would cost as much as the whole table: the
`CANDIDATES` best rated (or newest) matches are ranked, and no others. Planned anew each time: for a
common word it is best to read in that order until there are enough, for a rare one to ask the index
of words, and only the word itself tells which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from storage.resources.reading import Arguments, Condition, Position, filtered, ordering
from storage.resources.resource import Resource

CANDIDATES = 1000
"""Matches that are ranked; a search's pages end with them."""
SETTINGS = (
    "SET LOCAL plan_cache_mode = force_custom_plan;"
    # How alike a title must be to a query that no word answers: a letter or two in a word of five.
    " SET LOCAL pg_trgm.word_similarity_threshold = 0.5"
)


@dataclass(frozen=True, slots=True)
class Searchable:
    """A resource with a `search_vector`; `title` is compared for likeness, `best` says of many
    matches which are ranked.
    """

    resource: Resource
    title: str
    best: str


class Search(msgspec.Struct, frozen=True):
    """What is looked for; `after` is a rank and a key."""

    query: str
    conditions: tuple[Condition, ...]
    limit: int
    after: Position | None = None


def by_words(of: Searchable, search: Search) -> tuple[str, Sequence[Any]]:
    """The best matches of all words: `key` and `rank`, best first.

    The rank is PostgreSQL's, of weights by field, divided by 1 + the logarithm of the length.
    """
    arguments = Arguments()
    query = f"search_query({arguments.add(search.query, 'text')})"
    return _ranked(
        of,
        search,
        arguments,
        f"ts_rank(a.search_vector, {query}, 1)",
        f"a.search_vector @@ {query}",
    )


def by_likeness(of: Searchable, search: Search) -> tuple[str, Sequence[Any]]:
    """The titles most like the query: `key` and `rank`, most alike first."""
    arguments = Arguments()
    query = arguments.add(search.query, "text")
    return _ranked(
        of, search, arguments, f"word_similarity({query}, a.{of.title})", f"{query} <% a.{of.title}"
    )


def _ranked(
    of: Searchable, search: Search, arguments: Arguments, rank: str, match: str
) -> tuple[str, Sequence[Any]]:
    resource = of.resource
    assert resource.public is not None
    where = [match, f"({resource.public.sql})"]
    where += [filtered(resource, condition, arguments) for condition in search.conditions]
    beyond = ""
    if search.after is not None:
        value = arguments.add(search.after.value, "text")
        key = arguments.add(search.after.key, "text")
        beyond = f" WHERE (f.rank, f.key) < ({value}::real, {key}::uuid)"
    candidates = (
        f"SELECT a.{resource.key}, a.search_vector, a.{of.title} FROM {resource.table} a"
        f" WHERE {' AND '.join(where)}"
        f" ORDER BY {ordering(resource, of.best)} LIMIT {CANDIDATES}"
    )
    ranked = f"SELECT a.{resource.key} AS key, ({rank})::real AS rank FROM ({candidates}) a"
    statement = (
        f"SELECT f.key::text AS key, f.rank::text AS rank FROM ({ranked}) f{beyond}"
        f" ORDER BY f.rank DESC, f.key DESC LIMIT {search.limit:d}"
    )
    return statement, arguments.values


def searchables(resources: Mapping[str, Resource]) -> dict[str, Searchable]:
    """What can be searched, by the name in the path."""
    return {
        "gigs": Searchable(resources["gigs"], "title", "-rating"),
        "jobs": Searchable(resources["jobs"], "title", "-created_at"),
        "freelancers": Searchable(resources["freelancer-profiles"], "tagline", "-rating"),
        "reviews": Searchable(resources["reviews"], "title", "-overall_rating"),
    }
