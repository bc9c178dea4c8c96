"""Joins users to the channels of conversations of more than 32 people: at hello, and when a user
enters one or it grows.

A user's large conversations are recorded in Redis beside the log, so that resuming does not query
PostgreSQL; they are read from PostgreSQL when the record is new.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from uuid import UUID

import structlog

from protocol.bus import BusEvent
from protocol.errors import RequestError
from protocol.resume import Logged, Replayed, replay_conversation
from server.connection.mailbox import Mailbox
from server.delivery.channel import Channel, LargeChannel
from server.delivery.hub import Hub
from server.delivery.large_conversations import who_left
from storage.bus.event_log import EventLog, Joined
from storage.conversations.gap_reader import GapReader
from storage.redis.guard import RedisAwayError, RedisGuard
from storage.redis.keys import conversation_channel

log = structlog.get_logger()

RETRY_S = 1.0
HANDOVER_S = 4.0
"""After this the conversation is synced: both channels are used for some seconds only."""


class LargeConversationJoiner:
    """Moves users from their own channels to those of their large conversations."""

    def __init__(self, hub: Hub, event_log: EventLog, guard: RedisGuard, reader: GapReader) -> None:
        self._hub = hub
        self._large = hub.large
        self._delivery = hub.delivery
        self._event_log = event_log
        self._guard = guard
        self._reader = reader

    async def of(self, user_id: str, joined: Joined | None) -> Mapping[str, int]:
        """The large conversations of a user; read from PostgreSQL if Redis is away (None).

        Raises `RequestError` (`unavailable`).
        """
        if joined is not None and joined.large is not None:
            return joined.large
        large = await self._reader.large_of(UUID(user_id))
        if joined is None:
            return large
        epoch = joined.newest.epoch
        try:
            return await self._guard.call(lambda: self._event_log.note_large(user_id, epoch, large))
        except RedisAwayError:
            return large

    async def join(
        self, mailbox: Mailbox, user: Channel, large: Mapping[str, int], held: Mapping[str, int]
    ) -> None:
        """Join a new connection to these conversations; `large` has the rev of each membership.

        The connection has those in `held` up to their revs, and syncs the others.
        """
        channels = []
        if large or user.large is not None:
            channels = self._attach(mailbox, user, large, held)
        mailbox.has_joined_large = True
        await asyncio.gather(*map(self._hub.listeners.confirm, channels))
        for channel in channels:
            if _rev(channel, channel.owner) is None:
                await self._place(channel)

    def _attach(
        self, mailbox: Mailbox, user: Channel, large: Mapping[str, int], held: Mapping[str, int]
    ) -> list[LargeChannel]:
        own = self._large.of(user)
        wanted = {
            name
            for name, rev in large.items()
            if name not in own.joined and own.turn(name, rev, is_in=True)
        }
        if any(one.has_joined_large for one in user.listeners if one is not mailbox):
            # Conversations that the user's other connections have not joined still come over the
            # user's channel; this connection moves together with them.
            wanted = own.joined
        else:
            wanted |= own.joined
            for name in wanted - own.joined:
                user.sequencer.forget(name.encode())
            own.joined |= wanted
        channels = [self._hub.listeners.conversation(name) for name in wanted]
        for channel in channels:
            # It may have moved together with the user's other connections meanwhile.
            if mailbox not in channel.listeners:
                self._hub.listeners.attach(channel, [mailbox])
                channel.told_to[mailbox] = held.get(
                    channel.owner, max(own.turns[channel.owner], large.get(channel.owner, 0))
                )
        return channels

    async def replay(
        self, mailbox: Mailbox, user: Channel, names: Iterable[str], revs: Mapping[str, int]
    ) -> tuple[list[Replayed], set[str]]:
        """The events after the held revs of the conversations that a connection has joined, and the
        stale conversations. The events are not sent to the connection by the channels again.

        A conversation is stale if it changed and the client named no rev, or if the user has left
        it and the user's own channel has not delivered that yet.
        """
        events: list[Replayed] = []
        stale: set[str] = set()
        for name in names:
            rev = revs.get(name)
            told = await self._guard.call(lambda n=name, r=rev: self._event_log.conversation(n, r))  # type: ignore[misc]  # bound early
            missed = self._missed(mailbox, name, rev, told)
            departures = [one.event for one in missed or () if _is_departure(one.event, user)]
            if departures:
                missed = None
                left_rev = int(departures[-1].rev)
                if self._large.of(user).turns.get(name, 0) < left_rev:
                    # The other connections would not get this event.
                    others = [one for one in user.listeners if one is not mailbox]
                    self._delivery.resync(others, [name])
                    self._large.of(user).turn(name, left_rev, is_in=False)
                    self._large.leave(user, name)
            if missed is None:
                stale.add(name)
            elif missed:
                events += missed
                self._has_heard(mailbox, name, int(missed[-1].event.rev))
        return events, stale

    def _has_heard(self, mailbox: Mailbox, name: str, rev: int) -> None:
        missed = mailbox.holds_more(name, rev)
        if missed:
            self._delivery.resync([mailbox], sorted(missed))
        channel = self._hub.listeners.channel(conversation_channel(name))
        if isinstance(channel, LargeChannel) and mailbox in channel.listeners:
            channel.told_to[mailbox] = max(rev, channel.told_to.get(mailbox, 0))

    def _missed(
        self, mailbox: Mailbox, name: str, rev: int | None, told: tuple[int, list[Logged]] | None
    ) -> list[Replayed] | None:
        """The events in a conversation's log after the held rev; None if it has to be synced."""
        if told is None:
            # The log expired or was lost: a client that has a rev must sync.
            return [] if rev is None else None
        channel = self._hub.listeners.channel(conversation_channel(name))
        if rev is None or channel is None:
            return None
        newest, entries = told
        if self._delivery.is_past(channel, mailbox, name, max(rev, newest)):
            return None
        return replay_conversation(entries, rev) if rev < newest else []

    async def run(self) -> None:
        """Join connected users to conversations that they enter or that grow, until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                channel, name = await self._large.grown.get()
                group.create_task(self._join_grown(channel, name))

    async def _join_grown(self, user: Channel, name: str | None) -> None:
        try:
            if name is None:
                await self._enter_all(user)
            elif name in self._large.of(user).entering:
                await self._enter(user, name)
        except RequestError as error:
            log.warning("large_conversations_not_joined", reason=error.code)
            await asyncio.sleep(RETRY_S)
            if user.listeners:
                self._large.grown.put_nowait((user, None))

    async def _enter_all(self, user: Channel) -> None:
        """After a loss: events of joining or leaving may have been lost."""
        own = self._large.of(user)
        known = dict(own.turns)
        large = await self._reader.large_of(UUID(user.owner))
        with contextlib.suppress(RedisAwayError):
            await self._guard.call(
                lambda: self._event_log.note_large(user.owner, user.epoch, large)
            )
        for name in own.joined - large.keys():
            # Unless the user entered it since.
            if own.turns.get(name) == known.get(name):
                self._large.leave(user, name)
                # Events before the departure may not have been delivered.
                self._delivery.resync(user.listeners, [name])
        for name, rev in large.items():
            if name not in own.joined and own.turn(name, rev, is_in=True):
                await self._enter(user, name)

    async def _enter(self, user: Channel, name: str) -> None:
        """Move from the user's channel to the conversation's, at one rev.

        Until then the user's channel delivers; events that it did not carry are fetched.
        """
        own = self._large.of(user)
        mark = own.entering[name] = object()
        conversation = self._hub.listeners.conversation(name)
        conversation.users += 1
        try:
            await self._hub.listeners.confirm(conversation)
            if _rev(conversation, name) is None:
                await self._place(conversation)
            try:
                async with asyncio.timeout(HANDOVER_S):
                    await self._level(user, conversation, mark)
            except TimeoutError:
                self._delivery.resync(user.listeners, [name])
            # No await since the last check: no event comes over both channels, or over neither.
            if own.entering.get(name) is mark:
                self._hand_over(user, conversation)
        finally:
            if own.entering.get(name) is mark:
                del own.entering[name]
            self._hub.listeners.let_go(conversation)

    async def _level(self, user: Channel, conversation: LargeChannel, mark: object) -> None:
        """Wait until the user's channel has delivered all that the conversation's has, or a later
        attempt has replaced this one.
        """
        name, own = conversation.owner, self._large.of(user)
        while own.entering.get(name) is mark:
            held, reached = _rev(user, name), _rev(conversation, name) or 0
            if name.encode() not in user.sequencer.gapped and (held is None or held >= reached):
                return
            for event in await self._logged(name, held):
                if own.entering.get(name) is mark:
                    self._delivery.in_order(user, "", event)
            if own.entering.get(name) is mark and _rev(user, name) == held:
                # The log has a gap there: the events are fetched.
                self._delivery.expect(user, name, reached)
                own.moved.clear()
                await own.moved.wait()

    async def _logged(self, name: str, held: int | None) -> list[BusEvent]:
        """The events in a conversation's log after a rev, if the log continues from it."""
        if held is None:
            return []
        told = None
        with contextlib.suppress(RedisAwayError):
            told = await self._guard.call(lambda: self._event_log.conversation(name, held))
        missed = None if told is None else replay_conversation(told[1], held)
        return [one.event for one in missed or ()]

    def _hand_over(self, user: Channel, conversation: LargeChannel) -> None:
        own, held = self._large.of(user), _rev(user, conversation.owner)
        lacking = list(user.listeners)
        if held is None:
            # The user's channel delivered none of it: what came until now needs a sync. Connections
            # that resumed may have less than the conversation's channel has delivered.
            lacking = [
                one
                for one in user.listeners
                if one not in conversation.listeners or conversation.owner in one.held
            ]
            self._delivery.resync(lacking, [conversation.owner])
            # Events before that rev may be from the time between leaving and coming back.
            held = own.turns.get(conversation.owner, 0)
        user.sequencer.forget(conversation.owner.encode())
        if user.listeners:
            own.joined.add(conversation.owner)
            self._hub.listeners.attach(conversation, user.listeners)
            for one in lacking:
                conversation.told_to[one] = max(held, conversation.told_to.get(one, 0))

    async def _place(self, channel: LargeChannel) -> None:
        """Start the sequencer after what has been published by now."""
        name = channel.owner
        rev = None
        with contextlib.suppress(RedisAwayError):
            told = await self._guard.call(lambda: self._event_log.conversation(name, None))
            rev = None if told is None else told[0]
        if rev is None:
            rev = (await self._reader.revs([UUID(name)])).get(UUID(name))
        if rev is not None:
            self._delivery.begin(channel, name, rev)


def _is_departure(event: BusEvent, user: Channel) -> bool:
    return event.ev == b"member.left" and who_left(event) == user.owner


def _rev(channel: Channel, conversation_id: str) -> int | None:
    return channel.sequencer.rev_of(conversation_id.encode())
