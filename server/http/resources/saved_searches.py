"""What a saved search asks for: the parameters of its list or of its search, checked like those."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from multidict import MultiDict

from handlers.caller import Caller
from protocol.errors import Fault, RequestError
from server.http.resources.query import QueryReader
from storage.resources.resource import Resource
from storage.resources.search import searchables
from storage.resources.search_alerts import SavedQuery
from storage.resources.store import ResourceStore

PATH = "saved-searches"
_PARAMS, _TYPE = "search_params", "search_type"
_WORDS, _SORT = "q", "sort"
_WORDS_MOST = 200


class SavedSearchReader:
    """Reads the parameters of saved searches."""

    def __init__(self, queries: QueryReader, store: ResourceStore) -> None:
        self._queries = queries
        self._store = store
        self.searchables = searchables(queries.resources)

    def read(self, kind: str, params: Mapping[str, Any], user_id: UUID) -> SavedQuery:
        """What is asked for, for this user. Raises `RequestError` (`validation_failed`)."""
        resource = self.searchables[kind].resource
        query = MultiDict({name: _text(name, value) for name, value in params.items()})
        words = query.get(_WORDS, "").strip()
        if _WORDS in query and not 1 <= len(words) <= _WORDS_MOST:
            raise RequestError.invalid(_WORDS, f"must have 1 to {_WORDS_MOST} characters")
        if "\x00" in words:
            raise RequestError.invalid(_WORDS, "must not contain U+0000")
        if query.get(_SORT, resource.sorts[0]) not in resource.sorts:
            raise RequestError.invalid(_SORT, f"one of {', '.join(resource.sorts)}")
        caller = Caller(user_id, user_id)
        conditions = self._queries.conditions(resource, query, caller, (_WORDS, _SORT))
        return SavedQuery(conditions, words)

    async def faults(
        self, resource: Resource, values: Mapping[str, Any], caller: Caller, key: Any = None
    ) -> list[Fault]:
        """What is wrong with the parameters that a body has; `key` is of the row it changes."""
        params = values.get(_PARAMS)
        if resource.path != PATH or not isinstance(params, dict):
            return []
        kind = values.get(_TYPE) or (await self._kind(key, caller) if key else None)
        if kind not in self.searchables:
            return []
        try:
            self.read(kind, params, caller.user_id)
        except RequestError as error:
            path = error.details.get("path", "")
            where = f"{_PARAMS}.{path}" if path else _PARAMS
            return [Fault(where, str(error.details.get("reason", error)))]
        return []

    async def _kind(self, key: Any, caller: Caller) -> str | None:
        async with self._store.as_app(caller.user_id, reads=True) as connection:
            kind: str | None = await connection.fetchval(
                "SELECT search_type FROM saved_searches WHERE id = $1", key
            )
        return kind


def _text(name: str, value: Any) -> str:
    """A value as the query of an address has it."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
        case list() if all(isinstance(one, str | int) for one in value):
            return ",".join(map(str, value))
        case _:
            raise RequestError.invalid(name, "must be a text, a number, a boolean, or a list")
