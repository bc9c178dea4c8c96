"""Fetches the events that are missing in channels: all gaps of the process in one query."""

import asyncio
import time
from collections.abc import Callable, Mapping
from uuid import UUID

import msgspec
import structlog

from protocol.bus import BusEvent
from protocol.errors import RequestError
from protocol.events import ConversationEvent, MemberEvent
from protocol.objects import Conversation, Message
from protocol.sequencer import Gap
from protocol.text import Id
from server.delivery.channel import Channel
from server.delivery.large_conversations import LargeConversations
from server.delivery.ordered_delivery import OrderedDelivery
from server.telemetry.metrics import Metrics
from storage.conversations.gap_reader import GapReader, Missed
from storage.messages.message_events import message_eid

log = structlog.get_logger()

HOLD_MOST_S = 1.0
HOLD_CALLS = 4
"""An event waits for those before it this many times the slowest recent publishing call."""
LOOKS = 4
"""Checks for due gaps within that time."""
BACKOFF_S = 0.5

_encode = msgspec.json.Encoder().encode


def hold_s(least_s: float, publish_s: float) -> float:
    """How long an event waits for those before it; `publish_s` is the time of the slowest recent
    publishing call.
    """
    return min(HOLD_MOST_S, max(least_s, HOLD_CALLS * publish_s))


class GapFiller:
    """Closes the gaps of a process' channels."""

    def __init__(
        self,
        delivery: OrderedDelivery,
        large: LargeConversations,
        reader: GapReader,
        metrics: Metrics,
        hold_s: Callable[[], float],
    ) -> None:
        """`hold_s` returns how long to wait for missing events before they are fetched."""
        self._delivery = delivery
        self._large = large
        self._reader = reader
        self._metrics = metrics
        self._hold_s = hold_s

    async def run(self) -> None:
        """Fill gaps until cancelled."""
        while True:
            await self._delivery.has_gaps.wait()
            hold_s = self._hold_s()
            await asyncio.sleep(hold_s / LOOKS)
            try:
                await self._fill(hold_s)
            except RequestError as error:
                log.warning("gaps_not_fetched", reason=error.code)
                await asyncio.sleep(BACKOFF_S)
            self._delivery.gapped = {
                one for one in self._delivery.gapped if one.listeners and one.sequencer.gapped
            }
            if not self._delivery.gapped:
                self._delivery.has_gaps.clear()

    async def _fill(self, hold_s: float) -> None:
        now = time.monotonic()
        due: list[tuple[Channel, Gap]] = []
        lowest: dict[UUID, int] = {}
        for channel in self._delivery.gapped:
            for gap in self._delivery.due(channel, now, hold_s):
                due.append((channel, gap))
                conversation_id = UUID(gap.conversation_id.decode())
                lowest[conversation_id] = min(gap.rev, lowest.get(conversation_id, gap.rev))
        if not due:
            return
        missed = await self._reader.missed(lowest)
        self._metrics.gaps_fetched(len(lowest))
        for channel, gap in due:
            self._close(channel, gap, missed.get(UUID(gap.conversation_id.decode())))

    def _close(self, channel: Channel, gap: Gap, missed: Missed | None) -> None:
        if channel.sequencer.rev_of(gap.conversation_id) != gap.rev:
            return  # events arrived meanwhile: a gap that remains is due again
        events, rev = None, 0
        if missed is not None:
            rev = missed.conversation.rev
            people = [one.user_id for one in missed.conversation.participants]
            members = {user_id: missed.came_after(user_id, gap.rev) for user_id in people}
            if channel.kind == "conversation":
                for user in self._large.absent(channel, members, rev):
                    self._dismiss(channel, user, gap, missed)
            # A user who joined after the held rev needs `conversation.created` or a sync first.
            if channel.kind == "conversation" or members.get(channel.owner) == 0:
                events = events_of(gap.rev, missed)
            elif missed.left_after(channel.owner, gap.rev):
                events, rev = until_departure(gap.rev, missed, channel.owner)
        if events is None:
            self._delivery.give_up(channel, gap.conversation_id.decode())
        else:
            self._delivery.fill(channel, gap, events, rev)

    def _dismiss(self, channel: Channel, user: Channel, gap: Gap, missed: Missed) -> None:
        """Send a user who has left a large conversation the events up to `member.left` only.

        The `conversation.created` of a user who came back may have been lost: the user's large
        conversations are read again.
        """
        events = None
        if missed.left_after(user.owner, gap.rev):
            events, rev = until_departure(gap.rev, missed, user.owner)
            self._large.of(user).turn(channel.owner, rev, is_in=False)
        self._delivery.tell_departed(channel, user, events or ())
        if events is None:
            self._delivery.resync(user.listeners, [channel.owner])
        self._large.leave(user, channel.owner)
        if user.owner in missed.arrived:
            self._large.grown.put_nowait((user, None))


def until_departure(held: int, missed: Missed, user_id: str) -> tuple[list[BusEvent] | None, int]:
    """The events after `held` for a user who has left: earlier changes, then `member.left`.

    A message that changed later is left out: the user must not get an object of a later rev.
    Returned with the rev of leaving. None as in `events_of`.
    """
    left, conversation = missed.departed[user_id], missed.conversation
    if missed.messages is None:
        return None, left.rev
    as_left = msgspec.structs.replace(conversation, rev=left.rev)
    rows = [message for message in missed.messages if message.rev < left.rev]
    events = events_of(held, Missed(as_left, rows, {}, {}))
    if events is None:
        return None, left.rev
    before = int(events[-2].rev) if len(events) > 1 else held
    name, rev = conversation.id.encode(), b"%d" % left.rev
    member = MemberEvent(conversation.id, user_id, left.role, left.rev, before, left.display_name)
    last = BusEvent(b"member.left", message_eid(name, rev), name, rev, d=_encode(member))
    return [*events[:-1], last], left.rev


def events_of(held: int, missed: Missed) -> list[BusEvent] | None:
    """Changed messages, then the conversation, as events at their true revs after `held`.

    The revs must be true: a recipient may hold replies to its own sends, and an invented rev equal
    to one of those would be dropped as a duplicate. None means that a sync is needed: the rows do
    not show whether something else changed too, since a row has only its message's latest rev, and
    a reply also moves the rev of its parent.
    """
    if missed.messages is None:
        return None
    conversation = missed.conversation
    # They were read for the channel with the lowest rev.
    rows = sorted((one for one in missed.messages if one.rev > held), key=lambda one: one.rev)
    revs = {message.rev for message in rows}
    is_all = len(revs) == conversation.rev - held
    if is_all:
        # Each rev belongs to one row: the parents of replies had no other change.
        parents = {message.parent_id for message in rows}
        told_by_replies = {row.id for row in rows if row.id in parents and _shares_rev(row, rows)}
        # Each new message took a rev, so messages up to this seq are not new.
        known_seq = conversation.last_seq - (conversation.rev - held)
        if any(row.seq > known_seq for row in rows if row.id in told_by_replies):
            return None
        rows = [row for row in rows if row.id not in told_by_replies]
    elif len(revs) < len(rows) or conversation.rev in revs:
        return None
    stands = {message.id: message.rev for message in missed.messages}
    events = []
    before = held
    for message in rows:
        events.append(_message(message, before, stands))
        before = message.rev
    if not is_all:
        events.append(_conversation(conversation, before))
    return events


def _shares_rev(row: Message, rows: list[Message]) -> bool:
    return any(other.rev == row.rev and other.parent_id == row.id for other in rows)


def _message(message: Message, before: int, stands: Mapping[Id, int]) -> BusEvent:
    ev = b"message.created" if _is_plain(message, stands) else b"message.updated"
    d = b'{"message":%b,"rev":%d,"prev_rev":%d}' % (_encode(message), message.rev, before)
    name, rev = message.conversation_id.encode(), b"%d" % message.rev
    return BusEvent(ev, message_eid(name, rev), name, rev, d=d)


def _conversation(conversation: Conversation, before: int) -> BusEvent:
    name, rev = conversation.id.encode(), b"%d" % conversation.rev
    d = _encode(ConversationEvent(conversation, conversation.rev, before))
    return BusEvent(b"conversation.updated", message_eid(name, rev), name, rev, d=d)


def _is_plain(message: Message, stands: Mapping[Id, int]) -> bool:
    """Whether the message is as it was sent, as far as the row shows.

    A reply moved its parent to the reply's own rev. A reply above its parent's rev was changed and
    changed back; sent as created, it would be counted twice.
    """
    changed = message.edited_at or message.reactions or message.is_pinned or message.is_deleted
    is_above = message.parent_id is not None and stands.get(message.parent_id, 0) < message.rev
    return not (changed or message.reply_count or is_above)
