"""From Redis to the connections: events in order, including those that were lost on the way.

A user's channel carries the user's events with their positions in the user's log; a conversation of
more than 32 people has a channel of its own (server/delivery/large_conversations.py). Lost events
are recovered by server/delivery/reconciler.py and server/delivery/gap_filler.py.
"""

import asyncio

import orjson
import structlog

from protocol.bus import BusEvent, unpack
from protocol.errors import SESSION_ENDED
from protocol.requests import MessageSend
from protocol.resume import Logged, Replay
from server.connection.mailbox import Mailbox, entry_number
from server.delivery.channel import Channel
from server.delivery.fanout import FanOut
from server.delivery.large_conversations import LargeConversations
from server.delivery.listeners import Listeners
from server.delivery.ordered_delivery import OrderedDelivery
from server.delivery.own_messages import OwnMessages
from server.telemetry.metrics import Metrics
from storage.bus.event_log import LogPosition, LogTail
from storage.database.ids import cheap
from storage.messages.message_events import Sent
from storage.redis.node_map import NodeMap

log = structlog.get_logger()


class Hub:
    """Delivers what arrives and what was missed to the listeners of each channel, in order."""

    def __init__(self, nodes: NodeMap, metrics: Metrics, own: OwnMessages) -> None:
        fan_out = FanOut(metrics)
        self.finished = fan_out.finished
        self.listeners = Listeners(nodes, self._on_message, self._on_gap)
        self.delivery = OrderedDelivery(fan_out, metrics, own, self._departed)
        self._own = own
        self.large = LargeConversations(self.listeners, self.delivery)
        self.reopened = asyncio.Event()
        """Set when Redis is back: it may have lost the registered connections."""
        self.lost = asyncio.Event()
        """Set when channels may have missed something; `take_lost` says which."""
        self._lost: set[Channel] = set()

    def begin(
        self, channel: Channel, place: LogPosition | None, mailbox: Mailbox, told: Replay
    ) -> None:
        """A connection has joined a user's log at `place`, None if Redis is away.

        Conversations start at the revs of its replay. Then what was held is delivered.
        """
        if place is not None and not channel.epoch:
            channel.begin_at(place)
            # Connections that joined without Redis may have missed events.
            self.delivery.resync([one for one in channel.listeners if one.has_begun], None)
        entry = "" if place is None else place.entry
        missed = mailbox.begin(entry, {**told.revs, **told.tops}, told.firsts)
        if missed:
            self.delivery.resync([mailbox], sorted(missed))
        for name, rev in told.tops.items():
            self.delivery.note_ahead(channel, name, rev)
        for name, rev in told.revs.items():
            self.delivery.begin(channel, name, rev)
            if self.delivery.is_past(channel, mailbox, name, rev):
                # Held events come after a gap: `resync` has to come before them.
                mailbox.holds_more(name, channel.sequencer.rev_of(name.encode()) or 0)
                self.delivery.resync([mailbox], [name])
        if not channel.is_lost:
            self._let_go(channel)

    # What arrives.

    def end_sessions(self, session_ids: set[str]) -> None:
        """Close the connections of these logins."""
        for mailbox in self.listeners.mailboxes():
            if str(mailbox.session_id) in session_ids:
                mailbox.end(SESSION_ENDED)

    def has_reply(self, sent: Sent) -> None:
        """A connection here has the reply to its send, and Redis has the event.

        If it is the user's only connection, the event was not published to the user's channel, and
        the sequencer is advanced here. Another connection got the event, or read it from the log.
        """
        event = sent.event
        channel = self.listeners.user(sent.sender_id)
        if channel is None or len(channel.listeners) != 1:
            return
        (mailbox,) = channel.listeners
        if mailbox.origin == event.origin and not self.large.has_joined(
            channel, event.conversation_id
        ):
            self.delivery.has_reply(channel, event)

    def refused_send(self, mailbox: Mailbox, request: MessageSend) -> None:
        """A send was refused as retryable, though the message may have been stored."""
        if self._own.refused(cheap(request.client_id), mailbox.connection_id):
            self.delivery.resync([mailbox], [str(request.conversation_id)])

    def _on_message(self, name: bytes, payload: bytes) -> None:
        channel = self.listeners.channel(name)
        if channel is not None and not channel.wait(payload):
            self._take(channel, payload)

    def _take(self, channel: Channel, payload: bytes) -> None:
        place, _, body = payload.partition(b" ")
        try:
            entry = Logged(place.decode(), unpack(body))
        except ValueError:
            log.exception("bus_body_refused", owner=channel.owner)
            return
        if channel.kind != "user":
            self._offer(channel, entry._replace(place=""))
        elif not channel.is_known(entry.place):
            self._offer(channel, entry)

    def _offer(self, channel: Channel, entry: Logged) -> None:
        place, event = entry
        if event.route and not self.large.route(channel, event):
            channel.sequencer.arrive(place)
        elif event.rev:
            shared = self.large.shared(channel, event) if channel.large is not None else None
            if shared is None:
                self.delivery.in_order(channel, place, event)
            else:
                channel.sequencer.arrive(place)
                self.delivery.in_order(shared, "", event)
                self.large.settle(channel, shared, event)
        elif event.ev == b"session.revoked":
            self.end_sessions(set(orjson.loads(event.d)["session_ids"]))
        else:
            channel.sequencer.arrive(place)
            self.delivery.tell(channel.listeners, event, channel.sequencer.mark, place)

    def _departed(self, channel: Channel, event: BusEvent) -> None:
        self.large.departed(channel, event)

    # What was missed.

    def take_lost(self) -> set[Channel]:
        """The channels that may have missed something, once."""
        lost, self._lost = self._lost, set()
        self.lost.clear()
        return lost

    def reconciled(self, channel: Channel, tail: LogTail) -> None:
        """The log has been read: deliver its entries, then what arrived meanwhile."""
        if tail.entries is None:
            channel.begin_at(tail.newest)
            self.delivery.resync(channel.listeners, None)
            self.large.grown.put_nowait((channel, None))
        else:
            for entry in tail.entries:
                self._catch_up(channel, entry)
            channel.read_to = entry_number(channel.sequencer.place)
        if channel.has_overflowed:
            channel.waiting, channel.has_overflowed = [], False
            self._lost.add(channel)
            self.lost.set()
        else:
            channel.is_lost = False
            self._let_go(channel)

    def _let_go(self, channel: Channel) -> None:
        waiting, channel.waiting = channel.waiting or [], None
        for payload in waiting:
            self._take(channel, payload)

    def _catch_up(self, channel: Channel, entry: Logged) -> None:
        place, event = entry
        if entry_number(place) <= entry_number(channel.sequencer.place):
            return
        if event.d:
            self._offer(channel, entry)
            return
        # The log has only a reference: the change itself is fetched or synced.
        channel.sequencer.arrive(place)
        if event.route and not self.large.route(channel, event):
            return
        if event.rev and self.large.has_joined(channel, event.conversation_id):
            return
        # `member.joined` has the rev of `conversation.created` and would be taken for it.
        is_told = event.rev and event.ev != b"conversation.created"
        if is_told and channel.sequencer.rev_of(event.conversation_id) is not None:
            self.delivery.expect(channel, event.conversation_id.decode(), int(event.rev))
        else:
            ids = [event.conversation_id.decode()] if event.conversation_id else None
            self.delivery.resync(channel.listeners, ids)

    def _on_gap(self, names: frozenset[bytes]) -> None:
        """Events may have been published while these channels were not subscribed."""
        self.reopened.set()
        for name in names:
            channel = self.listeners.channel(name)
            if channel is not None:
                if channel.kind == "user":
                    channel.waiting, channel.is_lost = [], True
                if channel.kind != "watch":
                    self._lost.add(channel)
        self.lost.set()
