"""Limits how many sockets an address has open, over all processes: counted in Redis, one by one.

What a process counted there runs out when the process has died. With Redis away each process goes
by its own count.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

import structlog

from protocol.addresses import WIDER, networks_of
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
    """The sockets of an address in this process; `widest` is the network whose shard it is on."""

    widest: str
    sockets: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    """Those that have not said hello."""


class OpenSockets:
    """Lets sockets in, at most so many of an address, and fewer that have not said hello.

    The /48 of an IPv6 address may have ten times as many.
    """

    def __init__(self, calls: RedisCalls, most: int, most_waiting: int) -> None:
        self._calls = calls
        self._most = most
        self._most_waiting = most_waiting
        self._here: dict[str, _Address] = {}

    async def enter(self, address: str) -> "Place | None":
        """A place for a new socket; None when its address has too many."""
        networks = networks_of(address)
        if not self._have_room(networks):
            return None
        place = Place(self, networks)
        for network in networks:
            here = self._here.setdefault(network, _Address(networks[-1]))
            here.sockets.add(place.id)
            here.waiting.add(place.id)
        try:
            args: list[str | bytes | int] = [place.id, EXPIRY_MS, *self._limits(networks)]
            is_admitted = await self._calls.script(_ENTER, _keys(networks), args)
        except RedisAwayError:
            return place
        except BaseException:
            place.leave()
            raise
        if is_admitted:
            return place
        self._forget(networks, place.id)
        return None

    def said_hello(self, networks: tuple[str, ...], socket_id: str) -> None:
        """One of the sockets let in is somebody's."""
        for network in networks:
            here = self._here[network]
            if socket_id in here.waiting:
                here.waiting.discard(socket_id)
                key = address_key("waiting", network, networks[-1])
                self._calls.command("ZREM", key, socket_id)

    def leave(self, networks: tuple[str, ...], socket_id: str) -> None:
        """One of them has ended."""
        for key in _keys(networks):
            self._calls.command("ZREM", key, socket_id)
        self._forget(networks, socket_id)

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
        for network, here in self._here.items():
            keys = _keys((network,), widest=here.widest)
            in_order = [*here.waiting, *(here.sockets - here.waiting)]
            for start in range(0, len(in_order), BATCH):
                waiting = len(here.waiting) - start
                batch = in_order[start : start + BATCH]
                args: list[str | bytes | int] = [EXPIRY_MS, waiting, *batch]
                asked.append(self._calls.script(_KEEP, keys, args))
        await asyncio.gather(*asked)

    def _have_room(self, networks: tuple[str, ...]) -> bool:
        limits = self._limits(networks)
        for network in networks:
            most, most_waiting = next(limits), next(limits)
            here = self._here.get(network)
            if here is not None and (
                len(here.sockets) >= most or len(here.waiting) >= most_waiting
            ):
                return False
        return True

    def _limits(self, networks: tuple[str, ...]) -> Iterator[int]:
        """Of each network: of its sockets, and of those among them that have not said hello."""
        for step in range(len(networks)):
            yield self._most * WIDER**step
            yield self._most_waiting * WIDER**step

    def _forget(self, networks: tuple[str, ...], socket_id: str) -> None:
        for network in networks:
            here = self._here[network]
            here.sockets.discard(socket_id)
            here.waiting.discard(socket_id)
            if not here.sockets:
                del self._here[network]


class Place:
    """One socket's; to be given back by `leave`."""

    def __init__(self, sockets: OpenSockets, networks: tuple[str, ...]) -> None:
        self.id = uuid4().hex
        self._sockets = sockets
        self._networks = networks

    def said_hello(self) -> None:
        """The socket is somebody's; it does nothing the second time."""
        self._sockets.said_hello(self._networks, self.id)

    def leave(self) -> None:
        """The socket has ended."""
        self._sockets.leave(self._networks, self.id)


def _keys(networks: tuple[str, ...], widest: str | None = None) -> list[str]:
    """In the order of the limits; networks within one another are kept on one shard."""
    widest = widest or networks[-1]
    return [
        address_key(kind, network, widest)
        for network in networks
        for kind in ("sockets", "waiting")
    ]
