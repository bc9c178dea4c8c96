"""Merging reactions that differ in their spelling only, while the servers run.

What is done is kept after each batch, so that whoever takes the work up goes on from there. One
process at a time has it, by a lease. A message that is touched gets one rev, and its clients hear
of it as of any change.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import uuid4

import asyncpg

from protocol.emoji import is_emoji, reaction_key, shown
from storage.database.bounded import database_within
from storage.database.change_call import ChangeCalls
from storage.database.queries import load_queries

_SQL = load_queries("messages/reaction_merge")

BATCH = 500
"""Messages of one batch: some milliseconds where nothing is to be merged."""

LEASE_S = 60.0
CALL_S = 10.0


class Batch(NamedTuple):
    """What a batch did."""

    messages: int
    merged: int
    is_finished: bool


class ReactionMerge:
    """Takes the batches, for the server and for `parley reactions merge`."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", calls: ChangeCalls) -> None:
        self._pool = pool
        self._calls = calls
        self._owner = uuid4()

    async def is_finished(self) -> bool:
        """Whether nothing is left to merge."""
        async with database_within(CALL_S):
            return bool(await self._pool.fetchval(_SQL["is_finished"]))

    async def restart(self) -> None:
        """Begin anew, for what the version before has stored since."""
        async with database_within(CALL_S):
            await self._pool.execute(_SQL["restart"])

    async def take_batch(self, most: int = BATCH) -> Batch | None:
        """The next batch; None where all is done, or another process has the work.

        Raises `RequestError` (`unavailable`) when PostgreSQL is away or a conversation stays
        locked. What the batch had done by then is done, and the batch is taken again.
        """
        async with database_within(CALL_S):
            lease = await self._pool.fetchrow(_SQL["lease"], self._owner, LEASE_S)
            if lease is None:
                return None
            place = (lease["conversation_id"], lease["seq"])
            rows = await self._pool.fetch(_SQL["batch"], *place, most)
        merged = 0
        for row in rows:
            spellings = dict(_merged(row["spellings"]))
            if spellings:
                verdict = await self._calls.row(
                    _SQL["merge"],
                    row["conversation_id"],
                    row["seq"],
                    list(spellings),
                    list(spellings.values()),
                    self._calls.lock_timeout_ms,
                )
                merged += verdict["verdict"] == "ok"
        is_finished = len(rows) < most
        if rows:
            place = (rows[-1]["conversation_id"], rows[-1]["seq"])
        async with database_within(CALL_S):
            await self._pool.execute(_SQL["keep"], self._owner, *place, is_finished)
        return Batch(len(rows), merged, is_finished)

    async def step(self, most: int) -> int | None:
        """As a step of `Backfills`. Raises as `take_batch` does."""
        batch = await self.take_batch(most)
        if batch is None:
            return None
        return 0 if batch.is_finished else batch.messages


def _merged(spellings: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(key, the spelling to store) of those reactions of a message that are to be changed."""
    by_key: dict[str, list[str]] = {}
    for spelling in spellings:
        by_key.setdefault(reaction_key(spelling), []).append(spelling)
    for key, alike in by_key.items():
        stored = shown(key) if is_emoji(key) else min(alike)
        if alike != [stored]:
            yield key, stored
