"""Sessions: one a login, found by its access token, in Redis for minutes and in PostgreSQL."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from protocol.errors import ErrorCode, RequestError
from storage.database.bounded import database_within
from storage.database.queries import load_queries
from storage.limits.bad_tokens import BadTokens
from storage.people.identity import Credentials, SessionTimes
from storage.people.tokens import TOKEN_CHARS, TokenPair, token_hash
from storage.redis.calls import RedisCalls
from storage.redis.guard import RedisAwayError

_SQL = load_queries("people/sessions")
_PREFIX = "parley:session:"
CACHE_S = 300
"""How long a copy lives in Redis."""
TIMEOUT_S = 5.0
"""How long PostgreSQL may take."""
_REVOKED = b"null"

RevokedReason = Literal["logout", "revoked", "account"]


class Session(msgspec.Struct, frozen=True):
    """Who a live access token speaks for, and until when."""

    session_id: UUID
    user_id: UUID
    display_name: str
    expires_at: datetime


class LiveSession(msgspec.Struct, frozen=True):
    """A login as its owner sees it in the list."""

    id: UUID
    ip: str | None
    user_agent: str | None
    created_at: datetime
    last_activity_at: datetime
    refresh_expires_at: datetime


class Sessions:
    """The sessions. With Redis away they come from PostgreSQL, with that away `unavailable`.

    A copy in Redis lives at most five minutes. What ends a session writes a mark over its copy, so
    that a reader who looked just before cannot put the copy back. Where Redis could not be told,
    `revoked_since`, which every process calls each second, lets this process refuse the session.
    `wake` is called after a revocation, whose outbox row then waits; `looked_up` hears of each hit
    and miss of the copies.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        calls: RedisCalls,
        times: SessionTimes,
        wake: Callable[[], None],
        looked_up: Callable[[bool], None] = lambda _is_hit: None,
        bad_tokens: BadTokens | None = None,
    ) -> None:
        self._pool = pool
        self._calls = calls
        self._times = times
        self._wake = wake
        self._looked_up = looked_up
        self._bad_tokens = BadTokens(1, enabled=False) if bad_tokens is None else bad_tokens
        self._decoder: msgspec.json.Decoder[Session | None] = msgspec.json.Decoder(Session | None)
        self._revoked_here: dict[UUID, float] = {}

    @property
    def access_ttl_s(self) -> int:
        """How long a new access token lives, in seconds."""
        return self._times.access_ttl_s

    async def authenticate(self, token: str, address: str = "unknown") -> Session:
        """The session of an access token; raises `unauthenticated` when it is not a live one.

        Raises `rate_limited` when `address` has tried too many that nobody has, unless there is a
        copy of this one's session.
        """
        session = None
        if len(token) == TOKEN_CHARS:
            session = await self._find(token_hash(token), address)
        if (
            session is None
            or session.expires_at <= datetime.now(UTC)
            or session.session_id in self._revoked_here
        ):
            raise RequestError(ErrorCode.UNAUTHENTICATED, "the access token is not valid")
        return session

    async def rotate(self, refresh_token: str, tokens: TokenPair) -> UUID:
        """Put `tokens` in the place of `refresh_token` and its access token; gives the user.

        A token that was replaced before ends the whole session, but for the one replaced last,
        within the grace. Raises `unauthenticated` for that and for tokens that are not live.
        """
        async with database_within(TIMEOUT_S):
            row = await self._pool.fetchrow(
                _SQL["rotate"],
                token_hash(refresh_token),
                token_hash(tokens.access),
                token_hash(tokens.refresh),
                timedelta(seconds=self._times.access_ttl_s),
                timedelta(seconds=self._times.refresh_ttl_s),
                timedelta(seconds=self._times.grace_s),
            )
        assert row is not None
        if row["verdict"] == "refused":
            raise _refresh_refused()
        if row["verdict"] == "reused":
            self._wake()
            self._refuse([row["session_id"]])
            await self._mark([row["old_access_hash"]])
            raise _refresh_refused()
        await self._mark([row["old_access_hash"]])
        user_id: UUID = row["user_id"]
        return user_id

    async def live(self, user_id: UUID, below: UUID | None, limit: int) -> list[LiveSession]:
        """At most `limit` live sessions of a user, newest first, older than the session `below`."""
        async with database_within(TIMEOUT_S):
            rows = await self._pool.fetch(_SQL["live_of_user"], user_id, below, limit)
        return [LiveSession(**dict(row)) for row in rows]

    async def revoke(
        self, user_id: UUID, session_ids: list[UUID] | None, reason: RevokedReason
    ) -> list[UUID]:
        """End sessions of a user, None for all; gives those that were live.

        Whoever suspends an account calls this after it.
        """
        async with database_within(TIMEOUT_S):
            rows = await self._pool.fetch(_SQL["revoke"], user_id, session_ids, reason)
        return await self._ended(rows)

    async def change_password(self, checked: Credentials, password_hash: str) -> bool:
        """Store another password and end all of the user's sessions, in one transaction.

        False when the password that was checked has changed meanwhile.
        """
        async with database_within(TIMEOUT_S):
            rows = await self._pool.fetch(
                _SQL["change_password"], checked.user_id, checked.password_hash, password_hash
            )
        await self._ended([row for row in rows if row["session_id"] is not None])
        return bool(rows)

    async def _ended(self, rows: Sequence[asyncpg.Record]) -> list[UUID]:
        """Tell every process of sessions that were ended."""
        ended: list[UUID] = [row["session_id"] for row in rows]
        if ended:
            self._wake()
            self._refuse(ended)
            await self._mark([row["access_hash"] for row in rows])
        return ended

    async def revoked_since(self, moment: datetime) -> list[UUID]:
        """The sessions revoked since `moment` (and up to ten seconds before: ask each second).

        From now on this process refuses them, whatever a cache says. A process that begins asks for
        all that a copy may have outlived: `CACHE_S`.
        """
        async with database_within(TIMEOUT_S):
            rows = await self._pool.fetch(_SQL["revoked_since"], moment)
        ended: list[UUID] = [row["id"] for row in rows]
        fresh = [row["access_hash"] for row in rows if row["id"] not in self._revoked_here]
        self._refuse(ended)
        await self._mark(fresh)
        return ended

    async def prune(self, keep_s: float) -> None:
        """Forget what ended `keep_s` ago or earlier, some thousands a call."""
        async with database_within(TIMEOUT_S):
            await self._pool.execute(
                _SQL["prune"],
                timedelta(seconds=keep_s),
                timedelta(seconds=self._times.refresh_ttl_s),
                timedelta(seconds=self._times.familiar_s),
            )

    async def _find(self, access_hash: bytes, address: str) -> Session | None:
        key = _PREFIX + access_hash.hex()
        try:
            cached = await self._calls.command("GET", key)
            self._looked_up(cached is not None)
            if cached is not None:
                return self._decoder.decode(cached)
        except (RedisAwayError, msgspec.DecodeError):
            pass  # not there, or written by another version: PostgreSQL knows
        session = await self._stored(access_hash, address)
        if session is not None:
            await self._keep(key, session)
        return session

    async def _stored(self, access_hash: bytes, address: str) -> Session | None:
        self._bad_tokens.take(address)
        is_bad = False
        try:
            async with database_within(TIMEOUT_S):
                row = await self._pool.fetchrow(_SQL["by_access_hash"], access_hash)
            session = None if row is None else Session(*row)
            is_bad = session is None or session.expires_at <= datetime.now(UTC)
            return session
        finally:
            if not is_bad:
                self._bad_tokens.give_back(address)

    async def _keep(self, key: str, session: Session) -> None:
        left_s = int((session.expires_at - datetime.now(UTC)).total_seconds())
        if left_s < 1:
            return
        value = msgspec.json.encode(session)
        with contextlib.suppress(RedisAwayError):
            await self._calls.command("SET", key, value, "NX", "EX", min(left_s, CACHE_S))

    async def _mark(self, access_hashes: Iterable[bytes]) -> None:
        keys = (_PREFIX + access_hash.hex() for access_hash in access_hashes)
        marked = [self._calls.command("SET", key, _REVOKED, "EX", CACHE_S) for key in keys]
        with contextlib.suppress(RedisAwayError):
            await asyncio.gather(*marked)

    def _refuse(self, session_ids: Iterable[UUID]) -> None:
        now = time.monotonic()
        forgotten = [i for i, at in self._revoked_here.items() if at < now - 2 * CACHE_S]
        for session_id in forgotten:
            del self._revoked_here[session_id]
        for session_id in session_ids:
            self._revoked_here[session_id] = now


def _refresh_refused() -> RequestError:
    return RequestError(ErrorCode.UNAUTHENTICATED, "the refresh token is not valid")
