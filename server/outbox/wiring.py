"""The consumers of the outbox in a process, but for the marketplace's."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from server.bus import Bus
from server.foundation import Foundation
from server.outbox.consumer import OutboxConsumer
from server.outbox.event_builder import EventBuilder, EventReaders
from server.outbox.indexer import indexer
from server.outbox.notifier import notifier, run_teller
from server.outbox.relay import Relay
from server.outbox.unread import UnreadTeller
from server.readers import Readers


@dataclass(frozen=True, slots=True)
class Outbox:
    """The consumers, and what tells people their unread figures."""

    unread: UnreadTeller
    relay: Relay
    indexer: OutboxConsumer
    notifier: OutboxConsumer
    run_teller: OutboxConsumer

    @property
    def consumers(self) -> tuple[OutboxConsumer, ...]:
        """All of them, for the figures of the outbox."""
        return self.relay.consumer, self.indexer, self.notifier, self.run_teller

    @property
    def runs(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """Its background tasks."""
        return (
            self.indexer.run,
            self.notifier.run,
            self.run_teller.run,
            self.relay.run,
            self.unread.run,
        )

    def wake(self) -> None:
        """A transition was committed: it may have noted events, said something, notified people."""
        self.relay.wake()
        self.notifier.wake()


def outbox_of(
    foundation: Foundation, readers: Readers, bus: Bus, is_listening: Callable[[], bool]
) -> Outbox:
    """The consumers of a process; `is_listening` says whether it hears what is published."""
    pool, observe = foundation.pool, foundation.metrics.outbox_lag
    conversations, notifications = readers.conversations, readers.notifications
    unread = UnreadTeller(conversations, notifications.unread, bus.presence, bus.publisher)
    builder = EventBuilder(
        EventReaders(
            readers.messages, conversations, notifications.by_ids, unread.totals_of, unread.moved
        )
    )
    relay = Relay(pool, builder, bus.publisher, bus.published, is_listening, observe)
    return Outbox(
        unread=unread,
        relay=relay,
        indexer=indexer(pool, observe),
        notifier=notifier(pool, relay.wake, observe),
        run_teller=run_teller(pool, relay.wake, observe),
    )
