"""Processes of the server that die or go."""

from typing import ClassVar

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.servers.proxy import Way
from loadtests.chaos.stage import Stage

_OUTBOX = "select count(*) from outbox where consumer = 'realtime'"


class Kill(Fault):
    """A process dies without a word."""

    name: ClassVar[str] = "kill -9 of a node"

    async def strike(self, stage: Stage) -> None:
        """One of them."""
        await stage.any_node().kill()


class KillWorker(Fault):
    """A worker dies, and its supervisor replaces it."""

    name: ClassVar[str] = "kill -9 of a worker"

    async def strike(self, stage: Stage) -> None:
        """One of the workers of a node that has several."""
        await stage.supervised.kill_worker(stage.chance)


class Exchange(Fault):
    """SIGHUP: one worker after the other is replaced by a new one, under traffic."""

    name: ClassVar[str] = "rolling restart (SIGHUP)"

    async def strike(self, stage: Stage) -> None:
        """All workers of a node that has several."""
        await stage.supervised.exchange()


class KillBeforePublish(Fault):
    """A process dies after its commits and before their events.

    What it says to Redis stays in the network while PostgreSQL commits and senders have their
    replies; then it is killed and what it said is thrown away.
    """

    name: ClassVar[str] = "kill -9 between commit and publish"

    async def strike(self, stage: Stage) -> None:
        """One of them, under way."""
        node = stage.any_node()
        node.to_valkey.stop(Way.FORTH)
        await stage.pass_time(0.3, 1.2)
        ((rows,),) = await stage.postgres.fetch(_OUTBOX)
        stage.evidence["groups committed and not published when killed"] += rows
        await node.kill()
        node.to_valkey.cut()
        node.to_valkey.go(Way.FORTH)


class Drain(Fault):
    """SIGTERM: clients are sent away, each at its own time."""

    name: ClassVar[str] = "drain (SIGTERM)"

    async def strike(self, stage: Stage) -> None:
        """One of them."""
        await stage.any_node().drain()
