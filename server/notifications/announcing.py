"""Tells announcements, at a pace that leaves room for messages."""

import asyncio
import time
from collections.abc import Callable

from server.schedules.schedule import Every, Outcome, Schedule
from storage.notifications.announcements import Announcements

SLICE_S = 60.0
"""After so long a run ends, and the next one goes on."""
_WITHIN_S = 120.0
_LOOK_S = 60.0
"""A new one is asked for when it is made; this is for one of which that was lost."""


class Announcing:
    """Tells what is under way, the oldest announcement first. `wake` wakes the relay."""

    def __init__(
        self, announcements: Announcements, wake: Callable[[], None], per_s: float
    ) -> None:
        """`per_s`: so many people a second, on average."""
        self._announcements = announcements
        self._wake = wake
        self._per_s = per_s

    def schedule(self) -> Schedule:
        """What is done again and again."""
        return Schedule("announcements", Every(_LOOK_S), self.run, _WITHIN_S)

    async def run(self) -> Outcome:
        """Tell until nothing is left, or for a while."""
        began, told = time.monotonic(), 0
        while time.monotonic() - began < SLICE_S:
            step_began = time.monotonic()
            step = await self._announcements.step()
            if step is None:
                return Outcome({"told": told})
            if step.told:
                told += step.told
                self._wake()
            took_s = time.monotonic() - step_began
            await asyncio.sleep(max(0.0, step.told / self._per_s - took_s))
        return Outcome({"told": told}, again_s=0)
