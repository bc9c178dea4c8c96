"""The executor of a process, and the background tasks that stand on it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from handlers.resources import RESOURCES
from handlers.workflows import WORKFLOWS
from server.foundation import Foundation
from storage.resources.store import ResourceStore
from storage.workflows.executor import Executor


@dataclass(frozen=True, slots=True)
class WorkflowRoom:
    """The executor, which the doors ask too."""

    executor: Executor

    @property
    def runs(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """Its background tasks."""
        return ()


def workflows_of(foundation: Foundation, wake: Callable[[], None]) -> WorkflowRoom:
    """The executor of a process; `wake` is called after commits: the outbox may hold rows."""
    store = ResourceStore(foundation.pool, RESOURCES)

    async def show(connection: Any, path: str, key: UUID) -> tuple[str, int | None]:
        row = await store.shown(connection, RESOURCES[path], key)
        return row.body, row.version

    return WorkflowRoom(Executor(foundation.pool, WORKFLOWS, show, wake))
