"""What changes PostgreSQL: the two writers in groups, and all other changes one by one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from server.bus import Bus
from server.delivery.wiring import Delivery
from server.foundation import Foundation
from server.outbox.wiring import Outbox
from server.readers import Readers
from storage.database.change_call import ChangeCalls
from storage.messages.receipts import ReceiptSettings, ReceiptWriter
from storage.messages.writer import MessageWriter, WriterSettings
from storage.notifications.store import Notifications


@dataclass(frozen=True, slots=True)
class Writers:
    """`changes` wakes the relay after each change."""

    messages: MessageWriter
    receipts: ReceiptWriter
    changes: ChangeCalls
    notifications: Notifications

    @property
    def runs(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """Their background tasks."""
        return self.receipts.run, self.messages.run


def writers_of(
    foundation: Foundation, readers: Readers, bus: Bus, delivery: Delivery, outbox: Outbox
) -> Writers:
    """The writers of a process."""
    settings = foundation.settings
    assert settings.database_url is not None
    messages = WriterSettings(
        dsn=settings.database_url,
        owner=foundation.owner,
        group_max=settings.group_max,
        lock_timeout_ms=settings.lock_timeout_ms,
        statement_timeout_ms=settings.statement_timeout_ms,
        unread_notice_s=settings.unread_notice_s,
        observe=foundation.metrics.committed,
        stored=delivery.hub.has_reply,
        sent=delivery.own_messages.sent,
        deferred=outbox.relay.wake,
    )
    receipts = ReceiptSettings(
        dsn=settings.database_url,
        owner=foundation.owner,
        group_max=settings.group_max,
        statement_timeout_ms=settings.statement_timeout_ms,
        moved=outbox.unread.read,
    )
    changes = ChangeCalls(
        foundation.pool, outbox.relay.wake, lock_timeout_ms=settings.lock_timeout_ms
    )
    return Writers(
        messages=MessageWriter(messages, readers.messages, bus.publisher, bus.published),
        receipts=ReceiptWriter(receipts, bus.publisher, bus.published),
        changes=changes,
        notifications=Notifications(changes),
    )
