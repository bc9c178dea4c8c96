"""Who listens to which channels in this process, as long as it does.

A user's channel is listened to by all of the user's connections here, a large conversation's by
those of its members, and one of presence by those who watch.
"""

from collections.abc import Iterable

from server.connection.mailbox import Mailbox
from server.delivery.channel import Channel, Kind, LargeChannel
from storage.bus.subscriber import OnGap, OnMessage
from storage.bus.subscriptions import Subscriptions
from storage.redis.keys import conversation_channel, user_channel, watch_channel
from storage.redis.node_map import NodeMap


class Listeners:
    """The channels that are subscribed to, by name."""

    def __init__(self, nodes: NodeMap, on_message: OnMessage, on_gap: OnGap) -> None:
        self._subscriptions = Subscriptions(nodes, on_message, on_gap)
        self._channels: dict[bytes, Channel] = {}
        self._large: dict[Mailbox, set[bytes]] = {}
        """The conversations' channels that a connection listens to."""

    @property
    def is_connected(self) -> bool:
        """False while nothing can arrive from other processes."""
        return self._subscriptions.is_connected

    async def run(self) -> None:
        """Listen until cancelled."""
        await self._subscriptions.run()

    def channel(self, name: bytes) -> Channel | None:
        """The channel of this name, if somebody listens to it."""
        return self._channels.get(name)

    async def join(self, user_id: str, mailbox: Mailbox) -> Channel:
        """Send a user's events to this connection, from the confirmation of Redis on."""
        return await self._listen(user_channel(user_id), "user", user_id, mailbox)

    def conversation(self, conversation_id: str) -> LargeChannel:
        """The channel of a large conversation, which is subscribed to by `confirm`."""
        name = conversation_channel(conversation_id)
        channel = self._channels.get(name)
        if channel is None:
            channel = self._channels[name] = LargeChannel("conversation", conversation_id)
        assert isinstance(channel, LargeChannel)
        return channel

    async def confirm(self, channel: LargeChannel) -> None:
        """Wait until what is published to a large conversation arrives here."""
        name = conversation_channel(channel.owner)
        await self._subscriptions.subscribe(name)
        if name not in self._channels:
            # Whoever was to listen has gone meanwhile.
            self._subscriptions.unsubscribe(name)

    def attach(self, channel: LargeChannel, mailboxes: Iterable[Mailbox]) -> None:
        """Send the events of a large conversation that is listened to to these, too."""
        for mailbox in mailboxes:
            channel.listeners.add(mailbox)
            self._large.setdefault(mailbox, set()).add(conversation_channel(channel.owner))

    def let_go(self, channel: LargeChannel) -> None:
        """Listen to a large conversation no longer if nobody is here to be told."""
        channel.users -= 1
        self._close_idle(conversation_channel(channel.owner), channel)

    async def watch(self, user_id: str, mailbox: Mailbox) -> None:
        """Send the presence of a user to this connection."""
        await self._listen(watch_channel(user_id), "watch", user_id, mailbox)

    def unwatch(self, user_id: str, mailbox: Mailbox) -> None:
        """Send it no more."""
        self._forget(watch_channel(user_id), mailbox)

    def leave(self, user_id: str, mailbox: Mailbox) -> None:
        """Send no more of a user's events, nor of any large conversation."""
        for name in self._large.pop(mailbox, ()):
            self._forget(name, mailbox)
        self._forget(user_channel(user_id), mailbox)

    def leave_conversation(self, user: Channel, conversation_id: str) -> None:
        """Send no more of a large conversation to the connections of a user."""
        name = conversation_channel(conversation_id)
        for mailbox in user.listeners:
            self._large.get(mailbox, set()).discard(name)
            self._forget(name, mailbox)

    def user(self, user_id: str) -> Channel | None:
        """The channel of a user who is connected here."""
        return self._channels.get(user_channel(user_id))

    def channels(self, kind: Kind) -> list[Channel]:
        """All of this kind."""
        return [channel for channel in self._channels.values() if channel.kind == kind]

    def mailboxes(self) -> list[Mailbox]:
        """All connections of this process that have said hello."""
        unique: set[Mailbox] = set()
        for channel in self.channels("user"):
            unique |= channel.listeners
        return list(unique)

    async def _listen(self, name: bytes, kind: Kind, owner: str, *mailboxes: Mailbox) -> Channel:
        channel = self._opened(name, kind, owner)
        channel.listeners.update(mailboxes)
        # Also for a second listener: the first one's subscription may not be confirmed yet.
        await self._subscriptions.subscribe(name)
        return channel

    def _opened(self, name: bytes, kind: Kind, owner: str) -> Channel:
        channel = self._channels.get(name)
        if channel is None:
            channel = self._channels[name] = Channel(kind, owner)
            if kind == "user":
                channel.waiting = []
        return channel

    def _close_idle(self, name: bytes, channel: Channel) -> None:
        if not channel.listeners and not (isinstance(channel, LargeChannel) and channel.users):
            del self._channels[name]
            self._subscriptions.unsubscribe(name)

    def _forget(self, name: bytes, mailbox: Mailbox) -> None:
        channel = self._channels.get(name)
        if channel is None:
            return
        channel.listeners.discard(mailbox)
        if isinstance(channel, LargeChannel):
            channel.told_to.pop(mailbox, None)
        self._close_idle(name, channel)
