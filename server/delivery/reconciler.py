"""Compares what has arrived with the logs and PostgreSQL, so that lost events are found.

At once after a loss, and for every channel each 25 s, a user's log is read from the last entry that
arrived, and the revs of large conversations are read from PostgreSQL. Where completeness cannot be
proved, the listeners get `resync`.
"""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

import structlog

from protocol.errors import RequestError
from server.delivery.channel import Channel
from server.delivery.hub import Hub
from storage.bus.event_log import EventLog, LogTail
from storage.conversations.gap_reader import GapReader
from storage.redis.guard import RedisAwayError, RedisGuard

log = structlog.get_logger()

RECONCILE_S = 25.0
BATCH = 256
RETRY_S = 0.5


class Reconciler:
    """Finds events that the channels of a hub have missed."""

    def __init__(
        self,
        hub: Hub,
        event_log: EventLog,
        guard: RedisGuard,
        reader: GapReader,
    ) -> None:
        self._hub = hub
        self._event_log = event_log
        self._guard = guard
        self._reader = reader

    async def run(self) -> None:
        """Reconcile until cancelled."""
        lost: set[Channel] = set()
        while True:
            try:
                async with asyncio.timeout(RETRY_S if lost else RECONCILE_S):
                    await self._hub.lost.wait()
            except TimeoutError:
                pass
            lost |= self._hub.take_lost()
            if not lost:
                lost = set()
                await self._look(self._known())
            else:
                lost = await self._look(lost)

    async def _look(self, channels: Iterable[Channel]) -> set[Channel]:
        """Reconcile these; returns those for which that failed."""
        remaining = set()
        for batch in _batches(channels, BATCH):
            try:
                await self._users([one for one in batch if one.kind == "user"])
                await self._conversations([one for one in batch if one.kind == "conversation"])
            except (RedisAwayError, RequestError) as error:
                log.warning("channels_not_reconciled", reason=type(error).__name__)
                remaining |= {one for one in batch if one.listeners}
        return remaining

    async def _users(self, channels: list[Channel]) -> None:
        places = {channel.owner: channel.place for channel in channels if channel.listeners}
        if not places:
            return
        followed = await self._guard.call(lambda: self._event_log.read_after(places))
        for channel in channels:
            found = followed.get(channel.owner)
            if found is None and channel.waiting is not None and channel.owner in places:
                found = LogTail(places[channel.owner], [])
            if found is not None and channel.listeners:
                self._hub.reconciled(channel, found)

    async def _conversations(self, channels: list[Channel]) -> None:
        if not channels:
            return
        revs = await self._reader.revs([UUID(channel.owner) for channel in channels])
        delivery = self._hub.delivery
        for channel in channels:
            rev = revs.get(UUID(channel.owner))
            if rev is None:
                continue
            if channel.sequencer.rev_of(channel.owner.encode()) is None:
                # PostgreSQL was away when it was joined: anything may have been missed.
                delivery.begin(channel, channel.owner, rev)
                delivery.resync(channel.listeners, [channel.owner])
            else:
                delivery.expect(channel, channel.owner, rev)

    def _known(self) -> list[Channel]:
        """The channels to compare: those of users with a log, and those of conversations."""
        users = [channel for channel in self._hub.listeners.channels("user") if channel.epoch]
        return [*users, *self._hub.listeners.channels("conversation")]


def _batches(channels: Iterable[Channel], size: int) -> Iterator[list[Channel]]:
    iterator = iter(channels)
    while batch := list(islice(iterator, size)):
        yield batch
