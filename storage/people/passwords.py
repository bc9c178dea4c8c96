"""Passwords: Argon2id, off the event loop, a few at a time."""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import argon2
import argon2.exceptions

from protocol.errors import RequestError

T = TypeVar("T")

SAMPLE_PASSWORD = "parley-demo"  # noqa: S105  # public: the documents name it
"""Of the sample people that a first start makes where only this machine reaches it."""

PASSWORD_CHARS = range(10, 201)
"""Of a password that is set."""
_COMPARED_CHARS = 4 * PASSWORD_CHARS[-1]
"""Of a password that is compared: a keyboard may write a letter as the parts that it is composed
of, of which Unicode has at most four. To normalize a longer text takes seconds, since it is ordered
in quadratic time."""

_THREADS = 2
_WAITING = 64


class Passwords:
    """Hashes and verifies in two threads; each hash takes 19 MiB and some 20 ms of a core.

    Parameters of the OWASP Password Storage Cheat Sheet. When 64 wait already, more are refused
    as `unavailable`: a flood of logins must not take the memory, nor delay without end.

    `refused` are passwords that everybody knows and that are good for nothing here.
    """

    def __init__(
        self,
        *,
        memory_kib: int = 19_456,
        time_cost: int = 2,
        refused: Collection[str] = (),
    ) -> None:
        self._refused = frozenset(map(_normal, refused))
        self._hasher = argon2.PasswordHasher(
            time_cost=time_cost, memory_cost=memory_kib, parallelism=1
        )
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="passwords")
        self._waiting = 0
        # Nobody knows this one: it is verified against where there is no account.
        self._dummy = self._hasher.hash(secrets.token_urlsafe(32))

    async def hash(self, password: str) -> str:
        """The hash to store, with its own salt and parameters.

        Raises `ValueError` for a password that is longer than any that could be compared.
        """
        if not _is_comparable(password):
            raise ValueError(f"a password of {len(password)} characters")
        return await self._run(lambda: self._hasher.hash(_normal(password)))

    async def verify(self, stored: str | None, password: str) -> bool:
        """True when `password` has the hash `stored`; None takes as long and is always false.

        So is a password that is too long for one, whose characters are not looked at.
        """
        is_comparable = _is_comparable(password)
        compared = password if is_comparable else ""
        matches = await self._run(lambda: self._matches(stored or self._dummy, _normal(compared)))
        return matches and is_comparable and stored is not None

    def is_refused(self, password: str) -> bool:
        """True for a password that everybody knows, however it is composed."""
        return _is_comparable(password) and _normal(password) in self._refused

    def is_outdated(self, stored: str) -> bool:
        """True when `stored` was made with other parameters and should be made anew."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """End the threads; what waits is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= _WAITING:
            raise RequestError.unavailable("signing in")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _is_comparable(password: str) -> bool:
    return len(password) <= _COMPARED_CHARS


def _normal(password: str) -> str:
    """One form for what keyboards compose differently (NIST SP 800-63B, section 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
