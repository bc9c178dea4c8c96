"""Delivers events of conversations to the listeners of a channel, by rev and once each.

What may be delivered when is decided by `protocol/sequencer.py`, which is pure.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Sequence

from protocol.bus import FOLLOWS, BusEvent
from protocol.events import ResyncEvent
from protocol.sequencer import Gap
from server.connection.mailbox import Mailbox, frame
from server.delivery.channel import Channel
from server.delivery.fanout import FanOut
from server.delivery.own_messages import OwnMessages
from server.telemetry.metrics import Metrics


class OrderedDelivery:
    """Passes events through the sequencer of their channel, and writes those in order."""

    def __init__(
        self,
        fan_out: FanOut,
        metrics: Metrics,
        own: OwnMessages,
        departed: Callable[[Channel, BusEvent], None],
    ) -> None:
        """`departed` is called for each `member.left` that was delivered."""
        self._fan_out = fan_out
        self._metrics = metrics
        self._own = own
        self._departed = departed
        self.gapped: set[Channel] = set()
        self.has_gaps = asyncio.Event()
        """Set while events wait for missing ones, in the channels `gapped`."""

    def in_order(self, channel: Channel, place: str, event: BusEvent) -> None:
        """Deliver a change of a conversation, after those before it.

        For one below the sequencer's start, listeners that do not have it get `resync` instead.
        """
        sequencer, rev = channel.sequencer, int(event.rev)
        before = sequencer.mark
        now = time.monotonic()
        ready: list[BusEvent] = []
        if event.ev == b"conversation.created":
            # It contains the whole conversation, so nothing before it is needed.
            ready += sequencer.restart(event.conversation_id, rev - 1, now)
        elif event.key == FOLLOWS:
            sequencer.may_follow(event.conversation_id, rev, now)
        ready += sequencer.offer(event.conversation_id, rev, event.eid, event, now, place)
        if ready:
            self.deliver(channel, ready, before)
        elif sequencer.is_missed(event.conversation_id, rev):
            self._tell_missed(channel, event.conversation_id, rev)
        if sequencer.gapped:
            self._hold(channel)

    def has_reply(self, channel: Channel, event: BusEvent) -> None:
        """The only listener has this message by its reply: advance the sequencer.

        If the event has to wait for others, connections that join meanwhile get it.
        """
        sequencer, rev = channel.sequencer, int(event.rev)
        before = sequencer.mark
        now = time.monotonic()
        if event.key == FOLLOWS:
            sequencer.may_follow(event.conversation_id, rev, now)
        ready = sequencer.offer(event.conversation_id, rev, event.eid, event, now)
        if len(ready) > 1:
            self.deliver(channel, ready, before)
        if sequencer.gapped:
            self._hold(channel)

    def begin(self, channel: Channel, conversation_id: str, rev: int) -> None:
        """A listener has the conversation up to `rev`."""
        name = conversation_id.encode()
        before = channel.sequencer.mark
        ready = channel.sequencer.begin(name, rev, time.monotonic())
        if ready:
            # The new connection has some of it by the log.
            channel.ahead[name] = max(rev, channel.ahead.get(name, 0))
            self.deliver(channel, ready, before)
        else:
            self.note_ahead(channel, conversation_id, rev)

    def note_ahead(self, channel: Channel, conversation_id: str, rev: int) -> None:
        """A listener has everything up to `rev`, which other listeners may lack."""
        name = conversation_id.encode()
        if (channel.sequencer.rev_of(name) or 0) < rev:
            channel.ahead[name] = max(rev, channel.ahead.get(name, 0))

    def is_past(self, channel: Channel, joiner: Mailbox, conversation_id: str, rev: int) -> bool:
        """Whether the listeners were sent events after `rev` that the joining connection, which has
        no more than that, will not get: no log has what was fetched, for example.
        """
        reached = channel.sequencer.rev_of(conversation_id.encode()) or 0
        return reached > rev and joiner.next_waiting(conversation_id, rev) != rev + 1

    def due(self, channel: Channel, now: float, hold_s: float) -> list[Gap]:
        """Deliver first events that have waited for `hold_s`, and give up gaps with too many
        waiting events. Returns the gaps to fetch.

        For a large conversation all gaps are returned: the fetch also finds who has left.
        """
        before = channel.sequencer.mark
        ready, gaps = channel.sequencer.due(now, hold_s)
        self.deliver(channel, ready, before)
        if channel.kind == "conversation":
            return gaps
        for gap in gaps:
            if gap.is_overfull:
                self.give_up(channel, gap.conversation_id.decode())
        return [gap for gap in gaps if not gap.is_overfull]

    def fill(self, channel: Channel, gap: Gap, events: Sequence[BusEvent], rev: int) -> None:
        """Deliver the missing events of a conversation up to `rev`, then those that waited."""
        before = channel.sequencer.mark
        now = time.monotonic()
        following = channel.sequencer.restart(gap.conversation_id, rev, now)
        told = [self._own.attributed(event) for event in events]
        # One that was changed, and changed back, looks as it was sent: who has that lacks these.
        senders = {event.origin for event in told if event.origin}
        sending = [one for one in channel.listeners if one.origin in senders]
        self.resync(sending, [gap.conversation_id.decode()])
        self.deliver(channel, [*told, *following], before)

    def give_up(self, channel: Channel, conversation_id: str) -> None:
        """Have the listeners sync this conversation, and continue at the newest known rev."""
        channel.sequencer.give_up(conversation_id.encode())
        self.resync(channel.listeners, [conversation_id])
        channel.moved()

    def expect(self, channel: Channel, conversation_id: str, rev: int) -> None:
        """A conversation is known to be at `rev`: events that do not arrive soon are fetched."""
        channel.sequencer.expect(conversation_id.encode(), rev, time.monotonic())
        if channel.sequencer.gapped:
            self._hold(channel)

    def resync(self, mailboxes: Iterable[Mailbox], conversation_ids: list[str] | None) -> None:
        """Tell these connections that they may have missed events; of all without ids."""
        for mailbox in mailboxes:
            body = mailbox.codec.encode(ResyncEvent(conversation_ids))
            payload = mailbox.codec.event(b"resync", b"", "", body)
            mailbox.deliver(None, "", frame(payload, is_text=mailbox.codec.is_text))

    def deliver(self, channel: Channel, ready: Sequence[BusEvent], before: str) -> None:
        """Write events that are in order. Only the last one carries the new mark: a client that
        resumes from a mark must have everything before it.
        """
        for number, event in enumerate(ready, 1):
            if not event.origin:
                event = self._own.attributed(event)  # noqa: PLW2901  # the same event
            at = channel.sequencer.mark if number == len(ready) else before
            hearing = channel.hearing(int(event.rev))
            if event.conversation_id in channel.ahead:
                hearing = self._without_it(channel, event, hearing)
            self._fan_out.deliver(hearing, event, at)
            if event.ev == b"member.left":
                self._departed(channel, event)
        if channel.large is not None:
            channel.moved()

    def tell_departed(self, channel: Channel, user: Channel, events: Iterable[BusEvent]) -> None:
        """Send one user's connections the events that they lack of a conversation's channel."""
        for event in events:
            lacking = [one for one in user.listeners if channel.lacks(one, int(event.rev))]
            self._fan_out.deliver(lacking, self._own.attributed(event), "")

    def tell(self, mailboxes: Iterable[Mailbox], event: BusEvent, at: str, place: str) -> None:
        """Write an event without a rev; `place` is its log entry."""
        if place:
            mailboxes = [one for one in mailboxes if not one.is_told(place)]
        self._fan_out.deliver(mailboxes, event, at, place)

    def _without_it(
        self, channel: Channel, event: BusEvent, hearing: Collection[Mailbox]
    ) -> Collection[Mailbox]:
        """The listeners that lack a change which others have by their resume.

        A listener that has only later changes of the conversation gets `resync`.
        """
        name, rev = event.conversation_id, int(event.rev)
        if rev > channel.ahead[name]:
            del channel.ahead[name]
            return hearing
        conversation_id = name.decode()
        holding = {one: one.holds(conversation_id, rev) for one in hearing}
        self.resync([one for one in hearing if holding[one] is None], [conversation_id])
        return [one for one in hearing if holding[one] is False]

    def _tell_missed(self, channel: Channel, name: bytes, rev: int) -> None:
        conversation_id = name.decode()
        lacking = [one for one in channel.listeners if not one.holds(conversation_id, rev)]
        self.resync(lacking, [conversation_id])

    def _hold(self, channel: Channel) -> None:
        if channel not in self.gapped:
            self._metrics.held()
            self.gapped.add(channel)
        self.has_gaps.set()
