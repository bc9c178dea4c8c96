"""Which Redis node owns which slot: in a cluster as its nodes tell, without one always the same.

The map is asked for anew when somebody was disturbed (redirected, cut off, sent away) and every two
seconds besides: a machine that lost its power says nothing, and its successor is found only so.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import structlog
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import parse_url
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

log = structlog.get_logger()

SLOTS: Final = 16_384
ASK_S = 0.5
"""How long one node may take to tell the map."""
POLL_S = 2.0
AGAIN_S = 0.25
"""Between two looks for a node that does not answer."""
STALE_S = 10.0
"""Nobody who knew more has answered for so long: then what the others say is so."""
PAUSE_S = 0.02
"""Between two refreshes, however many are redirected."""

LOST = (RedisError, OSError, TimeoutError)


class Address(NamedTuple):
    """Where a node listens."""

    host: str
    port: int


class NodeMap:
    """The owner of each slot.

    `on_refresh` is called after every look at the map, changed or not.
    """

    def __init__(self, url: str, *, is_cluster: bool = False) -> None:
        self._options: dict[str, Any] = dict(parse_url(url))
        self.is_cluster = is_cluster
        self.version = 0
        """Another one whenever an owner has changed."""
        self.on_refresh: Callable[[], None] = _nothing
        self._seed = Address(
            self._options.get("host", "localhost"), self._options.get("port", 6379)
        )
        self._owners: list[Address | None] = [None if is_cluster else self._seed] * SLOTS
        self._known: set[Address] = {self._seed}
        self._silent: set[Address] = set()
        self._first_asked: Address | None = None
        self._disturbed = asyncio.Event()
        self._asking = asyncio.Lock()
        self._looks = 0
        self._is_reached = True
        self._reason = ""
        self._epoch = 0
        self._taken_at = 0.0

    def owner(self, slot: int) -> Address | None:
        """The node of a slot; None when nobody owns it or no node has told yet."""
        return self._owners[slot]

    def options_of(self, address: Address) -> dict[str, Any]:
        """What redis-py needs for a connection to a node."""
        node = address._asdict() if self.is_cluster else {}
        # Callers bound their waits. With a timeout of its own redis-py sends by `wait_for`, which
        # on Python 3.11 swallows a cancellation that comes just as the send ends.
        return {**self._options, **node, "socket_timeout": None}

    def owners(self) -> set[Address]:
        """The nodes that own a slot."""
        return {owner for owner in set(self._owners) if owner is not None}

    def is_silent(self, address: Address) -> bool:
        """True from a node's last failure until it answers again: nobody else needs to wait."""
        return address in self._silent

    def moved(self, slot: int, address: Address) -> None:
        """A node has said who owns a slot now."""
        if self._owners[slot] != address:
            self._owners[slot] = address
            self.version += 1
            self.on_refresh()
        self.disturbed(address)

    def disturbed(self, ask_first: Address | None = None) -> None:
        """The map may be old; the node named knows better."""
        self._first_asked = ask_first or self._first_asked
        self._disturbed.set()

    def lost(self, address: Address) -> None:
        """A node does not answer."""
        if self.is_cluster:
            self._silent.add(address)
            self._disturbed.set()

    async def run(self) -> None:
        """Keep the map fresh until cancelled; a single node needs none."""
        while self.is_cluster:
            with contextlib.suppress(RedisConnectionError):
                await self.refresh()
            await asyncio.sleep(PAUSE_S)
            silent = self._silent & self.owners()
            await asyncio.gather(*(self._try(address) for address in silent))
            is_whole = self._is_reached and not silent
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S if is_whole else AGAIN_S):
                    await self._disturbed.wait()

    async def refresh(self) -> None:
        """Ask one node after the other until one tells; raises redis-py's `ConnectionError`.

        Of many who ask at once, one does.
        """
        looks = self._looks
        async with self._asking:
            if self._looks == looks:
                await self._look()
        if not self._is_reached:
            raise RedisConnectionError("no node of the cluster answers")

    async def _look(self) -> None:
        self._disturbed.clear()
        was_reached, self._is_reached = self._is_reached, False
        for address in self._in_order():
            if await self._try(address):
                self._is_reached = True
                break
        self._looks += 1
        if was_reached and not self._is_reached:
            log.warning("cluster_unreachable", nodes=len(self._known), reason=self._reason)

    def _in_order(self) -> list[Address]:
        """Who knows best first, the silent last, the others in turn: one of them may be behind."""
        first, self._first_asked = self._first_asked, None
        known = sorted(self._known | {self._seed})
        turn = self._looks % len(known)
        known = sorted(known[turn:] + known[:turn], key=self.is_silent)
        return known if first is None else [first, *(one for one in known if one != first)]

    async def _try(self, address: Address) -> bool:
        try:
            async with asyncio.timeout(ASK_S):
                told = await self._ask(address)
        except LOST as error:
            self._reason = type(error).__name__
            self._silent.add(address)
            return False
        self._silent.discard(address)
        return self._take(told, address)

    async def _ask(self, address: Address) -> "_Told":
        client = Redis.from_pool(ConnectionPool(**self.options_of(address)))
        try:
            pipeline = client.pipeline(transaction=False)
            pipeline.execute_command("CLUSTER", "INFO")
            pipeline.execute_command("CLUSTER", "SLOTS")
            info, slots = await pipeline.execute()
        finally:
            await client.aclose()
        epoch = re.search(rb"cluster_current_epoch:(\d+)", info)
        return _Told(int(epoch[1]) if epoch else 0, slots)

    def _take(self, told: "_Told", asked: Address) -> bool:
        """Believe a node, unless others knew more than it does: it may have been dead since."""
        now = time.monotonic()
        if told.epoch < self._epoch and now - self._taken_at < STALE_S:
            self._reason = "stale"
            return False
        self._epoch, self._taken_at = told.epoch, now
        owners: list[Address | None] = [None] * SLOTS
        known: set[Address] = set()
        for first, last, *nodes in told.slots:
            # A node that does not know its own name gives an empty one.
            addresses = [
                Address((host or b"").decode() or asked.host, port) for host, port, *_ in nodes
            ]
            owners[first : last + 1] = [addresses[0]] * (last + 1 - first)
            known.update(addresses)
        self._known = known
        self._silent &= known
        if owners != self._owners:
            self._owners = owners
            self.version += 1
            log.info("cluster_map_changed", nodes=len(known), masters=len(self.owners()))
        self.on_refresh()
        return True


class _Told(NamedTuple):
    """What a node says: how much it has heard of, and who owns what."""

    epoch: int
    slots: Any


def _nothing() -> None:
    return
