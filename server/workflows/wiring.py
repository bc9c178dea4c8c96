"""The background work of the workflows in a process."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from server.bus import Bus
from server.foundation import Foundation
from server.outbox.consumer import OutboxConsumer
from server.workflows.domain_events import DomainEvents


@dataclass(frozen=True, slots=True)
class Workflows:
    """What goes on without anybody asking."""

    domain: DomainEvents

    @property
    def consumers(self) -> tuple[OutboxConsumer, ...]:
        """Its consumers, for the figures of the outbox."""
        return (self.domain.consumer,)

    @property
    def runs(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """Its background tasks."""
        return (self.domain.run,)


def workflows_of(foundation: Foundation, bus: Bus, is_listening: Callable[[], bool]) -> Workflows:
    """The work of a process; `is_listening` says whether it hears what is published."""
    observe = foundation.metrics.outbox_lag
    return Workflows(
        DomainEvents(foundation.pool, foundation.owner, bus.publisher, is_listening, observe)
    )
