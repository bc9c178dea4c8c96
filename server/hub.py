"""From Redis to the connections: events in order, and what was lost on the way made good.

A user's channel carries the user's events with their places in the user's log; a conversation of
more than 32 people has a channel of its own (server/large.py joins it). What is lost on the way is
told by server/follow.py and server/gaps.py.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence

import orjson
import structlog

from protocol.bus import LEAVES_ROUTE, BusEvent, unpack
from protocol.errors import SESSION_ENDED
from protocol.events import ResyncEvent
from protocol.resume import Logged
from protocol.sequencer import Gap
from server.channel import Channel
from server.fanout import FanOut
from server.listeners import Listeners
from server.mailbox import Mailbox, entry_number, frame
from server.metrics import Metrics
from storage.eventlog import Followed, Place
from storage.keys import conversation_channel
from storage.message_events import Sent
from storage.node_map import NodeMap

log = structlog.get_logger()


class Hub:
    """What arrives, and what was missed: to the listeners of each channel, in order."""

    def __init__(self, nodes: NodeMap, metrics: Metrics) -> None:
        self._metrics = metrics
        self._fan_out = FanOut(metrics)
        self.finished = self._fan_out.finished
        self.listeners = Listeners(nodes, self._on_message, self._on_gap)
        self.reopened = asyncio.Event()
        """Set when Redis is back: it may have forgotten who is connected."""
        self.lost = asyncio.Event()
        """Set when channels may have missed something; `take_lost` says which."""
        self._lost: set[Channel] = set()
        self.gapped: set[Channel] = set()
        self.has_gaps = asyncio.Event()
        """Set while events wait for others, in the channels `gapped`."""
        self.grown: asyncio.Queue[tuple[Channel, str | None]] = asyncio.Queue()
        """Users' channels that are to join a conversation's; None: all that are theirs."""

    def begin(self, channel: Channel, place: Place | None, revs: Mapping[str, int]) -> None:
        """A user's log has been joined at `place`, None with Redis away: what waited is let go.

        The first connection says with `revs` where the order of conversations begins.
        """
        if place is not None and not channel.epoch:
            channel.begin_at(place)
            for name, rev in revs.items():
                channel.sequencer.begin(name.encode(), rev)
        self._let_go(channel)

    # What arrives.

    def end_sessions(self, session_ids: set[str]) -> None:
        """Close the connections of these logins."""
        for mailbox in self.listeners.mailboxes():
            if str(mailbox.session_id) in session_ids:
                mailbox.end(SESSION_ENDED)

    def has_reply(self, sent: Sent) -> None:
        """A connection here has sent a message, and has it by its reply.

        Alone, its user's channel is not published to: the order there goes on all the same.
        """
        event = sent.event
        channel = self.listeners.user(sent.sender_id)
        if channel is None or len(channel.listeners) != 1:
            return
        (mailbox,) = channel.listeners
        if mailbox.origin != event.origin:
            return
        if channel.large and event.conversation_id.decode() in channel.large:
            return
        sequencer = channel.sequencer
        if sequencer.rev_of(event.conversation_id) is None:
            # An event begins the order: one of an earlier rev may be on its way.
            channel.note_sent(event.conversation_id, int(event.rev), event.eid)
            return
        before = sequencer.mark
        now = time.monotonic()
        ready = sequencer.offer(event.conversation_id, int(event.rev), event.eid, None, now)
        if len(ready) > 1:
            self._deliver(channel, ready, before, "")

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
        if event.route and not self._route(channel, event):
            channel.sequencer.arrive(place)
        elif event.rev:
            shared = self._shared(channel, event) if channel.large else None
            if shared is None:
                self._in_order(channel, place, event)
            else:
                channel.sequencer.arrive(place)
                self._in_order(shared, "", event)
        elif event.ev == b"session.revoked":
            self.end_sessions(set(orjson.loads(event.d)["session_ids"]))
        else:
            channel.sequencer.arrive(place)
            mark = channel.sequencer.mark
            self._fan_out.deliver(channel.listeners, event, mark, place)

    def _route(self, channel: Channel, event: BusEvent) -> bool:
        """A conversation's channel is the user's from here on, or no longer.

        False for an event that is told after what has undone it.
        """
        conversation_id = event.conversation_id.decode()
        leaves = event.route == LEAVES_ROUTE
        if not channel.turn(conversation_id, int(event.rev), is_in=not leaves):
            return False
        if leaves:
            channel.entering.pop(conversation_id, None)
            self.listeners.leave_conversation(channel, conversation_id)
        elif conversation_id not in channel.large and conversation_id not in channel.entering:
            channel.entering[conversation_id] = object()
            self.grown.put_nowait((channel, conversation_id))
        return True

    def _shared(self, channel: Channel, event: BusEvent) -> Channel | None:
        """The conversation's channel, where that is the one to tell an event of a user's channel.

        Around the growth it comes by both, and from a writer that had not seen it by this one.
        """
        if event.conversation_id.decode() not in channel.large or _is_personal(channel, event):
            return None
        return self.listeners.channel(conversation_channel(event.conversation_id.decode()))

    def _in_order(self, channel: Channel, place: str, event: BusEvent) -> None:
        """Deliver a change of a conversation, after those before it."""
        sequencer, rev = channel.sequencer, int(event.rev)
        before = sequencer.mark
        now = time.monotonic()
        ready: list[BusEvent | None] = []
        if event.ev == b"conversation.created" or event.route == LEAVES_ROUTE:
            # With the whole conversation the recipient needs nothing before it; what comes before
            # leaving a large one came by another channel.
            ready += sequencer.restart(event.conversation_id, rev - 1, now)
            reached = sequencer.rev_of(event.conversation_id) or 0
            if event.ev == b"conversation.created" and rev < reached:
                # Later ones were faster, and their recipients wait for this one to make sense of
                # them.
                ready.append(event)
        ready += sequencer.offer(event.conversation_id, rev, event.eid, event, now, place)
        for sent_rev, eid in channel.sent.pop(event.conversation_id, ()):
            ready += sequencer.offer(event.conversation_id, sent_rev, eid, None, now)
        self._deliver(channel, ready, before, place)
        if sequencer.is_holding:
            self._hold(channel)

    def _hold(self, channel: Channel) -> None:
        if channel not in self.gapped:
            self._metrics.held()
            self.gapped.add(channel)
        self.has_gaps.set()

    def _deliver(
        self, channel: Channel, ready: Sequence[BusEvent | None], before: str, place: str
    ) -> None:
        """Write what is in order now. Only with the last of it has everything been written up to
        the new mark.
        """
        for number, event in enumerate(ready, 1):
            if event is None:
                continue
            if channel.kind == "conversation" and event.ev == b"member.left":
                self._part(channel, event)
            at = channel.sequencer.mark if number == len(ready) else before
            alone = place if len(ready) == 1 else ""
            self._fan_out.deliver(channel.hearing(int(event.rev)), event, at, alone)

    def _part(self, channel: Channel, event: BusEvent) -> None:
        """Who has left a large conversation hears nothing more of it, this event included."""
        user = self.listeners.user(orjson.loads(event.d)["user_id"])
        if user is not None and user.routes.get(channel.owner, 0) < int(event.rev):
            self.listeners.leave_conversation(user, channel.owner)

    # What was missed.

    def keep_members(self, channel: Channel, members: set[str], rev: int) -> None:
        """Whoever was not in a large conversation at `rev`, nor came in since, hears no more."""
        for user in self.listeners.channels("user"):
            has_gone = user.owner not in members and user.routes.get(channel.owner, 0) <= rev
            if channel.owner in user.large and has_gone:
                self.listeners.leave_conversation(user, channel.owner)
                self.resync(user.listeners, [channel.owner])

    def fill(self, channel: Channel, gap: Gap, events: list[BusEvent], rev: int) -> None:
        """Tell what was missing of a conversation up to `rev`, and what waited for it."""
        before = channel.sequencer.mark
        now = time.monotonic()
        following = channel.sequencer.restart(gap.conversation_id, rev, now)
        self._deliver(channel, [*events, *following], before, "")

    def give_up(self, channel: Channel, conversation_id: str) -> None:
        """Have the listeners sync this conversation, and go on from the newest known."""
        channel.sequencer.give_up(conversation_id.encode())
        self.resync(channel.listeners, [conversation_id])

    def expect(self, channel: Channel, conversation_id: str, rev: int) -> None:
        """A conversation is known to have come to `rev`: what has not arrived soon is fetched."""
        name = conversation_id.encode()
        channel.sequencer.expect(name, rev, time.monotonic())
        if channel.sequencer.is_holding:
            self._hold(channel)

    def resync(self, mailboxes: Iterable[Mailbox], conversation_ids: list[str] | None) -> None:
        """Tell these connections that something may be missing; anywhere without ids."""
        for mailbox in mailboxes:
            body = mailbox.codec.encode(ResyncEvent(conversation_ids))
            payload = mailbox.codec.event(b"resync", b"", "", body)
            mailbox.deliver("", frame(payload, is_text=mailbox.codec.is_text))

    def take_lost(self) -> set[Channel]:
        """The channels that may have missed something, once."""
        lost, self._lost = self._lost, set()
        self.lost.clear()
        return lost

    def followed(self, channel: Channel, followed: Followed) -> None:
        """The log has been read: tell what it holds, and then what arrived meanwhile."""
        if followed.entries is None:
            channel.begin_at(followed.newest)
            self.resync(channel.listeners, None)
            self.grown.put_nowait((channel, None))
        else:
            for entry in followed.entries:
                self._catch_up(channel, entry)
            channel.read_to = entry_number(channel.sequencer.place)
        if channel.has_overflowed:
            channel.waiting, channel.has_overflowed = [], False
            self._lost.add(channel)
            self.lost.set()
        else:
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
        # Only a reference: the change itself is fetched, or synced.
        channel.sequencer.arrive(place)
        if event.route and not self._route(channel, event):
            return
        if event.conversation_id.decode() in channel.large:
            return
        if event.rev and channel.sequencer.rev_of(event.conversation_id) is not None:
            self.expect(channel, event.conversation_id.decode(), int(event.rev))
        else:
            ids = [event.conversation_id.decode()] if event.conversation_id else None
            self.resync(channel.listeners, ids)

    def _on_gap(self, names: frozenset[bytes]) -> None:
        """Events may have been published while nobody here listened."""
        self.reopened.set()
        for name in names:
            channel = self.listeners.channel(name)
            if channel is not None:
                if channel.kind == "user":
                    channel.waiting = []
                if channel.kind != "watch":
                    self._lost.add(channel)
        self.lost.set()


def _is_personal(channel: Channel, event: BusEvent) -> bool:
    """Told to the one whom it is about, whatever others are told."""
    if event.ev == b"conversation.created" or event.route == LEAVES_ROUTE:
        return True
    return event.ev == b"member.joined" and orjson.loads(event.d)["user_id"] == channel.owner
