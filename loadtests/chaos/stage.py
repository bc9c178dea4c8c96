"""All that a fault may lay hands on."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

from loadtests.chaos.judges.oracle import Oracle
from loadtests.chaos.people.cast import Cast
from loadtests.chaos.people.traffic import Traffic
from loadtests.chaos.servers.nodes import Node
from loadtests.chaos.servers.stores import Postgres, Valkey


@dataclass(slots=True)
class Stage:
    """The processes, the network between them, the people, and a chance of one's own."""

    nodes: list[Node]
    postgres: Postgres
    valkey: Valkey
    cast: Cast
    oracle: Oracle
    traffic: Traffic
    chance: random.Random
    evidence: Counter[str] = field(default_factory=Counter)
    """What shows that the faults did what their names say."""

    def any_node(self) -> Node:
        """One of the nodes that serve somebody: one that has just come up may not."""
        served = {
            link.backend
            for device in self.cast.devices
            for link in device.door.links
            if link.is_open
        }
        return self.chance.choice([node for node in self.nodes if node.websocket in served])

    @property
    def supervised(self) -> Node:
        """A node with several workers."""
        return next(node for node in self.nodes if node.workers > 1)

    async def pass_time(self, least_s: float, most_s: float) -> None:
        """A fault lasts."""
        await asyncio.sleep(self.chance.uniform(least_s, most_s))
