"""How long until every device is ready, and complete up to what was acknowledged."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from loadtests.chaos.judges.oracle import Oracle
from loadtests.chaos.judges.violations import Kind, Violations
from loadtests.chaos.people.cast import Cast
from loadtests.chaos.people.device import Device
from protocol.text import Id

PATIENCE_S = 60.0
SLOW_S = 5.0
"""Whoever is waited for by then is named."""
NAMED_MAX = 5
_POLL_S = 0.02
_NOTICED_S = 0.15
"""What has just been broken is noticed within this time: who seems whole may not know yet."""

Tops = Mapping[Id, tuple[int, int]]


class Recovery:
    """Watches all devices after each fault."""

    def __init__(self, cast: Cast, oracle: Oracle, violations: Violations) -> None:
        self._cast = cast
        self._oracle = oracle
        self._violations = violations

    async def seconds(self, tops: Tops) -> float:
        """From now until each device has once been ready with all of `tops`.

        A device that never is counts as stuck; what a complete one was not told of, as lost.
        """
        began = time.monotonic()
        waiting = list(self._cast.devices)
        await asyncio.sleep(_NOTICED_S)
        complete = self._complete(waiting, tops)
        waiting = [device for device in waiting if device not in complete]
        seconds = 0.0
        slow_at = SLOW_S
        while waiting and time.monotonic() < began + PATIENCE_S:
            await asyncio.sleep(_POLL_S)
            # Their changes have been read since the last look.
            self._judge(complete, tops)
            complete = self._complete(waiting, tops)
            waiting = [device for device in waiting if device not in complete]
            seconds = time.monotonic() - began
            if waiting and seconds > slow_at:
                slow_at = PATIENCE_S
                self._name(waiting, tops)
        await asyncio.sleep(_POLL_S)
        self._judge(complete, tops)
        for device in waiting:
            self._violations.note(Kind.STUCK, f"{device.name}: {self._lacks(device, tops)}")
        return seconds

    def _name(self, waiting: list[Device], tops: Tops) -> None:
        now = datetime.now(UTC).time().isoformat("milliseconds")
        for device in waiting[:NAMED_MAX]:
            lacks = self._lacks(device, tops)
            print(f"     {now} waits for {device.name} ({device.user_id}): {lacks}", flush=True)

    def _complete(self, devices: list[Device], tops: Tops) -> dict[Device, list[Id]]:
        """Those that are ready and lack nothing, each with the conversations looked at: of those
        that its person is taken into a moment later it may have heard nothing yet.
        """
        return {
            device: [room.key for room in self._cast.rooms_of(device.user_id)]
            for device in devices
            if not self._lacks(device, tops)
        }

    def _lacks(self, device: Device, tops: Tops) -> str:
        """The first thing that is missing; empty when nothing is."""
        held = device.session.state.conversations
        for room in self._cast.rooms_of(device.user_id):
            rev, _ = tops.get(room.key, (0, 0))
            if room.key not in held:
                return f"{room.key} is not in the inbox"
            if held[room.key].rev < rev:
                return f"{room.key} is at rev {held[room.key].rev}, acknowledged is {rev}"
        return "" if device.session.is_ready else "not ready"

    def _judge(self, complete: Mapping[Device, list[Id]], tops: Tops) -> None:
        for device, keys in complete.items():
            for key in keys:
                if key in tops:
                    self._oracle.judge_told(device.record, key, tops[key][1])
