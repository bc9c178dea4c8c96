"""Publishes domain events: what the workflows note in the outbox, in the order of its rows.

The events of one row of the marketplace are noted under the lock of its root, so the order of the
outbox is that of their commits. One process at a time has rows, the oldest first, and none are
leased behind those of another, so no event overtakes another on its way to a person. A row that
cannot be told holds up nobody.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

import asyncpg
import msgspec

from protocol.bus import BusEvent, pack
from protocol.errors import RequestError
from protocol.events import DomainEvent, ReminderEvent
from protocol.text import Time
from server.outbox.claiming import Leased, Taken
from server.outbox.consumer import Observe, OutboxConsumer, Pace
from storage.bus.publisher import DURABLE, Publication, Publisher, to_each
from storage.outbox.failed_rows import OutboxFailures
from storage.outbox.leases import Claim, RowLeases
from storage.outbox.rows import Batch, OutboxRow

CONSUMER = "domain"
KIND = "domain"
"""The only kind: names of events come and go, and all are told alike."""
PACE = Pace(Batch(rows=256, refs=1_000), poll_s=0.5, retry_max_s=1.0)
TURN_S = 0.05
"""The pause while Redis is not connected."""
OLD_S = 1.0
"""Older rows may have been told by a process whose lease PostgreSQL has lost."""
SLACK_S = 5.0
"""Added for the time until Redis looks, which it measures by another clock."""


class _Noted(DomainEvent, frozen=True, kw_only=True):
    """The `data` of a row."""

    name: str
    due_at: Time | None = None
    """Of a reminder."""


_decode = msgspec.json.Decoder(_Noted).decode
_encode = msgspec.json.Encoder().encode


class DomainEvents:
    """The consumer of domain events; any number of processes may run it.

    While `is_listening` returns False, rows wait, as those of the relay do.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        owner: UUID,
        publisher: Publisher,
        is_listening: Callable[[], bool],
        observe: Observe = lambda _consumer, _seconds: None,
    ) -> None:
        """`owner` is this process, as the owner of leased rows."""
        self._publisher = publisher
        self._is_listening = is_listening
        # Redis keeps who is late by owner: to be late here is not to be late for the relay.
        self._name = f"{owner}/{CONSUMER}"
        failures = OutboxFailures(pool, CONSUMER, (KIND,))
        leases = RowLeases(pool, owner, CONSUMER, in_order=True)
        self._leased = Leased(pool, failures, leases, self._tell)
        self.consumer = OutboxConsumer(CONSUMER, self, failures, PACE, observe)
        self.wake = self.consumer.wake
        """To be called after a commit that has noted events."""
        self.run = self.consumer.run
        """Publish until cancelled."""

    async def turn(self, kinds: Sequence[str], batch: Batch) -> Taken:
        """Publish at most a batch, unless another process has older rows."""
        if not self._is_listening():
            return Taken(pause_s=TURN_S, is_deaf=True)
        return await self._leased.turn(kinds, batch)

    trial = turn

    async def _tell(self, claim: Claim, rows: Sequence[OutboxRow]) -> None:
        """Publish rows in their order.

        Raises `RequestError` when Redis refuses, `LeaseLostError` when another process has the
        rows, `ValueError` for a row that says no event.
        """
        is_part = len(rows) < len(claim.rows)
        late = {row.owner: row.fence for row in sorted(claim.rows, key=lambda row: row.fence)}
        words = [f"{owner}/{CONSUMER} {until}" for owner, until in late.items() if owner]
        lease = " ".join([f"{self._name} {claim.leased_at}", *words])
        publications = [
            _publication(row, may_be_repeated=is_part)._replace(lease=lease) for row in rows
        ]
        if not await self._publisher.publish_and_wait(publications):
            raise RequestError.unavailable("Redis")


def _publication(row: OutboxRow, *, may_be_repeated: bool) -> Publication:
    row.require("user_ids")
    noted = _decode(row.text or "{}")
    about = (noted.resource, noted.id, noted.status, noted.version, noted.action, noted.actor_id)
    due_at = noted.due_at
    d = DomainEvent(*about) if due_at is None else ReminderEvent(*about, due_at=due_at)
    body = pack(BusEvent(noted.name.encode(), f"d.{row.id}".encode(), d=_encode(d)))
    publication = to_each(map(str, row.user_ids), DURABLE, body)
    if may_be_repeated or row.owner is not None or row.tries or row.age_s > OLD_S:
        return publication._replace(repeat_ms=round((row.age_s + SLACK_S) * 1000))
    return publication
