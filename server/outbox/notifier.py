"""Creates notifications from rows of the outbox: mentions, replies, invitations.

Claiming, storing the notifications with their own outbox rows, and deleting the claimed rows are
one transaction, so each reference is turned into notifications exactly once.
"""

from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from server.outbox.claiming import Transacted
from server.outbox.consumer import Observe, OutboxConsumer, Pace
from storage.notifications.rules import of_invitations, of_messages
from storage.notifications.store import NewNotification, notify
from storage.outbox.failed_rows import OutboxFailures
from storage.outbox.rows import Batch, Connection, OutboxRow, claim_of

CONSUMER = "notifications"
PACE = Pace(Batch(rows=64, refs=16_384), retry_s=2.0)

_Notices = Callable[[Connection, OutboxRow], Awaitable[Sequence[NewNotification]]]


async def _of_messages(connection: Connection, row: OutboxRow) -> Sequence[NewNotification]:
    row.require("conversation_ids", "seqs")
    return await of_messages(connection, row.conversation_ids, row.seqs)


async def _of_invitations(connection: Connection, row: OutboxRow) -> Sequence[NewNotification]:
    row.require("conversation_ids", "user_ids")
    return await of_invitations(connection, row.conversation_ids, row.user_ids)


_NOTICES: dict[str, _Notices] = {
    "message.created": _of_messages,
    "conversation.created": _of_invitations,
}


def notifier(
    pool: "asyncpg.Pool[asyncpg.Record]",
    wake_relay: Callable[[], None],
    observe: Observe = lambda _consumer, _seconds: None,
) -> OutboxConsumer:
    """The consumer that creates notifications.

    `wake_relay` is called when notifications may have been stored, to publish their events.
    """

    async def make(connection: Connection, rows: Sequence[OutboxRow]) -> None:
        items = [item for row in rows for item in await _NOTICES[row.kind](connection, row)]
        await notify(connection, items)

    failures = OutboxFailures(pool, CONSUMER, _NOTICES)
    form = Transacted(pool, failures, claim_of(CONSUMER), make, done=wake_relay)
    return OutboxConsumer(CONSUMER, form, failures, PACE, observe)
