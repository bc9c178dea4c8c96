"""The leases of a process: until when each is surely held, by this machine's monotonic clock.

A process that was frozen finds them lapsed, whatever PostgreSQL says: another may have taken them.
"""

import asyncio
from collections.abc import Callable, Iterable

import asyncpg
import structlog

from protocol.errors import RequestError
from storage.notifications.deliveries import LEASE_S, Deliveries, Ref

log = structlog.get_logger()

RENEW_S = 20.0


class Leases:
    """What this process has leased and not recorded yet."""

    def __init__(self, queue: Deliveries, clock: Callable[[], float]) -> None:
        self._queue = queue
        self._clock = clock
        self._until: dict[Ref, float] = {}

    def add(self, refs: Iterable[Ref], taken_at: float) -> None:
        """These were leased; `taken_at` is a time before the call that did it was made."""
        self._until |= dict.fromkeys(refs, taken_at + LEASE_S)

    def held_s(self, ref: Ref) -> float:
        """For how long a lease is held from now on; 0 for none."""
        return max(0.0, self._until.get(ref, 0.0) - self._clock())

    def over(self, refs: Iterable[Ref]) -> None:
        """These are recorded, or given up: they are not renewed any more."""
        for ref in refs:
            self._until.pop(ref, None)

    async def keep(self) -> None:
        """Renew what is held until cancelled, all in one statement."""
        while True:
            await asyncio.sleep(RENEW_S)
            await self.renew()

    async def renew(self) -> None:
        """Renew what is held; what another has taken is held no more."""
        asked_at, refs = self._clock(), list(self._until)
        if not refs:
            return
        try:
            kept = await self._queue.renew(refs)
        except (RequestError, asyncpg.PostgresError) as error:
            # They are held for another while, and renewed again before that ends.
            log.warning("leases_not_renewed", reason=type(error).__name__, deliveries=len(refs))
            return
        for ref in refs:
            if ref in self._until:
                self._until[ref] = asked_at + LEASE_S if ref.id in kept else 0.0
