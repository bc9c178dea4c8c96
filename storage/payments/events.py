"""Events of payment providers: verified, stored once, and tried until what they are about is there.

An event that cannot be applied yet is tried again at 5 s, 1 min, 10 min and 1 h, and then parked:
it stays, and somebody is told.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import msgspec
import orjson
from msgspec import Meta

from storage.database.queries import load_queries

_SQL = load_queries("payments/events")

PAUSES_S = (5.0, 60.0, 600.0, 3600.0)
"""Before each further try; after the last one the event is parked."""
LEASE_S = 60.0
AT_ONCE = 20
_ERROR_CHARS = 500


class SentEvent(msgspec.Struct, frozen=True):
    """The body of an event. Providers may say more: it is stored as it came."""

    id: Annotated[str, Meta(examples=["evt_example"])]
    kind: Annotated[str, Meta(examples=["payment.captured"])]
    data: dict[str, Any]

    def __post_init__(self) -> None:
        if not (0 < len(self.id) <= 255 and 0 < len(self.kind) <= 100):
            raise ValueError("`id` has 1 to 255 characters, `kind` 1 to 100")


class StoredEvent(msgspec.Struct, frozen=True):
    """An event that waits to be applied."""

    id: UUID
    provider: str
    event_id: str
    kind: str
    data: dict[str, Any]
    received_at: datetime
    attempts: int


class Applied(msgspec.Struct, frozen=True):
    """What the event says holds now, by it or by one before it."""


class NotThereYet(msgspec.Struct, frozen=True):
    """What it is about is not there, or not as far: it is tried again."""

    reason: str


class Refused(msgspec.Struct, frozen=True):
    """It never applies, and is kept with the reason."""

    reason: str


Outcome = Applied | NotThereYet | Refused


class ProviderEvents:
    """The events that providers have sent. All methods raise what asyncpg raises."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def now(self) -> datetime:
        """The time by the clock of workflows."""
        now: datetime = await self._pool.fetchval(_SQL["now"])
        return now

    async def store(self, provider: str, event: SentEvent, body: str, now: datetime) -> bool:
        """Keep an event; False where its id was kept before. It is committed on return.

        Raises `asyncpg.DataError` for a body that PostgreSQL does not take.
        """
        told = await self._pool.fetchval(_SQL["store"], provider, event.id, event.kind, body, now)
        return told is not None

    async def take(self, now: datetime) -> list[StoredEvent]:
        """Events that are due, which are this process' for a minute."""
        rows = await self._pool.fetch(_SQL["take"], now, AT_ONCE, LEASE_S)
        found = sorted(rows, key=lambda row: (row["received_at"], row["id"]))
        return [_stored(row) for row in found]

    async def settle(self, event: StoredEvent, outcome: Outcome, now: datetime) -> str:
        """Note what became of an event; its state by now, or `""` if another process was first."""
        match outcome:
            case Applied():
                return await self._end(event, "applied", now, None)
            case Refused(reason):
                return await self._end(event, "refused", now, reason)
            case NotThereYet(reason):
                if event.attempts >= len(PAUSES_S):
                    return await self._end(event, "parked", now, reason)
                at = now + timedelta(seconds=PAUSES_S[event.attempts])
                how = (event.id, event.attempts, at, reason[:_ERROR_CHARS])
                return "waiting" if await self._pool.fetchval(_SQL["again"], *how) else ""

    async def parked(self) -> int:
        """How many events are parked."""
        return int(await self._pool.fetchval(_SQL["parked"]))

    async def retry_parked(self, now: datetime, ids: Sequence[UUID] | None = None) -> int:
        """Try parked events anew: all, or those named; how many."""
        return int(await self._pool.fetchval(_SQL["retry_parked"], ids, now))

    async def _end(self, event: StoredEvent, state: str, now: datetime, reason: str | None) -> str:
        told = None if reason is None else reason[:_ERROR_CHARS]
        ended = await self._pool.fetchval(
            _SQL["settle"], event.id, event.attempts, state, now, told
        )
        return state if ended else ""


def _stored(row: Any) -> StoredEvent:
    body = orjson.loads(row["body"])
    return StoredEvent(
        row["id"],
        row["provider"],
        row["event_id"],
        row["kind"],
        body["data"],
        row["received_at"],
        row["attempts"],
    )
