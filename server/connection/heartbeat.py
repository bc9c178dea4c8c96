"""Signs of life of all connections, by one task: each is pinged in turn, and a silent one ended."""

import asyncio
from collections import deque

from server.connection.socket import Socket

STEPS = 25
"""A heartbeat is cut into so many, each for a share of the connections."""


class Heartbeat:
    """Pings every socket each `interval_s`, and gives up one that was silent for `silence_s`."""

    def __init__(self, interval_s: float, silence_s: float) -> None:
        self._step_s = interval_s / STEPS
        self._silence_s = silence_s
        self._shares: deque[set[Socket]] = deque(set() for _ in range(STEPS))

    def add(self, socket: Socket) -> None:
        """It is pinged from now on, for the first time an interval from now."""
        self._shares[-1].add(socket)

    def remove(self, socket: Socket) -> None:
        """It has ended."""
        for share in self._shares:
            share.discard(socket)

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            await asyncio.sleep(self._step_s)
            self._shares.rotate(-1)
            now = asyncio.get_running_loop().time()
            for socket in self._shares[-1]:
                if now - socket.last_heard > self._silence_s:
                    socket.give_up()
                else:
                    socket.probe()
