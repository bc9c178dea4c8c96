"""Which connections of this process listen to which channels.

All of a user's connections listen to the user's channel, those of its members to a large
conversation's, and those of watchers to a presence channel.
"""

from collections.abc import Iterable

from server.connection.mailbox import Mailbox
from server.delivery.channel import Channel, Kind, LargeChannel
from storage.bus.subscriber import OnGap, OnMessage
from storage.bus.subscriptions import Subscriptions
from storage.redis.keys import conversation_channel, user_channel, watch_channel
from storage.redis.node_map import NodeMap


class Listeners:
    """The subscribed channels, by name."""

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
        """The channel of this name, if any connection listens to it."""
        return self._channels.get(name)

    async def join(self, user_id: str, mailbox: Mailbox) -> Channel:
        """Send a user's events to this connection, once Redis confirms the subscription."""
        return await self._listen(user_channel(user_id), "user", user_id, mailbox)

    def conversation(self, conversation_id: str) -> LargeChannel:
        """The channel of a large conversation; `confirm` subscribes it."""
        name = conversation_channel(conversation_id)
        channel = self._channels.get(name)
        if channel is None:
            channel = self._channels[name] = LargeChannel("conversation", conversation_id)
        assert isinstance(channel, LargeChannel)
        return channel

    async def confirm(self, channel: LargeChannel) -> None:
        """Subscribe a large conversation, and wait for the confirmation."""
        name = conversation_channel(channel.owner)
        await self._subscriptions.subscribe(name)
        if name not in self._channels:
            # The connections that were to listen have ended meanwhile.
            self._subscriptions.unsubscribe(name)

    def attach(self, channel: LargeChannel, mailboxes: Iterable[Mailbox]) -> None:
        """Send the events of a subscribed large conversation to these as well."""
        for mailbox in mailboxes:
            channel.listeners.add(mailbox)
            self._large.setdefault(mailbox, set()).add(conversation_channel(channel.owner))

    def let_go(self, channel: LargeChannel) -> None:
        """Unsubscribe a large conversation if it has no listeners here."""
        channel.users -= 1
        self._close_idle(conversation_channel(channel.owner), channel)

    async def watch(self, user_id: str, mailbox: Mailbox) -> None:
        """Send the presence of a user to this connection."""
        await self._listen(watch_channel(user_id), "watch", user_id, mailbox)

    def unwatch(self, user_id: str, mailbox: Mailbox) -> None:
        """Stop sending it."""
        self._forget(watch_channel(user_id), mailbox)

    def leave(self, user_id: str, mailbox: Mailbox) -> None:
        """Stop sending a user's events, and those of large conversations."""
        for name in self._large.pop(mailbox, ()):
            self._forget(name, mailbox)
        self._forget(user_channel(user_id), mailbox)

    def leave_conversation(self, user: Channel, conversation_id: str) -> None:
        """Stop sending a large conversation's events to the connections of a user."""
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
        # For a second listener too: the first subscription may not be confirmed yet.
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
