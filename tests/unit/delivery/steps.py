"""One process' hub and the connections of a user, taken through one step after the other.

What Redis and PostgreSQL would say is given; what is written to a socket is kept.
"""

import json
from typing import Any, cast

from protocol.bus import BusEvent, pack
from protocol.codec import JSON
from protocol.resume import Logged, Replay
from server.connection.mailbox import Mailbox, WriteTurn
from server.delivery.hub import Hub
from server.delivery.large_conversation_joiner import LargeConversationJoiner
from server.delivery.own_messages import OwnMessages
from server.telemetry.metrics import Metrics
from storage.bus.event_log import EventLog, LogPosition
from storage.conversations.gap_reader import GapReader
from storage.redis.guard import RedisGuard
from storage.redis.keys import conversation_channel, user_channel
from storage.redis.node_map import NodeMap

ROOM = "00000000-0000-0000-0000-0000000000c1"
OTHER = "00000000-0000-0000-0000-0000000000d1"
ME = "00000000-0000-0000-0000-000000000001"


class Ear(Mailbox):
    """A connection; `heard` are the revs of its events, and what each resync names."""

    __slots__ = ("heard",)

    def __init__(self) -> None:
        self.heard: list[Any] = []
        super().__init__(
            cast("Any", None), JSON, f"c{id(self)}", 1 << 20, lambda _code: None, WriteTurn()
        )

    def write(self, finished: bytes) -> None:
        """Keep what an event says."""
        d = json.loads(finished[finished.index(b"{") :])["d"]
        self.heard.append(d.get("rev", d.get("conversation_ids", d.get("said"))))


class Logs:
    """The logs of large conversations: the rev each has come to, and what it holds."""

    def __init__(self) -> None:
        self.told: dict[str, tuple[int, list[BusEvent]]] = {}

    async def conversation(self, name: str, rev: int | None) -> tuple[int, list[Logged]] | None:
        """As `EventLog.conversation`."""
        if name not in self.told:
            return None
        newest, events = self.told[name]
        after = [one for one in events if rev is not None and int(one.rev) > rev]
        return newest, [Logged(f"{int(one.rev)}-0", one) for one in after]


class Process:
    """A hub, and what arrives there."""

    def __init__(self) -> None:
        self.hub = Hub(NodeMap("redis://127.0.0.1:1"), Metrics(), OwnMessages())
        self.logs = Logs()
        self.large = LargeConversationJoiner(
            self.hub, cast("EventLog", self.logs), RedisGuard(), cast("GapReader", None)
        )

    async def joins(
        self, ear: Ear, place: str | None, told: Replay | None = None, user: str = ME
    ) -> None:
        """A connection says hello and has joined its log at `place`, None with Redis away."""
        channel = await self.hub.listeners.join(user, ear)
        self.begins(ear, place, told, channel)

    def begins(
        self, ear: Ear, place: str | None, told: Replay | None = None, channel: Any = None
    ) -> None:
        """The log is read, and the reply to hello is sent."""
        where = None if place is None else LogPosition("epoch", place)
        self.hub.begin(channel or self.channel(), where, ear, told or Replay())
        if channel is not None:
            ear.open(is_synced=told is None)

    def channel(self, user: str = ME) -> Any:
        """The user's channel."""
        return self.hub.listeners.user(user)

    def arrives(self, place: str, event: BusEvent, user: str = ME) -> None:
        """An event comes by the user's channel."""
        self.hub._on_message(user_channel(user), place.encode() + b" " + pack(event))

    def arrives_large(self, *events: BusEvent) -> None:
        """Events come by the conversation's own channel."""
        for event in events:
            body = event.rev + b"-0 " + pack(event)
            self.hub._on_message(conversation_channel(event.conversation_id.decode()), body)

    def loses(self) -> None:
        """What was published to the user's channel may not have been heard."""
        self.hub._on_gap(frozenset([user_channel(ME)]))


def change(
    rev: int,
    room: str = ROOM,
    *,
    ev: bytes = b"message.updated",
    key: bytes = b"",
    route: bytes = b"",
) -> BusEvent:
    """A change of a conversation."""
    d = {"rev": rev, "prev_rev": rev - 1, "conversation_id": room, "user_id": ME}
    name = room.encode()
    return BusEvent(
        ev, b"%b.%d" % (name, rev), name, b"%d" % rev, b"-", key, route, json.dumps(d).encode()
    )


def word(said: str) -> BusEvent:
    """An event without an order."""
    return BusEvent(b"notification.created", said.encode(), d=json.dumps({"said": said}).encode())
