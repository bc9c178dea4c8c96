"""What a reader may do with the rows that are shown to them.

The facts are asked of PostgreSQL at each reading, by the text that the executor judges by: rows may
come from a copy, what one may do with them never does.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from storage.database.bounded import database_within
from storage.workflows.executor import EXECUTION_S
from storage.workflows.facts import available_actions
from storage.workflows.workflow import Workflow


class AvailableActions:
    """The actions of rows of every workflow. Raises `RequestError` when PostgreSQL is away."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", workflows: Iterable[Workflow]) -> None:
        self._pool = pool
        self._by_path = {workflow.resource: workflow for workflow in workflows}

    async def of(
        self, path: str, keys: Sequence[Any], user: UUID | None
    ) -> Mapping[str, Sequence[str]]:
        """The actions of the rows with these keys, by key as text; of the resource at `path`."""
        workflow = self._by_path.get(path)
        if workflow is None or user is None or not keys:
            return {}
        ids = [UUID(str(key)) for key in keys]
        async with database_within(EXECUTION_S), self._pool.acquire() as connection:
            found = await available_actions(connection, workflow, ids, user)
        return {str(key): actions for key, actions in found.items()}
