"""Events on their way through Redis: published, logged, and presence."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from server.foundation import Foundation
from storage.bus.event_log import EventLog
from storage.bus.publisher import Publisher
from storage.outbox.published import PublishedRows
from storage.people.presence import PresenceStore


@dataclass(frozen=True, slots=True)
class Bus:
    """`published` deletes the outbox rows of what `publisher` has published."""

    publisher: Publisher
    published: PublishedRows
    event_log: EventLog
    presence: PresenceStore

    @property
    def runs(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """Its background tasks."""
        return self.publisher.run, self.published.run


def bus_of(foundation: Foundation) -> Bus:
    """The bus of a process."""
    settings, metrics = foundation.settings, foundation.metrics
    return Bus(
        publisher=Publisher(
            foundation.redis,
            max_entries=settings.publish_entries,
            max_bytes=settings.publish_bytes,
            observe=metrics.published,
            dropped=metrics.dropped,
        ),
        published=PublishedRows(foundation.pool, foundation.owner),
        event_log=EventLog(foundation.redis, foundation.joins),
        presence=PresenceStore(foundation.redis_calls),
    )
