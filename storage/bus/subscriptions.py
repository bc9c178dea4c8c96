"""All sharded channels of a process: one connection for each node, each channel at its slot's node.

If a channel's slot moves, or its node is replaced by another, the channel is subscribed at the new
node and reported as a gap; other channels are not touched. A single Redis is a cluster of one node.
"""

import asyncio
from collections import defaultdict
from functools import partial

from redis.crc import key_slot

from storage.bus.subscriber import OnGap, OnMessage, Subscriber
from storage.redis.node_map import Address, NodeMap


class _Node:
    """A node's subscriber and the task that keeps its connection."""

    def __init__(self, subscriber: Subscriber, task: "asyncio.Task[None]") -> None:
        self.subscriber = subscriber
        self.task = task


class Subscriptions:
    """The channels that this process subscribes. `on_message(channel, payload)` runs in the loop.

    `on_gap(channels)` is called after every connect to a node and after every move, with the
    channels that were subscribed again or late: something may have been published to them
    meanwhile.
    """

    def __init__(self, nodes: NodeMap, on_message: OnMessage, on_gap: OnGap) -> None:
        self._map = nodes
        self._on_message = on_message
        self._on_gap = on_gap
        self._nodes: dict[Address, _Node] = {}
        self._slots: dict[bytes, int] = {}
        self._at: dict[bytes, Subscriber] = {}
        self._version = -1

    @property
    def is_connected(self) -> bool:
        """False while no node is connected."""
        return any(node.subscriber.is_connected for node in self._nodes.values())

    async def subscribe(self, channel: bytes) -> bool:
        """Subscribe a channel; True once its node confirms: all that is published later arrives.

        False if it does not confirm: the channel is subscribed later, followed by `on_gap`.
        """
        slot = self._slots.setdefault(channel, key_slot(channel))
        subscriber = self._owner(slot)
        if subscriber is None:
            return False
        self._at[channel] = subscriber
        return await subscriber.subscribe(channel)

    def unsubscribe(self, channel: bytes) -> None:
        """Unsubscribe a channel."""
        self._slots.pop(channel, None)
        subscriber = self._at.pop(channel, None)
        if subscriber is not None:
            subscriber.unsubscribe(channel)

    async def run(self) -> None:
        """Keep the connections, and refresh the shared map of nodes, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._map.on_refresh = partial(self._arrange, tasks)
            self._arrange(tasks)
            await self._map.run()

    def _arrange(self, tasks: asyncio.TaskGroup) -> None:
        """After a refresh of the map: connect to each node, and move channels to theirs."""
        if self._version != self._map.version:
            self._version = self._map.version
            owners = self._map.owners()
            for address in owners - self._nodes.keys():
                subscriber = Subscriber(
                    self._map.options_of(address),
                    self._on_message,
                    self._on_gap,
                    partial(self._on_trouble, address),
                )
                self._nodes[address] = _Node(subscriber, tasks.create_task(subscriber.run()))
            self._move()
            for address in self._nodes.keys() - owners:
                self._nodes.pop(address).task.cancel()
        for node in self._nodes.values():
            node.subscriber.retry()

    def _move(self) -> None:
        moved: dict[Subscriber, list[bytes]] = defaultdict(list)
        for channel, slot in self._slots.items():
            before, now = self._at.get(channel), self._owner(slot)
            if now is None or now is before:
                continue
            if before is not None:
                before.unsubscribe(channel)
            self._at[channel] = now
            moved[now].append(channel)
        for subscriber, channels in moved.items():
            subscriber.adopt(channels)

    def _owner(self, slot: int) -> Subscriber | None:
        address = self._map.owner(slot)
        node = None if address is None else self._nodes.get(address)
        return None if node is None else node.subscriber

    def _on_trouble(self, address: Address, is_lost: bool) -> None:  # noqa: FBT001 - a callback
        if is_lost:
            self._map.lost(address)
        else:
            self._map.disturbed(address)
