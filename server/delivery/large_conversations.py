"""Conversations of more than 32 people, which have channels of their own, and their listeners.

Events on a user's channel say when to join a conversation's own channel, and when it was left.
server/delivery/large_conversation_joiner.py does the joining.
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
        """Users' channels with the conversation to join; None for all of the user's."""

    def of(self, user: Channel) -> Membership:
        """The large conversations of a connected user."""
        if user.large is None:
            user.large = Membership()
        return user.large

    def has_joined(self, user: Channel, conversation_id: bytes) -> bool:
        """Whether this user receives the conversation over its own channel."""
        return user.large is not None and conversation_id.decode() in user.large.joined

    def route(self, user: Channel, event: BusEvent) -> bool:
        """The user joins a conversation's channel with this event, or leaves it.

        False for an outdated event: a later one has undone it already.
        """
        large, name, rev = self.of(user), event.conversation_id.decode(), int(event.rev)
        known = large.turns.get(name, 0)
        if not large.turn(name, rev, is_in=event.route != LEAVES_ROUTE):
            return False
        if event.route == LEAVES_ROUTE:
            large.entering.pop(name, None)
            return known != -rev  # otherwise the conversation's own channel was faster
        if event.ev == b"conversation.created" and name in large.joined:
            # Its channel's events may be from before or after this one: it is synced.
            self._delivery.resync(user.listeners, [name])
            if rev <= known:
                return False
            # The user left and came back, and some events before leaving were not delivered.
            self.leave(user, name)
        if name not in large.joined and name not in large.entering:
            large.entering[name] = object()
            self.grown.put_nowait((user, name))
        return True

    def shared(self, user: Channel, event: BusEvent) -> Channel | None:
        """The conversation's channel, if that has to deliver an event of the user's channel.

        Around the growth events come over both, and from a writer that has not seen the growth yet
        over the user's.
        """
        if not self.has_joined(user, event.conversation_id):
            return None
        if event.ev == b"conversation.created":
            return None  # differs for each user
        return self._listeners.channel(conversation_channel(event.conversation_id.decode()))

    def settle(self, user: Channel, channel: Channel, event: BusEvent) -> None:
        """End the membership, also if the departure was delivered before these connections came."""
        reached = channel.sequencer.rev_of(event.conversation_id) or 0
        is_told = event.route == LEAVES_ROUTE and reached >= int(event.rev)
        if is_told and self.has_joined(user, event.conversation_id):
            self._delivery.resync(user.listeners, [channel.owner])
            self.leave(user, channel.owner)

    def leave(self, user: Channel, conversation_id: str) -> None:
        """Stop sending the user a conversation's events."""
        self.of(user).joined.discard(conversation_id)
        self._listeners.leave_conversation(user, conversation_id)

    def departed(self, channel: Channel, event: BusEvent) -> None:
        """A `member.left` was delivered to the listeners of this channel.

        A user who has not joined the conversation's own channel gets it over the user's.
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
        """It came from the conversation's log or a fetch: do not join its channel any more."""
        name = event.conversation_id.decode()
        if user.large is None or name not in user.large.entering or who_left(event) != user.owner:
            return
        if user.large.turn(name, int(event.rev), is_in=False):
            del user.large.entering[name]

    def absent(self, channel: Channel, members: Mapping[str, int], rev: int) -> list[Channel]:
        """Users who listen to a large conversation, but were no members at `rev` nor joined since.

        `members` are the members at `rev`, each with the rev of joining if that was recent: a user
        who left and came back counts as absent until `conversation.created` is delivered.
        """
        return [
            user
            for user in self._listeners.channels("user")
            if self.has_joined(user, channel.owner.encode())
            and self._was_in(user, channel.owner, members.get(user.owner, rev + 1))
        ]

    def _was_in(self, user: Channel, conversation_id: str, rev: int) -> bool:
        """Whether the recorded membership of the user is from before `rev`."""
        return self.of(user).turns.get(conversation_id, 0) < rev


def who_left(event: BusEvent) -> str:
    """The id of the user who left, of a `member.left`."""
    user_id: str = orjson.loads(event.d)["user_id"]
    return user_id
