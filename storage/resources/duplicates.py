"""Which row there is already, for who was refused another one of the same."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from protocol.errors import RequestError
from storage.resources import writing
from storage.resources.resource import Resource
from storage.resources.store import ResourceStore


async def duplicate_of(
    store: ResourceStore,
    resource: Resource,
    values: Mapping[str, Any],
    caller: UUID,
    error: RequestError,
) -> str | None:
    """The key of the row for which a new one was refused; None where the caller sees none."""
    cause = error.__cause__
    if not isinstance(cause, asyncpg.UniqueViolationError):
        return None
    asked = writing.duplicate(resource, values, caller, str(cause.constraint_name))
    if asked is None:
        return None
    async with store.as_app(caller, reads=True) as connection:
        found: str | None = await connection.fetchval(asked[0], *asked[1])
    return found
