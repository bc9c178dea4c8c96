"""Opens and closes notifications from rows of the outbox.

Two consumers. One is told of what concerns somebody at once: mentions, replies, invitations, and
what ends these. The other is told of every message a while later, and notifies who has not read it.

Claiming, storing the notifications with their own outbox rows, and deleting the claimed rows are
one transaction, so each reference is turned into notifications exactly once. One such transaction
is at work at a time, among all processes: what closes a notification, and what would make it, see
each other, whichever comes first.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

import asyncpg

from server.outbox.claiming import Transacted
from server.outbox.consumer import Observe, OutboxConsumer, Pace
from storage.notifications.events import tell_events
from storage.notifications.rules import of_invitations, of_messages
from storage.notifications.runs import claim_runs, tell_runs, tell_runs_again
from storage.notifications.settling import (
    settle_blocked,
    settle_closed_accounts,
    settle_deleted,
    settle_left,
    settle_read,
    take_turn,
)
from storage.notifications.store import notify
from storage.outbox.failed_rows import OutboxFailures
from storage.outbox.rows import Batch, BrokenRowError, ClaimRows, Connection, OutboxRow, claim_of

CONSUMER = "notifications"
RUNS = "message_runs"
PACE = Pace(Batch(rows=64, refs=16_384), retry_s=2.0)

_Rows = Sequence[OutboxRow]
_Handle = Callable[[Connection, _Rows], Awaitable[None]]


async def _messages(connection: Connection, rows: _Rows) -> None:
    conversations, seqs = _joined(rows, "conversation_ids"), _joined(rows, "seqs")
    await notify(connection, await of_messages(connection, conversations, seqs))


async def _invitations(connection: Connection, rows: _Rows) -> None:
    conversations, users = _joined(rows, "conversation_ids"), _joined(rows, "user_ids")
    await notify(connection, await of_invitations(connection, conversations, users))


async def _reading(connection: Connection, rows: _Rows) -> None:
    await settle_read(connection, _joined(rows, "conversation_ids"), _joined(rows, "user_ids"))


async def _deletions(connection: Connection, rows: _Rows) -> None:
    await settle_deleted(connection, _joined(rows, "conversation_ids"), _joined(rows, "seqs"))


async def _departures(connection: Connection, rows: _Rows) -> None:
    await settle_left(connection, _joined(rows, "conversation_ids"), _joined(rows, "user_ids"))


async def _blocks(connection: Connection, rows: _Rows) -> None:
    for row in rows:
        if len(row.user_ids) != 2:
            raise BrokenRowError(f"a block is of two people, not {len(row.user_ids)}")
    ones, others = zip(*(row.user_ids for row in rows), strict=True)
    await settle_blocked(connection, ones, others)


async def _closed_accounts(connection: Connection, rows: _Rows) -> None:
    await settle_closed_accounts(connection, _joined(rows, "user_ids"))


_OF_MESSAGES = ("conversation_ids", "seqs")
_OF_MEMBERS = ("conversation_ids", "user_ids")
_Kinds = Mapping[str, tuple[_Handle, Sequence[str]]]

_AT_ONCE: _Kinds = {
    "message.created": (_messages, _OF_MESSAGES),
    "message.deleted": (_deletions, _OF_MESSAGES),
    "conversation.created": (_invitations, _OF_MEMBERS),
    "conversation.read": (_reading, _OF_MEMBERS),
    "member.left": (_departures, _OF_MEMBERS),
    "user.blocked": (_blocks, ("user_ids",)),
    "account.closed": (_closed_accounts, ("user_ids",)),
    "domain": (tell_events, ()),
}
"""Of each kind what is done, and what its rows have to name."""

_LATER: _Kinds = {
    "message.created": (tell_runs, ()),
    "message.again": (tell_runs_again, ()),
}


def _of_one_kind(rows: _Rows) -> _Rows:
    """Those that are worked off in one transaction. It locks members of conversations, whose
    messages wait for it: in one order, and no longer than its own kind takes.
    """
    return [row for row in rows if row.kind == rows[0].kind]


def _joined(rows: _Rows, column: str) -> list[Any]:
    return [value for row in rows for value in getattr(row, column)]


def notifier(
    pool: "asyncpg.Pool[asyncpg.Record]",
    wake_relay: Callable[[], None],
    observe: Observe = lambda _consumer, _seconds: None,
) -> OutboxConsumer:
    """The consumer of what concerns somebody at once.

    `wake_relay` is called when notifications may have been stored, to publish their events.
    """
    return _consumer(CONSUMER, claim_of(CONSUMER), _AT_ONCE, pool, wake_relay, observe)


def run_teller(
    pool: "asyncpg.Pool[asyncpg.Record]",
    wake_relay: Callable[[], None],
    observe: Observe = lambda _consumer, _seconds: None,
) -> OutboxConsumer:
    """The consumer of messages that somebody may not have read by now."""
    return _consumer(RUNS, claim_runs, _LATER, pool, wake_relay, observe)


def _consumer(
    name: str,
    claim: ClaimRows,
    known: _Kinds,
    pool: "asyncpg.Pool[asyncpg.Record]",
    wake_relay: Callable[[], None],
    observe: Observe,
) -> OutboxConsumer:
    async def work(connection: Connection, rows: _Rows) -> None:
        handle, named = known[rows[0].kind]
        for row in rows if named else ():
            row.require(*named)
        await take_turn(connection)
        await handle(connection, rows)

    kinds: Collection[str] = known.keys()
    failures = OutboxFailures(pool, name, kinds)
    form = Transacted(pool, failures, claim, work, done=wake_relay, part=_of_one_kind)
    return OutboxConsumer(name, form, failures, PACE, observe)
