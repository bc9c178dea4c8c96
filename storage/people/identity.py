"""Accounts: people, their addresses and passwords' hashes."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from protocol.addresses import login_network
from protocol.errors import ErrorCode, RequestError
from storage.database.bounded import database_within
from storage.database.queries import load_queries
from storage.people import email_upkeep
from storage.people.emails import canonical, canonical_or_none
from storage.people.tokens import TokenPair, token_hash

_SQL = load_queries("people/identity")


class SessionTimes(msgspec.Struct, frozen=True):
    """How long tokens live, in seconds."""

    access_ttl_s: int = 900
    """Short: what is stolen with an access token ends with it."""

    refresh_ttl_s: int = 30 * 86_400
    """From each exchange anew: a month away means signing in again."""

    familiar_s: int = 30 * 86_400
    """How long an account is known to log in from a network since it last did."""

    grace_s: float = 10.0
    """How long the token just replaced works once more, for a reply that was lost."""


class Origin(msgspec.Struct, frozen=True):
    """Where a login comes from: an address without port, or None when it is not known."""

    address: str | None
    user_agent: str | None

    @property
    def network(self) -> str | None:
        """The network that it is in, where it is an address."""
        return None if self.address is None else login_network(self.address)


class Credentials(msgspec.Struct, frozen=True):
    """What a login is checked against."""

    user_id: UUID
    status: str
    password_hash: str

    def __repr__(self) -> str:
        return f"Credentials({self.user_id})"


class LoginCheck(msgspec.Struct, frozen=True):
    """What is known of the account that a login names.

    `folded` is the same for all spellings that the database takes for one account, or for one
    unknown address. `is_familiar`: it has logged in from this network lately. `found` is None for
    an unknown account. `lacks_canonical`: its address has no spelling of its own yet.
    """

    folded: str
    is_familiar: bool
    lacks_canonical: bool
    found: Credentials | None


class AccountRow(msgspec.Struct, frozen=True):
    """A user as that user sees it."""

    id: UUID
    display_name: str
    kind: str
    staff_role: str | None
    status: str
    email: str
    must_change_email: bool
    email_verified_at: datetime | None
    avatar: str | None
    locale: str
    timezone: str
    messages_from: str
    created_at: datetime
    updated_at: datetime
    version: int


class NewAccount(msgspec.Struct, frozen=True):
    """What a registration stores."""

    email: str
    password_hash: str
    display_name: str
    kind: str

    def __repr__(self) -> str:
        return "NewAccount(…)"


class Accounts:
    """The accounts in PostgreSQL; every method raises `unavailable` when it is away."""

    def __init__(self, pool: asyncpg.Pool, times: SessionTimes, timeout_s: float = 5.0) -> None:
        self._pool = pool
        self._access_ttl = timedelta(seconds=times.access_ttl_s)
        self._familiar_s = times.familiar_s
        self._refresh_ttl = timedelta(seconds=times.refresh_ttl_s)
        self._timeout_s = timeout_s

    async def is_known(self, email: str) -> bool:
        """Whether an account has this address in any spelling. Raises `AddressError`."""
        async with database_within(self._timeout_s):
            return bool(await self._pool.fetchval(_SQL["email_is_known"], email, canonical(email)))

    async def register(self, account: NewAccount, tokens: TokenPair, origin: Origin) -> AccountRow:
        """Store an account and open its first session; `conflict` for a known address.

        Raises `AddressError`.
        """
        try:
            async with database_within(self._timeout_s):
                row = await self._pool.fetchrow(
                    _SQL["register"],
                    account.email,
                    account.password_hash,
                    account.display_name,
                    account.kind,
                    *self._session_values(tokens, origin),
                    canonical(account.email),
                    origin.network,
                )
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "user_private_email_key":
                raise
            raise email_taken() from error
        return _account(row)

    async def credentials(self, email: str, network: str | None = None) -> LoginCheck:
        """What a login at this address, in any spelling, from this network is checked against."""
        async with database_within(self._timeout_s):
            row = await self._pool.fetchrow(
                _SQL["credentials"],
                email,
                canonical_or_none(email),
                network,
                timedelta(seconds=self._familiar_s),
            )
        assert row is not None
        found = None
        if row["password_hash"] is not None:
            found = Credentials(row["user_id"], row["status"], row["password_hash"])
        return LoginCheck(row["folded"], row["is_familiar"], row["lacks_canonical"], found)

    async def settle_email(self, user_id: UUID, email: str) -> None:
        """Give an account without one the spelling of its address, unless another is to have it."""
        async with database_within(self._timeout_s), self._pool.acquire() as connection:
            await email_upkeep.settle(connection, user_id, email)

    async def fill_emails(self) -> int:
        """Give spellings to the accounts of the version before; how many got one."""
        async with self._pool.acquire(timeout=self._timeout_s) as connection:
            return await email_upkeep.fill(connection)

    async def credentials_of(self, user_id: UUID) -> Credentials:
        """What a user's password is checked against; `not_found` when there is no such user."""
        async with database_within(self._timeout_s):
            row = await self._pool.fetchrow(_SQL["credentials_of"], user_id)
        if row is None:
            raise RequestError.not_found("user")
        return Credentials(**dict(row))

    async def open_session(
        self, checked: Credentials, tokens: TokenPair, origin: Origin
    ) -> UUID | None:
        """Open a session; None when the password that was checked has changed meanwhile."""
        async with database_within(self._timeout_s):
            session_id: UUID | None = await self._pool.fetchval(
                _SQL["open_session"],
                checked.user_id,
                checked.password_hash,
                *self._session_values(tokens, origin),
                origin.network,
            )
        return session_id

    async def replace_hash(self, checked: Credentials, password_hash: str) -> None:
        """Store the same password as another hash."""
        async with database_within(self._timeout_s):
            await self._pool.execute(
                _SQL["replace_hash"], checked.user_id, checked.password_hash, password_hash
            )

    async def account(self, user_id: UUID) -> AccountRow:
        """A user as that user sees it; `not_found` when there is none."""
        async with database_within(self._timeout_s):
            row = await self._pool.fetchrow(_SQL["account"], user_id)
        if row is None:
            raise RequestError.not_found("user")
        return _account(row)

    def _session_values(self, tokens: TokenPair, origin: Origin) -> tuple[object, ...]:
        return (
            token_hash(tokens.access),
            self._access_ttl,
            token_hash(tokens.refresh),
            self._refresh_ttl,
            origin.address,
            origin.user_agent,
        )


def email_taken() -> RequestError:
    """The answer to a registration with a known address."""
    return RequestError(ErrorCode.CONFLICT, "email: an account has this address", {"path": "email"})


def _account(row: asyncpg.Record | None) -> AccountRow:
    assert row is not None
    return AccountRow(**dict(row))
