"""PostgreSQL ends and comes back, or does not answer."""

import signal
from typing import ClassVar

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.servers.proxy import Way
from loadtests.chaos.stage import Stage


class Restart(Fault):
    """Restarted in an orderly way, at once, or killed: it recovers from its log."""

    name: ClassVar[str] = "PostgreSQL restarted"

    async def strike(self, stage: Stage) -> None:
        """By SIGINT, SIGQUIT or SIGKILL."""
        how = stage.chance.choice((signal.SIGINT, signal.SIGQUIT, signal.SIGKILL))
        await stage.postgres.end(how)
        await stage.pass_time(0, 1)
        await stage.postgres.start()


class Stall(Fault):
    """The answers to one node are late, or lost with their connection."""

    name: ClassVar[str] = "PostgreSQL's answers late or lost"

    async def strike(self, stage: Stage) -> None:
        """For one node."""
        node = stage.any_node()
        node.to_postgres.stop(Way.BACK)
        await stage.pass_time(0.2, 1.5)
        if stage.chance.random() < 0.5:
            node.to_postgres.cut()
        node.to_postgres.go(Way.BACK)
