"""Closes the notifications of what people read in conversations: once a second, for all of them.

Until then they are shown as read by the watermarks, and where a process dies before, the next
notification of the conversation closes them.
"""

import asyncio
from collections.abc import Iterable
from uuid import UUID

import structlog

from protocol.errors import RequestError
from storage.notifications.store import Notifications

log = structlog.get_logger()

INTERVAL_S = 1.0
AT_ONCE = 1_000
"""People and conversations of one statement."""


class ReadSettler:
    """Collects who has read where."""

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications
        self._read: dict[tuple[UUID, UUID], None] = {}
        self._woken = asyncio.Event()

    def read(self, pairs: Iterable[tuple[UUID, UUID]]) -> None:
        """Users have read on in conversations: pairs of both."""
        self._read.update(dict.fromkeys(pairs))
        self._woken.set()

    async def run(self) -> None:
        """Close until cancelled; what PostgreSQL refuses is tried again."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            if not self._read:
                continue
            pairs = list(self._read)[:AT_ONCE]
            for pair in pairs:
                del self._read[pair]
            try:
                await self._notifications.settle_read(*zip(*pairs, strict=True))
            except RequestError as error:
                log.warning("reading_not_settled", pairs=len(pairs), reason=error.code)
                self._read = dict.fromkeys(pairs) | self._read
                await asyncio.sleep(INTERVAL_S)
            if self._read:
                self._woken.set()
            else:
                await asyncio.sleep(INTERVAL_S)
