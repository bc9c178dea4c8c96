"""Redis dies, forgets, goes back in time, or loses those who listen."""

import asyncio
import signal
from typing import ClassVar

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.servers.proxy import Way
from loadtests.chaos.stage import Stage


class Kill(Fault):
    """It dies and comes back empty."""

    name: ClassVar[str] = "Redis killed, back empty"

    async def strike(self, stage: Stage) -> None:
        """For up to three seconds."""
        await stage.valkey.end(signal.SIGKILL)
        stage.valkey.dump.unlink(missing_ok=True)
        await stage.pass_time(0, 3)
        await stage.valkey.start()


class Flush(Fault):
    """Somebody empties it."""

    name: ClassVar[str] = "FLUSHALL"

    async def strike(self, stage: Stage) -> None:
        """Everything at once."""
        await stage.valkey.do("FLUSHALL")


class Rollback(Fault):
    """It dies, and comes back with what it held some seconds before."""

    name: ClassVar[str] = "Redis back from an older snapshot"

    async def strike(self, stage: Stage) -> None:
        """SAVE, traffic, SIGKILL, and back."""
        await stage.valkey.do("SAVE")
        await stage.pass_time(1, 3)
        await stage.valkey.end(signal.SIGKILL)
        await stage.pass_time(0, 1)
        await stage.valkey.start()
        size = await stage.valkey.do("DBSIZE")
        assert isinstance(size, int)
        stage.evidence["keys that came back with an older snapshot"] += size
        stage.valkey.dump.unlink(missing_ok=True)


class CutSubscribers(Fault):
    """Redis closes the connections of those who subscribe, as when their buffer is full."""

    name: ClassVar[str] = "subscribers cut"

    async def strike(self, stage: Stage) -> None:
        """All of them."""
        cut = await stage.valkey.do("CLIENT", "KILL", "TYPE", "pubsub")
        assert isinstance(cut, int)
        stage.evidence["subscriptions cut"] += cut


class Stall(Fault):
    """One node hears nothing from Redis for a while, and then all of it, or a cut."""

    name: ClassVar[str] = "Redis stalls for one node"

    async def strike(self, stage: Stage) -> None:
        """For up to four seconds."""
        node = stage.any_node()
        limit = "client-output-buffer-limit"
        is_cut = stage.chance.random() < 0.5
        if is_cut:
            await stage.valkey.do("CONFIG", "SET", limit, "pubsub 16kb 0 0")
        try:
            node.to_valkey.stop(Way.BACK)
            await stage.pass_time(1, 4)
        finally:
            node.to_valkey.go(Way.BACK)
            await asyncio.sleep(0)
            await stage.valkey.do("CONFIG", "SET", limit, "pubsub 32mb 8mb 60")
