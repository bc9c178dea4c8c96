"""Removes old notifications, deliveries and announcements, at night and with rests."""

import asyncio
import datetime as dt
import time
from uuid import UUID

from server.schedules.schedule import Daily, Outcome, Schedule
from storage.notifications.retention import Retention

_WITHIN_S = 6 * 3600.0
_REST = 1.0
"""So long it rests after a step, in times of the step's length: it works half of the time."""


class RetentionUpkeep:
    """Walks over all people."""

    def __init__(self, retention: Retention) -> None:
        self._retention = retention

    def schedule(self, hour: int) -> Schedule:
        """Every day at this hour of UTC."""
        return Schedule("retention", Daily(hour), self.run, _WITHIN_S)

    async def run(self) -> Outcome:
        """Remove all that is old now."""
        now = dt.datetime.now(dt.UTC)
        after: UUID | None = None
        notifications = deliveries = 0
        while True:
            began = time.monotonic()
            removed = await self._retention.step(after, now)
            notifications += removed.notifications
            deliveries += removed.deliveries
            if removed.after is None:
                announcements = await self._retention.announcements(now)
                return Outcome(
                    {
                        "notifications": notifications,
                        "deliveries": deliveries,
                        "announcements": announcements,
                    }
                )
            after = removed.after
            await asyncio.sleep((time.monotonic() - began) * _REST)
