"""Limits how many sockets an address has open, over all processes: counted in Redis, one by one.

What a process counted there runs out when the process has died. With Redis away each process goes
by its own count.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

import structlog

from storage.redis.calls import RedisCalls, load_script
from storage.redis.guard import RedisAwayError
from storage.redis.keys import address_key

log = structlog.get_logger()

EXPIRY_MS: Final = 20_000
KEEP_S = 10.0
RETRY_S = 1.0
BATCH: Final = 500
"""Sockets of one script call."""

_ENTER = load_script("sockets_enter")
_KEEP = load_script("sockets_keep")


@dataclass(slots=True)
class _Address:
    """The sockets of an address in this process."""

    sockets: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    """Those that have not said hello."""


class OpenSockets:
    """Lets sockets in, at most so many of an address, and fewer that have not said hello."""

    def __init__(self, calls: RedisCalls, most: int, most_waiting: int) -> None:
        self._calls = calls
        self._most = most
        self._most_waiting = most_waiting
        self._here: dict[str, _Address] = {}

    async def enter(self, address: str) -> "Place | None":
        """A place for a new socket; None when its address has too many."""
        here = self._here.setdefault(address, _Address())
        if len(here.sockets) >= self._most or len(here.waiting) >= self._most_waiting:
            self._tidy(address)
            return None
        place = Place(self, address)
        here.sockets.add(place.id)
        here.waiting.add(place.id)
        try:
            args: list[str | bytes | int] = [place.id, EXPIRY_MS, self._most, self._most_waiting]
            is_admitted = await self._calls.script(_ENTER, _keys(address), args)
        except RedisAwayError:
            return place
        except BaseException:
            place.leave()
            raise
        if is_admitted:
            return place
        self._forget(address, place.id)
        return None

    def said_hello(self, address: str, socket_id: str) -> None:
        """One of the sockets let in is somebody's."""
        here = self._here[address]
        if socket_id in here.waiting:
            here.waiting.discard(socket_id)
            self._calls.command("ZREM", address_key("waiting", address), socket_id)

    def leave(self, address: str, socket_id: str) -> None:
        """One of them has ended."""
        for key in _keys(address):
            self._calls.command("ZREM", key, socket_id)
        self._forget(address, socket_id)

    async def run(self) -> None:
        """Keep them counted until cancelled."""
        while True:
            try:
                await self._keep()
                await asyncio.sleep(KEEP_S)
            except RedisAwayError:
                await asyncio.sleep(RETRY_S)

    async def _keep(self) -> None:
        asked = []
        for address, here in self._here.items():
            in_order = [*here.waiting, *(here.sockets - here.waiting)]
            for start in range(0, len(in_order), BATCH):
                waiting = len(here.waiting) - start
                batch = in_order[start : start + BATCH]
                args: list[str | bytes | int] = [EXPIRY_MS, waiting, *batch]
                asked.append(self._calls.script(_KEEP, _keys(address), args))
        await asyncio.gather(*asked)

    def _forget(self, address: str, socket_id: str) -> None:
        here = self._here[address]
        here.sockets.discard(socket_id)
        here.waiting.discard(socket_id)
        self._tidy(address)

    def _tidy(self, address: str) -> None:
        if not self._here[address].sockets:
            del self._here[address]


class Place:
    """One socket's; to be given back by `leave`."""

    def __init__(self, sockets: OpenSockets, address: str) -> None:
        self.id = uuid4().hex
        self._sockets = sockets
        self._address = address

    def said_hello(self) -> None:
        """The socket is somebody's; it does nothing the second time."""
        self._sockets.said_hello(self._address, self.id)

    def leave(self) -> None:
        """The socket has ended."""
        self._sockets.leave(self._address, self.id)


def _keys(address: str) -> list[str]:
    return [address_key("sockets", address), address_key("waiting", address)]
