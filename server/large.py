"""Conversations of more than 32 people: who is here joins their channels.

Who is in which stands in the user's place in Redis, so that coming back asks PostgreSQL nothing; it
is read from PostgreSQL when the place is new.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from uuid import UUID

import structlog

from protocol.errors import RequestError
from protocol.resume import Logged, Replayed, replay_conversation
from server.channel import Channel
from server.hub import Hub
from server.mailbox import Mailbox
from storage.eventlog import EventLog, Joined
from storage.gaps import GapReader
from storage.redis_guard import RedisAwayError, RedisGuard

log = structlog.get_logger()

RETRY_S = 1.0


class LargeConversations:
    """Joins channels of conversations, at hello and when one is entered or grows."""

    def __init__(self, hub: Hub, logs: EventLog, guard: RedisGuard, reader: GapReader) -> None:
        self._hub = hub
        self._logs = logs
        self._guard = guard
        self._reader = reader

    async def of(self, user_id: str, joined: Joined | None) -> Mapping[str, int]:
        """The large conversations of a user; with Redis away (None) as PostgreSQL has them.

        Raises `RequestError` (`unavailable`).
        """
        if joined is not None and joined.large is not None:
            return joined.large
        large = await self._reader.large_of(UUID(user_id))
        if joined is None:
            return large
        epoch = joined.newest.epoch
        try:
            return await self._guard.call(lambda: self._logs.know(user_id, epoch, large))
        except RedisAwayError:
            return large

    async def join(self, mailbox: Mailbox, user: Channel, names: Iterable[str]) -> None:
        """Join a new connection to these conversations, from now on."""
        fresh = set(names) - user.large
        others = [one for one in user.listeners if one is not mailbox]
        join = self._hub.listeners.join_conversation
        channels = await asyncio.gather(
            *(join(name, [mailbox]) for name in user.large),
            *(join(name, user.listeners) for name in fresh),
        )
        user.large |= fresh
        for name in fresh:
            user.sequencer.forget(name.encode())
            if others:
                # They were about to join it: what lies between is told by a sync.
                self._hub.resync(others, [name])
        await self._place([channel for channel in channels if _is_new(channel)])

    async def replay(
        self, names: Iterable[str], revs: Mapping[str, int]
    ) -> tuple[list[Replayed], set[str]]:
        """What came after the revs held, of conversations that were joined; and the stale ones.

        One that has moved, and whose rev the client did not name, is stale.
        """
        events: list[Replayed] = []
        stale: set[str] = set()
        for name in names:
            rev = revs.get(name)
            told = await self._guard.call(lambda n=name, r=rev: self._logs.conversation(n, r))  # type: ignore[misc]  # bound early
            if told is None:
                # Quiet for an hour, or lost: a client that has seen it move must ask.
                stale |= {name} & revs.keys()
            elif rev is None:
                stale.add(name)
            elif rev < told[0]:
                missed = replay_conversation(told[1], rev)
                if missed is None:
                    stale.add(name)
                else:
                    events += missed
        return events, stale

    async def run(self) -> None:
        """Join users who are here to conversations as they enter them, or as these grow."""
        while True:
            channel, name = await self._hub.grown.get()
            if not channel.listeners:
                continue
            try:
                if name is None:
                    await self._enter_all(channel)
                elif name not in channel.large:
                    await self._enter(channel, name)
            except RequestError as error:
                log.warning("large_conversations_not_joined", reason=error.code)
                await asyncio.sleep(RETRY_S)
                self._hub.grown.put_nowait((channel, None))

    async def _enter_all(self, user: Channel) -> None:
        """After a loss: what was entered or left meanwhile may never have been told."""
        large = await self._reader.large_of(UUID(user.owner))
        with contextlib.suppress(RedisAwayError):
            await self._guard.call(lambda: self._logs.know(user.owner, user.epoch, large))
        for name in user.large - large.keys():
            self._hub.listeners.leave_conversation(user, name)
        for name in large.keys() - user.large:
            await self._enter(user, name)

    async def _enter(self, user: Channel, name: str) -> None:
        conversation = await self._hub.listeners.join_conversation(name, user.listeners)
        # Without an await from here on: what comes from now on comes by the new channel.
        user.large.add(name)
        key = name.encode()
        held = user.sequencer.rev_of(key) or 0
        is_gapped = key in user.sequencer.gapped
        user.sequencer.forget(key)
        if held:
            conversation.sequencer.begin(key, held)
        if is_gapped or (conversation.sequencer.rev_of(key) or 0) != held:
            # Others here are further, or not so far: what lies between is told by a sync.
            self._hub.resync(user.listeners, [name])
        await self._place([conversation])

    async def _place(self, channels: list[Channel]) -> None:
        """Where the order begins, and what has come until now."""
        revs: dict[str, int] = {}
        for channel in channels:
            with contextlib.suppress(RedisAwayError):
                told = await self._newest(channel.owner)
                if told is not None:
                    revs[channel.owner] = told[0]
        missing = [UUID(one.owner) for one in channels if one.owner not in revs]
        if missing:
            asked = await self._reader.revs(missing)
            revs |= {str(name): rev for name, rev in asked.items()}
        for channel in channels:
            if channel.owner in revs:
                channel.sequencer.begin(channel.owner.encode(), revs[channel.owner])
                self._hub.expect(channel, channel.owner, revs[channel.owner])

    async def _newest(self, name: str) -> tuple[int, list[Logged]] | None:
        return await self._guard.call(lambda: self._logs.conversation(name, None))


def _is_new(channel: Channel) -> bool:
    return channel.sequencer.rev_of(channel.owner.encode()) is None
