"""Files: their rows in PostgreSQL, and what of its owner's quota an upload takes."""

import hashlib
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from protocol.errors import ErrorCode, RequestError
from storage.database.bounded import database_within
from storage.database.idempotency import Idempotency, IdempotencyKey
from storage.database.queries import load_queries

_SQL = load_queries("files/files")
_CALL_S = 5.0


class FileRow(msgspec.Struct, frozen=True):
    """A file as it is kept; `width` and `height` are known of images, `thumbnail_bytes` of those
    that have a thumbnail.
    """

    id: UUID
    owner_id: UUID
    name: str
    mime: str
    checksum: bytes
    bytes: int
    width: int | None
    height: int | None
    thumbnail_bytes: int | None
    created_at: datetime


class NewFile(msgspec.Struct, frozen=True):
    """A file whose bytes have just been stored."""

    id: UUID
    owner_id: UUID
    name: str
    mime: str
    size_bytes: int
    sha256: bytes
    width: int | None
    height: int | None
    thumbnail_bytes: int | None = None


class Grant(NamedTuple):
    """An upload that may begin: the id of its file, and how many bytes the quota leaves it."""

    file_id: UUID
    bytes: int
    used: int
    """The bytes of the owner's other files."""


class Files:
    """The rows. Every method raises `unavailable` when PostgreSQL does not answer in time."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", quota_bytes: int) -> None:
        self._pool = pool
        self._quota_bytes = quota_bytes
        self._idempotency = Idempotency()

    async def begin_upload(self, owner_id: UUID, wanted_bytes: int, key: str | None) -> Grant:
        """Take what the quota leaves of these bytes, until `add` or `give_up`.

        Of uploads that begin at once, each finds what the others have taken.
        """
        async with database_within(_CALL_S):
            row = await self._pool.fetchrow(
                _SQL["begin_upload"], owner_id, wanted_bytes, self._quota_bytes, key
            )
        assert row is not None
        return Grant(row["id"], row["granted"], row["used"])

    async def give_up(self, file_id: UUID) -> bool:
        """Give back what a failed upload took; whether its bytes are to be removed.

        They are not where the file is there: `add` may fail after its commit. Where they are, the
        sweep removes them unless `gone` is called.
        """
        async with database_within(_CALL_S):
            is_to_go: bool = await self._pool.fetchval(_SQL["give_up"], file_id)
        return is_to_go

    async def gone(self, file_id: UUID) -> None:
        """The bytes of an upload that was given up are removed."""
        async with database_within(_CALL_S):
            await self._pool.execute(_SQL["gone"], file_id)

    async def add(self, file: NewFile, key: str | None = None) -> FileRow:
        """Keep the row of a file whose upload was begun; with an Idempotency-Key that came before,
        the file of then.

        Raises `RequestError`: `duplicate_mismatch` for another file, `idempotency_in_progress`,
        `bad_request` for an upload that took too long.
        """
        async with (
            database_within(_CALL_S),
            self._pool.acquire() as connection,
            connection.transaction(),
        ):
            if key is None:
                return await self._insert(connection, file)
            said = hashlib.sha256(file.sha256 + file.name.encode()).digest()
            idempotency_key = IdempotencyKey(file.owner_id, "POST", "/v1/files", key, said)
            told = await self._idempotency.begin(connection, idempotency_key)
            if told is not None:
                return _found(await connection.fetchrow(_SQL["by_id"], UUID(told.key)))
            row = await self._insert(connection, file)
            await self._idempotency.keep(connection, idempotency_key, "", str(row.id), None)
        return row

    async def remove(self, owner_id: UUID, file_id: UUID) -> None:
        """Remove a file of one's own; its bytes go soon after.

        Raises `RequestError`: `conflict` while something names it, `not_found`.
        """
        async with database_within(_CALL_S):
            verdict = await self._pool.fetchval(_SQL["remove"], file_id, owner_id)
        if verdict == "in_use":
            raise RequestError(
                ErrorCode.CONFLICT, "file: a message or another object has it", {"path": "file"}
            )
        if verdict != "ok":
            raise RequestError.not_found("file")

    async def visible_to(self, user_id: UUID, file_id: UUID) -> FileRow:
        """The file, to its uploader and to members of a conversation that carries it.

        Raises `RequestError` (`not_found`) to all others, as for a file that does not exist.
        """
        async with database_within(_CALL_S):
            row = await self._pool.fetchrow(_SQL["visible_to"], file_id, user_id)
        return _found(row)

    async def by_link(self, file_id: UUID) -> FileRow:
        """The file, to whoever has a signed address of it; raises `RequestError` (`not_found`) also
        when nothing that can be seen names the file any more.
        """
        async with database_within(_CALL_S):
            row = await self._pool.fetchrow(_SQL["by_link"], file_id)
        return _found(row)

    async def _insert(self, connection: Any, file: NewFile) -> FileRow:
        granted = await connection.fetchval(_SQL["end_upload"], file.id)
        if granted is None:
            raise RequestError(ErrorCode.BAD_REQUEST, "the file did not arrive in time")
        if file.size_bytes > granted:
            # A repetition takes nothing, and what it repeats has been forgotten since.
            raise self.over_quota(None)
        return _found(await connection.fetchrow(_SQL["insert"], *msgspec.structs.astuple(file)))

    def over_quota(self, used: int | None) -> RequestError:
        """The refusal of a file that the quota has no room for."""
        details: dict[str, Any] = {"limit": "file_quota_bytes", "limit_bytes": self._quota_bytes}
        if used is not None:
            details["used_bytes"] = used
        return RequestError(
            ErrorCode.PAYLOAD_TOO_LARGE,
            f"file: all files of one person have at most {self._quota_bytes} bytes",
            details,
        )


def _found(row: asyncpg.Record | None) -> FileRow:
    if row is None:
        raise RequestError.not_found("file")
    return FileRow(**dict(row))
