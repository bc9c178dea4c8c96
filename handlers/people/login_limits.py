"""How often one may try to sign in: by address, by account and network, and by account alone.

Whoever guesses an account's password from elsewhere must not keep its owner out. So only attempts
from one network are refused; those on an account from everywhere are slowed down together, and its
owner's, from where the owner has logged in lately, are not even that.
"""

import asyncio
import hashlib
from uuid import UUID

from protocol.addresses import network_of
from protocol.errors import RequestError
from protocol.limits import Limits
from storage.limits.rate_limiter import RateLimiter
from storage.people.identity import LoginCheck, Origin

ATTEMPTS_AN_ADDRESS = 30
"""How many times an account's attempts an address has: an office signs in behind one router."""


class LoginLimits:
    """Each method raises `rate_limited` with the delay where it refuses."""

    def __init__(self, limiter: RateLimiter, limits: Limits) -> None:
        self._limiter = limiter
        self._limits = limits

    async def registration(self, origin: Origin) -> None:
        """A new account from an address."""
        burst = self._limits.registrations_per_hour
        await self._take(f"register:{_address(origin)}", burst / 3600, burst, "registrations")

    async def attempt(self, name: str, origin: Origin, what: str) -> None:
        """Anything with a password or a token from an address, whoever it is for."""
        burst = self._limits.logins_per_minute * ATTEMPTS_AN_ADDRESS
        await self._take(f"{name}:address:{_address(origin)}", burst / 60, burst, what)

    async def login(self, checked: LoginCheck, origin: Origin) -> None:
        """A login to an account, known or not; returns after a delay while there are many."""
        account = f"login:account:{_digest(checked.folded)}"
        burst = self._limits.logins_per_minute
        network = origin.network or "unknown"
        await self._take(f"{account}:{network}", burst / 60, burst, "logins")
        if checked.is_familiar:
            return
        everywhere = self._limits.account_logins_per_minute
        if await self._limiter.take(account, everywhere / 60, everywhere) is not None:
            await asyncio.sleep(self._limits.login_delay_s)

    async def password_change(self, user_id: UUID) -> None:
        """A guess of one's own password by somebody who is logged in."""
        burst = self._limits.logins_per_minute
        await self._take(f"password:{user_id}", burst / 60, burst, "logins")

    async def _take(self, key: str, rate_per_s: float, burst: float, what: str) -> None:
        wait_s = await self._limiter.take(key, rate_per_s, burst)
        if wait_s is not None:
            raise RequestError.rate_limited(what, wait_s)


def _address(origin: Origin) -> str:
    return "unknown" if origin.address is None else network_of(origin.address)


def _digest(folded: str) -> str:
    """An account or an address as the name of a limit: not readable in Redis."""
    return hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest()
