"""Removing files: rows of those that nothing names, uploads that were broken off, then the bytes.

A file's row goes in the transaction that notes its bytes for removal; the note goes when they are
gone. Whoever dies between leaves the note to the next turn. Processes may take turns at once: one
removes rows, and the others leave them to it.
"""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg
import structlog

from storage.database.bounded import database_within
from storage.database.queries import load_queries
from storage.files.blobs import Blobs, StoreUnavailableError, keys_of

log = structlog.get_logger()

_SQL = load_queries("files/sweep")
_CALL_S = 10.0
_FILES = 100
_GIVEN_UP_S = 3600.0
"""Uploads that began longer ago have ended: they are given less time than that."""
_AGAIN_S = 300.0


class Swept(NamedTuple):
    """The outcome of a turn."""

    files: int
    uploads: int
    blobs: int


class FileSweep:
    """Takes turns, which raise `RequestError` (`unavailable`) while PostgreSQL does not answer."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", blobs: Blobs, unnamed_s: float
    ) -> None:
        """`unnamed_s`: how long a file is kept that nothing names."""
        self._pool = pool
        self._blobs = blobs
        self._unnamed = timedelta(seconds=unnamed_s)

    async def turn(self) -> Swept:
        """Remove all that is due; what the store refuses is left for a later turn."""
        files = 0
        while True:
            async with database_within(_CALL_S):
                row = await self._pool.fetchrow(_SQL["sweep"], self._unnamed, _FILES)
            assert row is not None
            files += row["removed"]
            if row["looked_at"] < _FILES:
                break
        uploads = 0
        while True:
            async with database_within(_CALL_S):
                given_up = await self._pool.fetchval(
                    _SQL["give_up_uploads"], timedelta(seconds=_GIVEN_UP_S), _FILES
                )
            uploads += given_up
            if given_up < _FILES:
                break
        swept = Swept(files, uploads, await self.remove_blobs())
        if any(swept):
            log.info("files_swept", **swept._asdict())
        return swept

    async def remove_blobs(self) -> int:
        """Remove the bytes of files that are gone; of how many."""
        removed = 0
        while True:
            async with database_within(_CALL_S):
                due = await self._pool.fetch(_SQL["due"], _FILES)
            gone, refused = await self._delete([row["file_id"] for row in due])
            async with database_within(_CALL_S):
                await self._pool.execute(_SQL["removed"], gone)
                if refused:
                    await self._pool.execute(_SQL["put_off"], refused, timedelta(seconds=_AGAIN_S))
            removed += len(gone)
            if len(due) < _FILES:
                return removed

    async def _delete(self, file_ids: list[UUID]) -> tuple[list[UUID], list[UUID]]:
        """Those whose bytes are gone, and those that the store refused."""
        gone: list[UUID] = []
        for file_id in file_ids:
            try:
                for key in keys_of(file_id):
                    await self._blobs.delete(key)
            except OSError as error:
                # One that a single file makes would hold up no other; one of the store ends it.
                log.warning("blob_not_removed", file_id=str(file_id), reason=type(error).__name__)
                if isinstance(error, StoreUnavailableError):
                    break
            else:
                gone.append(file_id)
        return gone, [file_id for file_id in file_ids if file_id not in gone]
