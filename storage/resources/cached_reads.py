"""Reading, through the copies where they can be the same for whoever may have them.

What everybody sees is kept once. What only the parties that a row itself names may see is kept for
each of them: the row's own change ends it. What somebody sees for any other reason (as staff, as a
member) is kept for nobody, because that reason can end without the row's changing.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec

from storage.resources.cache import Found, RowCache
from storage.resources.reading import PUBLIC, Page, Selection, Tree, audience, is_veiled
from storage.resources.related import is_related
from storage.resources.resource import Resource, own_of
from storage.resources.store import ResourceStore, Row


class _Kept(msgspec.Struct, array_like=True):
    """A page as it is kept: its rows, or of a long one the keys and sort values alone."""

    rows: list[Row] = []
    keys: list[tuple[str, str | None]] | None = None


class CachedReads:
    """Rows and pages of resources, from Redis or PostgreSQL. Raises as the store does."""

    def __init__(
        self, store: ResourceStore, cache: RowCache, resources: Mapping[str, Resource]
    ) -> None:
        self._store = store
        self._cache = cache
        self._resources = resources

    async def one(
        self, resource: Resource, key: Any, selection: Selection, reader: UUID | None
    ) -> Row | None:
        """One row; None where there is none that the reader may see."""
        if not resource.cache_s or selection.tree or len(selection.names) < len(resource.readable):
            return await self._store.get(resource, key, selection, reader)
        found = await self._cache.find(resource, key, reader)
        if found.row is not None:
            return found.row
        row = await self._store.get(resource, key, selection, reader)
        if row is not None:
            self._keep(resource, key, reader, found, row)
        return row

    async def page(
        self, resource: Resource, selection: Selection, page: Page, reader: UUID | None
    ) -> list[Row]:
        """The rows of a page."""
        whose = audience(resource, page.conditions, reader)
        shows = [resource, *self._shown(resource, selection.tree)]
        veiled = whose == PUBLIC and is_veiled(resource, page)
        ask = self._store.public_page if veiled else self._store.page
        moves = is_related(page.conditions) or self._is_own(resource, selection.tree)
        if whose is None or moves or not all(r.cache_s for r in shows) or not _alike(shows[1:]):
            return await ask(resource, selection, page, reader)
        if whose == PUBLIC:
            reader = None  # what is kept for all is what somebody without a login sees
        question = (resource.path, whose, selection, page)
        place, kept = await self._cache.find_answer("list", shows, question, _Kept)
        if kept is not None:
            found = await self._rows(resource, selection, kept, reader)
            if found is not None:
                return found
        rows = await ask(resource, selection, page, reader)
        keys = [(row.key, row.sort_value) for row in rows]
        self._cache.keep_answer(place, _Kept(rows=rows), _Kept(keys=keys))
        return rows

    async def _rows(
        self, resource: Resource, selection: Selection, kept: _Kept, reader: UUID | None
    ) -> list[Row] | None:
        """The rows of a kept page; None if one is not seen any more, as the next page is then
        another.
        """
        if kept.keys is None:
            return kept.rows
        values = dict(kept.keys)
        keys = [UUID(key) for key in values]
        rows = await self._store.by_keys(resource, selection, keys, reader)
        if len(rows) < len(keys):
            return None
        return [row._replace(sort_value=values[row.key]) for row in rows]

    def _is_own(self, resource: Resource, tree: Tree) -> bool:
        """Whether something is shown that is of whoever asks, of these rows or those in them."""
        of = {expansion.name: expansion.to for expansion in resource.expansions}
        return any(
            name in own_of(resource) or self._is_own(self._resources[of[name]], inner)
            for name, inner in tree.items()
        )

    def _keep(
        self, resource: Resource, key: Any, reader: UUID | None, found: Found, row: Row
    ) -> None:
        if row.is_public:
            self._cache.keep(resource, key, None, found, row)
        elif reader is not None and str(reader) in row.asked.values():
            self._cache.keep(resource, key, reader, found, row)

    def _shown(self, resource: Resource, tree: Tree) -> Iterator[Resource]:
        of = {expansion.name: expansion.to for expansion in resource.expansions}
        for name, inner in tree.items():
            if name in own_of(resource):
                continue
            to = self._resources[of[name]]
            yield to
            yield from self._shown(to, inner)


def _alike(resources: list[Resource]) -> bool:
    return all(resource.is_alike for resource in resources)
