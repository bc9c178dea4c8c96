"""An answer that many ask for is made once for all of them, and again only after a while."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class KeptAnswer(Generic[T]):
    """What `make` gives, kept for `seconds`; those who ask meanwhile wait for the same."""

    def __init__(self, make: Callable[[], Awaitable[T]], seconds: float) -> None:
        self._make = make
        self._seconds = seconds
        self._making: asyncio.Future[T] | None = None
        self._old_at = 0.0

    async def get(self) -> T:
        """The answer, at most `seconds` old; raises what `make` raises."""
        loop = asyncio.get_running_loop()
        making = self._making
        if making is None or (making.done() and loop.time() >= self._old_at):
            making = self._making = asyncio.ensure_future(self._made())
        # One who goes away does not take the answer from the others.
        return await asyncio.shield(making)

    async def _made(self) -> T:
        try:
            return await self._make()
        finally:
            self._old_at = asyncio.get_running_loop().time() + self._seconds
