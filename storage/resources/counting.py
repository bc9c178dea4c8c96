"""How many rows of a list are in each state: a queue's figures, in the request of the queue."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from storage.resources.conditions import Arguments, Condition, filtered, with_values
from storage.resources.resource import Resource
from storage.resources.store import ResourceStore


async def counts_by_state(
    store: ResourceStore, resource: Resource, conditions: Sequence[Condition], caller: UUID | None
) -> dict[str, int]:
    """Of all rows that the caller sees, narrowed as a list is but for their state.

    Every value that the column may have is there, also one that no row has.
    """
    column = resource.counted_by
    others = tuple(one for one in conditions if one.name != column)
    async with store.as_app(caller, reads=True) as connection:
        statement, values = _statement(resource, await with_values(connection, resource, others))
        found = {r["value"]: r["count"] for r in await connection.fetch(statement, *values)}
    return {value: found.get(value, 0) for value in resource.named(column).kind.values}


def _statement(resource: Resource, conditions: Sequence[Condition]) -> tuple[str, list[Any]]:
    arguments, column = Arguments(), resource.counted_by
    where = [filtered(resource, one, arguments) for one in conditions]
    narrowed = f" WHERE {' AND '.join(where)}" if where else ""
    return (
        f"SELECT a.{column} AS value, count(*) AS count FROM {resource.table} a{narrowed}"
        f" GROUP BY a.{column}"
    ), arguments.values
