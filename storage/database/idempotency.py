"""A request that is sent again with its Idempotency-Key is answered again, and not done again.

The row that remembers is written in the effect's own transaction: what was rolled back is not
remembered. Two at once: the second is told so, by an advisory lock that ends with the transaction.
"""

from typing import Any, NamedTuple
from uuid import UUID

from protocol.errors import ErrorCode, RequestError
from storage.database.installation.acting import becoming
from storage.database.logins import SERVICE
from storage.database.queries import load_queries

_SQL = load_queries("database/idempotency")


class IdempotencyKey(NamedTuple):
    """A key, as it belongs to a user, a method and a path; the hash is of the request's body."""

    user_id: UUID
    method: str
    path: str
    key: str
    request_hash: bytes


class FirstAnswer(NamedTuple):
    """What was answered the first time."""

    body: str
    key: str
    version: int | None


class Idempotency:
    """The keys of the last 24 hours."""

    async def begin(self, connection: Any, idempotency_key: IdempotencyKey) -> FirstAnswer | None:
        """Take the key for this transaction; what it was answered with, if it was sent before.

        Raises `idempotency_in_progress` and `duplicate_mismatch`.
        """
        if not await connection.fetchval(
            _SQL["lock"], str(idempotency_key.user_id), idempotency_key.key
        ):
            raise RequestError(
                ErrorCode.IDEMPOTENCY_IN_PROGRESS, "a request with this key is under way"
            )
        found = await connection.fetchrow(_SQL["find"], *idempotency_key[:4])
        if found is None:
            return None
        if found["request_hash"] != idempotency_key.request_hash:
            raise RequestError(
                ErrorCode.DUPLICATE_MISMATCH, "this key was sent with another body", {}
            )
        return FirstAnswer(found["body"], found["row_key"], found["version"])

    async def keep(
        self,
        connection: Any,
        idempotency_key: IdempotencyKey,
        body: str,
        key: str,
        version: int | None,
    ) -> None:
        """Remember an answer, as the service: the role of the request may not."""
        with becoming():
            await connection.execute(f"SET LOCAL ROLE {SERVICE}")
        await connection.execute(_SQL["keep"], *idempotency_key, body, key, version)
