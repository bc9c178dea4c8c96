"""Identity as one server process has it, on a test's own PostgreSQL and Redis."""

from dataclasses import dataclass, field

import asyncpg
import pytest
import redis.asyncio

from handlers.caller import Caller
from handlers.people.identity import AccountRules, Identity
from handlers.people.login_limits import LoginLimits
from handlers.people.own_account import ShownAccount
from handlers.public_names import PublicNames
from protocol.cursor import CursorSigner
from protocol.errors import ErrorCode, RequestError
from protocol.identity import Login, Refresh, Register, SignedIn
from protocol.limits import Limits
from storage.limits.rate_limiter import RateLimiter
from storage.mail.suppressions import AddressKeys, SoftRules, Suppressions
from storage.people.identity import Accounts, Origin, SessionTimes
from storage.people.passwords import Passwords
from storage.people.sessions import Sessions
from storage.redis.calls import RedisCalls
from storage.redis.guard import RedisGuard

HOME = Origin("192.0.2.7", "Firefox")
PASSWORD = "correct horse battery"
ANNA = Register("Anna@Example.org", PASSWORD, "Anna", "client")


class CountingPasswords(Passwords):
    """Fast parameters, and a record of what was verified."""

    def __init__(self):
        super().__init__(memory_kib=64, time_cost=1)
        self.verified = []

    def _matches(self, stored, password):
        self.verified.append((stored, password))
        return super()._matches(stored, password)


@dataclass
class House:
    """Identity as one process has it, on the test's own servers."""

    pool: asyncpg.Pool
    redis: redis.asyncio.Redis
    times: SessionTimes = field(default_factory=SessionTimes)
    limits: Limits = field(default_factory=Limits)
    woken: list[int] = field(default_factory=list)

    def __post_init__(self):
        guard = RedisGuard()
        self.passwords = CountingPasswords()
        self.accounts = Accounts(self.pool, self.times)
        self.sessions = Sessions(
            self.pool,
            RedisCalls(self.redis, guard),
            self.times,
            lambda: self.woken.append(1),
        )
        self.identity = Identity(
            self.accounts,
            self.sessions,
            self.passwords,
            LoginLimits(RateLimiter(self.redis, guard), self.limits),
            AccountRules(self.limits, PublicNames(["Parley", "support"])),
            CursorSigner(b"the key of this test"),
        )
        suppressions = Suppressions(self.pool, AddressKeys("the secret of this test"), SoftRules())
        self.own = ShownAccount(self.identity.me, suppressions)

    async def caller(self, signed_in: SignedIn) -> Caller:
        session = await self.sessions.authenticate(signed_in.access_token)
        return Caller(session.user_id, session.session_id)

    async def is_live(self, signed_in: SignedIn) -> bool:
        try:
            await self.sessions.authenticate(signed_in.access_token)
        except RequestError as error:
            if error.code is not ErrorCode.UNAUTHENTICATED:
                raise
            return False
        return True

    async def refresh(self, signed_in: SignedIn) -> SignedIn:
        return await self.identity.refresh(HOME, Refresh(signed_in.refresh_token))

    async def login(self, email="anna@example.org", password=PASSWORD, origin=HOME) -> SignedIn:
        return await self.identity.login(origin, Login(email, password))


async def refusal(awaitable) -> RequestError:
    with pytest.raises(RequestError) as caught:
        await awaitable
    return caught.value
