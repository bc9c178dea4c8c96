"""Conversations of more than 32 people, which have channels of their own: who here hears them.

A user's channel says when a conversation's own channel is to be joined, and when it was left. What
it takes to join one is in server/delivery/large_conversation_joiner.py.
"""

import asyncio
from collections.abc import Mapping

import orjson

from protocol.bus import LEAVES_ROUTE, BusEvent
from server.delivery.channel import Channel, Membership
from server.delivery.listeners import Listeners
from server.delivery.ordered_delivery import OrderedDelivery
from storage.redis.keys import conversation_channel


class LargeConversations:
    """Which connections of this process listen to which large conversations."""

    def __init__(self, listeners: Listeners, delivery: OrderedDelivery) -> None:
        self._listeners = listeners
        self._delivery = delivery
        self.grown: asyncio.Queue[tuple[Channel, str | None]] = asyncio.Queue()
        """Users' channels that are to join a conversation's; None: all that are theirs."""

    def of(self, user: Channel) -> Membership:
        """The large conversations of a user who listens here."""
        if user.large is None:
            user.large = Membership()
        return user.large

    def has_joined(self, user: Channel, conversation_id: bytes) -> bool:
        """Whether the conversation's own channel tells this user of it."""
        return user.large is not None and conversation_id.decode() in user.large.joined

    def route(self, user: Channel, event: BusEvent) -> bool:
        """A conversation's channel is the user's from here on, or no longer.

        False for an event that is told after what has undone it.
        """
        large, name, rev = self.of(user), event.conversation_id.decode(), int(event.rev)
        known = large.turns.get(name, 0)
        if not large.turn(name, rev, is_in=event.route != LEAVES_ROUTE):
            return False
        if event.route == LEAVES_ROUTE:
            large.entering.pop(name, None)
            return known != -rev  # else the conversation's own channel was faster
        if event.ev == b"conversation.created" and name in large.joined:
            # What comes by the conversation's channel may be of before or after it: it is synced.
            self._delivery.resync(user.listeners, [name])
            if rev <= known:
                return False
            # The user left and came back, and what came before leaving was not all told.
            self.leave(user, name)
        if name not in large.joined and name not in large.entering:
            large.entering[name] = object()
            self.grown.put_nowait((user, name))
        return True

    def shared(self, user: Channel, event: BusEvent) -> Channel | None:
        """The conversation's channel, where that is the one to tell an event of a user's channel.

        Around the growth it comes by both, and from a writer that had not seen it by the user's.
        """
        if not self.has_joined(user, event.conversation_id):
            return None
        if event.ev == b"conversation.created":
            return None  # told to each alone
        return self._listeners.channel(conversation_channel(event.conversation_id.decode()))

    def settle(self, user: Channel, channel: Channel, event: BusEvent) -> None:
        """Who has left hears no more, also where that was told before these connections came."""
        reached = channel.sequencer.rev_of(event.conversation_id) or 0
        is_told = event.route == LEAVES_ROUTE and reached >= int(event.rev)
        if is_told and self.has_joined(user, event.conversation_id):
            self._delivery.resync(user.listeners, [channel.owner])
            self.leave(user, channel.owner)

    def leave(self, user: Channel, conversation_id: str) -> None:
        """The user hears no more of a conversation."""
        self.of(user).joined.discard(conversation_id)
        self._listeners.leave_conversation(user, conversation_id)

    def departed(self, channel: Channel, event: BusEvent) -> None:
        """Somebody has left a conversation, which the listeners of this channel have been told.

        Who does not listen to the conversation's own channel yet is told by the user's.
        """
        if channel.kind == "user":
            self._departed_early(channel, event)
            return
        user, rev = self._listeners.user(who_left(event)), int(event.rev)
        is_told = user is not None and self.has_joined(user, event.conversation_id)
        if user is not None and is_told and self._was_in(user, channel.owner, rev):
            self.of(user).turn(channel.owner, rev, is_in=False)
            self.leave(user, channel.owner)

    def _departed_early(self, user: Channel, event: BusEvent) -> None:
        """Told by the conversation's log, or a fetch: its channel is not to be joined any more."""
        name = event.conversation_id.decode()
        if user.large is None or name not in user.large.entering or who_left(event) != user.owner:
            return
        if user.large.turn(name, int(event.rev), is_in=False):
            del user.large.entering[name]

    def absent(self, channel: Channel, members: Mapping[str, int], rev: int) -> list[Channel]:
        """Users who listen to a large conversation and were not in it at `rev`, nor came since.

        `members` are those who were, each with the rev of coming in if that was lately: so that
        who left and came back is one of the absent until told so.
        """
        return [
            user
            for user in self._listeners.channels("user")
            if self.has_joined(user, channel.owner.encode())
            and self._was_in(user, channel.owner, members.get(user.owner, rev + 1))
        ]

    def _was_in(self, user: Channel, conversation_id: str, rev: int) -> bool:
        """Whether what is known of the user's being in it is of before `rev`."""
        return self.of(user).turns.get(conversation_id, 0) < rev


def who_left(event: BusEvent) -> str:
    """The id of the user of a `member.left`."""
    user_id: str = orjson.loads(event.d)["user_id"]
    return user_id
