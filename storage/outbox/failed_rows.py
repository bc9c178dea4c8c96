"""Rows of the outbox that fail by themselves: retried, set aside, their kind paused.

The state is in tables, so that it applies to all processes and survives each.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import asyncpg
import structlog

from storage.database.queries import load_queries
from storage.outbox.rows import Connection, OutboxRow

log = structlog.get_logger()
_SQL = load_queries("outbox/outbox")


class Failure(NamedTuple):
    """A row that failed by itself, and its error, which quotes nothing of the row."""

    row: OutboxRow
    error: str


@dataclass(frozen=True, slots=True)
class Patience:
    """When a row is set aside, and when a kind is paused."""

    pauses_s: Sequence[float] = (1.0, 4.0)
    """The pauses before each retry; after the last one the row is set aside."""
    aside_max: int = 10
    """If more rows of a kind are set aside within `pause_s`, the kind is paused."""
    pause_s: float = 60.0
    """Also the interval at which a row of a paused kind is tried."""
    unknown_s: float = 3600.0
    """Rows of a kind that this process does not know are set aside after this time."""


class OutboxFailures:
    """The failures of one consumer. All methods raise what asyncpg raises."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        consumer: str,
        kinds: Collection[str],
        patience: Patience | None = None,
    ) -> None:
        """`kinds` are those that this process knows."""
        self._pool = pool
        self._consumer = consumer
        self.kinds = sorted(kinds)
        self._patience = patience or Patience()

    async def note(
        self, connection: Connection, failures: Sequence[Failure], owner: UUID | None = None
    ) -> None:
        """Count rows as failed: they are retried after a pause, or set aside after the last try.

        With `owner` only the rows that it still holds. Runs in a transaction of the caller, or
        each statement by itself.
        """
        pauses = self._patience.pauses_s
        again = [one for one in failures if one.row.tries < len(pauses)]
        given_up = [one for one in failures if one.row.tries >= len(pauses)]
        if again:
            waits_s = [pauses[one.row.tries] for one in again]
            await connection.execute(_SQL["put_back"], [o.row.id for o in again], waits_s, owner)
        if given_up:
            ids, errors = [one.row.id for one in given_up], [one.error for one in given_up]
            await connection.execute(_SQL["set_aside"], ids, errors, owner)
            for one in given_up:
                self._log("outbox_row_set_aside", kind=one.row.kind, id=one.row.id, why=one.error)
            await self._pause(connection)

    async def paused(self) -> dict[str, bool]:
        """The paused kinds, each with whether a row may be tried now."""
        rows = await self._pool.fetch(_SQL["paused"], self._consumer)
        return {row["kind"]: row["is_due"] for row in rows}

    async def take_trial(self, kind: str) -> bool:
        """Whether this process is the one that tries a row of a paused kind now."""
        pause_s = self._patience.pause_s
        return bool(await self._pool.fetchval(_SQL["take_trial"], self._consumer, kind, pause_s))

    async def resume(self, kind: str) -> None:
        """End the pause of a kind."""
        await self._pool.execute(_SQL["resume"], self._consumer, kind)
        self._tell_resumed(kind)

    async def resume_without_rows(self, kind: str) -> bool:
        """End the pause of a kind if it has no row to try; returns whether that is so."""
        is_empty = bool(
            await self._pool.fetchval(_SQL["resume_without_rows"], self._consumer, kind)
        )
        if is_empty:
            self._tell_resumed(kind)
        return is_empty

    async def set_aside_unknown(self) -> None:
        """Set aside old rows of kinds that no node seems to know."""
        unknown_s = self._patience.unknown_s
        rows = await self._pool.fetch(
            _SQL["set_aside_unknown"], self._consumer, self.kinds, unknown_s
        )
        for row in rows:
            self._log("outbox_kind_unknown", kind=row["kind"], rows=row["rows"])

    async def _pause(self, connection: Connection) -> None:
        most, pause_s = self._patience.aside_max, self._patience.pause_s
        rows = await connection.fetch(_SQL["pause"], self._consumer, self.kinds, most, pause_s)
        for row in rows:
            self._log("outbox_kind_paused", kind=row["kind"])

    def _tell_resumed(self, kind: str) -> None:
        log.info("outbox_kind_resumed", consumer=self._consumer, kind=kind)

    def _log(self, event: str, **about: object) -> None:
        log.error(event, consumer=self._consumer, **about)
