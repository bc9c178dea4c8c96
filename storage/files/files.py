"""Files: their rows in PostgreSQL, and addresses that work for a while without a login."""

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from protocol.errors import RequestError
from protocol.text import Time, format_time
from storage.database.bounded import database_within
from storage.database.idempotency import Idempotency, IdempotencyKey
from storage.database.queries import load_queries

_SQL = load_queries("files/files")
_CALL_S = 5.0


class FileRow(msgspec.Struct, frozen=True):
    """A file as it is kept; `width` and `height` are known of images."""

    id: UUID
    owner_id: UUID
    name: str
    mime: str
    bytes: int
    width: int | None
    height: int | None
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


class Files:
    """The rows. Every method raises `unavailable` when PostgreSQL does not answer in time."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self._idempotency = Idempotency()

    async def new_id(self) -> UUID:
        """An id for a file that is about to arrive."""
        async with database_within(_CALL_S):
            file_id: UUID = await self._pool.fetchval(_SQL["new_id"])
        return file_id

    async def add(self, file: NewFile, key: str | None = None) -> FileRow:
        """Keep the row of a file; with an Idempotency-Key that came before, the file of then.

        Raises `RequestError`: `duplicate_mismatch` for another file, `idempotency_in_progress`.
        """
        async with (
            database_within(_CALL_S),
            self._pool.acquire() as connection,
            connection.transaction(),
        ):
            if key is None:
                return await _insert(connection, file)
            said = hashlib.sha256(file.sha256 + file.name.encode()).digest()
            idempotency_key = IdempotencyKey(file.owner_id, "POST", "/v1/files", key, said)
            told = await self._idempotency.begin(connection, idempotency_key)
            if told is not None:
                return _found(await connection.fetchrow(_SQL["by_id"], UUID(told.key)))
            row = await _insert(connection, file)
            await self._idempotency.keep(connection, idempotency_key, "", str(row.id), None)
        return row

    async def visible_to(self, user_id: UUID, file_id: UUID) -> FileRow:
        """The file, to its uploader and to members of a conversation that carries it.

        Raises `RequestError` (`not_found`) to all others, as for a file that does not exist.
        """
        async with database_within(_CALL_S):
            row = await self._pool.fetchrow(_SQL["visible_to"], file_id, user_id)
        return _found(row)

    async def by_id(self, file_id: UUID) -> FileRow:
        """The file, to whoever has a signed address of it; raises `RequestError` (`not_found`)."""
        async with database_within(_CALL_S):
            row = await self._pool.fetchrow(_SQL["by_id"], file_id)
        return _found(row)


class FileLinks:
    """Addresses of files that need no login and end.

    An address is the same for everyone and for a whole `ttl_s`, so that pages of history repeat
    byte for byte and browsers cache; it works for one to two `ttl_s`. Whoever leaves a conversation
    can still follow one for that long.
    """

    def __init__(
        self,
        key: bytes,
        public_url: str | None = None,
        *,
        ttl_s: int = 1800,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`key`: at least 16 secret bytes. Without a `public_url`, addresses are paths only."""
        if len(key) < 16:
            raise ValueError("the key of links needs at least 16 bytes")
        self._key = key
        self._base = (public_url or "").rstrip("/")
        self._ttl_s = ttl_s
        self._clock = clock

    def url(self, file_id: UUID) -> tuple[str, Time]:
        """The address and when it ends."""
        expires = (int(self._clock()) // self._ttl_s + 2) * self._ttl_s
        signature = self._sign(file_id, expires)
        path = f"/v1/files/{file_id}/content?expires={expires}&signature={signature}"
        return self._base + path, format_time(datetime.fromtimestamp(expires, UTC))

    def is_signed(self, file_id: UUID, expires: str, signature: str) -> bool:
        """True for what `url` made, until it ends."""
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
            return False
        genuine = hmac.compare_digest(
            self._sign(file_id, int(expires)).encode(), signature.encode("utf-8", "replace")
        )
        return genuine and int(expires) > self._clock()

    def _sign(self, file_id: UUID, expires: int) -> str:
        # The prefix keeps these apart from whatever else the same key signs.
        text = f"parley file link\n{file_id}\n{expires}".encode()
        return urlsafe_b64encode(hmac.digest(self._key, text, hashlib.sha256)).decode().rstrip("=")


async def _insert(connection: Any, file: NewFile) -> FileRow:
    return _found(await connection.fetchrow(_SQL["insert"], *msgspec.structs.astuple(file)))


def _found(row: asyncpg.Record | None) -> FileRow:
    if row is None:
        raise RequestError.not_found("file")
    return FileRow(**dict(row))
