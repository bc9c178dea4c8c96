"""Puts into rows what their reader may do with them: into those of an expansion too."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from storage.resources.resource import Resource
from storage.resources.store import Row
from storage.workflows.actions import AvailableActions

MEMBER = "available_actions"
_Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ShownActions:
    """`resources` are those that have paths, by path."""

    actions: AvailableActions
    resources: Mapping[str, Resource] = field(repr=False)

    async def of_rows(
        self, resource: Resource, rows: Sequence[Row], user: UUID | None
    ) -> list[bytes]:
        """The JSON of rows without expansions."""
        if resource.machine is None:
            return [row.body.encode() for row in rows]
        unknown = [row.key for row in rows if row.actions is None]
        found = await self.actions.of(resource.path, unknown, user)
        return [_with_actions(row, found.get(row.key, row.actions or ())) for row in rows]

    async def of_trees(
        self, resource: Resource, rows: Sequence[Row], user: UUID | None
    ) -> list[bytes]:
        """The JSON of rows with expansions: each resource in them is asked for once."""
        trees = [orjson.loads(row.body) for row in rows]
        places: dict[str, list[tuple[str, _Object]]] = {}
        for row, tree in zip(rows, trees, strict=True):
            for path, key, one in self._places(resource, str(row.key), tree):
                places.setdefault(path, []).append((key, one))
        for path, found in places.items():
            keys = list(dict.fromkeys(key for key, _one in found))
            allowed = await self.actions.of(path, keys, user)
            for key, one in found:
                one[MEMBER] = list(allowed.get(key, ()))
        return [orjson.dumps(tree) for tree in trees]

    def _places(
        self, resource: Resource, key: str, tree: _Object
    ) -> Iterator[tuple[str, str, _Object]]:
        """Every row in a tree that may have actions, with its resource's path and its key."""
        if resource.machine is not None and key:
            yield resource.path, key, tree
        for expansion in resource.expansions:
            inner = tree.get(expansion.name)
            if not isinstance(inner, dict) or expansion.to not in self.resources:
                continue
            of = self.resources[expansion.to]
            for one in inner["data"] if expansion.many else [inner]:
                yield from self._places(of, str(one.get(of.key, "")), one)


def _with_actions(row: Row, actions: Sequence[str]) -> bytes:
    members = row.body[:-1].encode()
    comma = b"," if len(members) > 1 else b""
    return members + comma + b'"available_actions":' + orjson.dumps(list(actions)) + b"}"
