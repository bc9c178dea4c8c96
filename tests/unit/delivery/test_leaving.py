"""Who leaves a large conversation, comes, or is told by a reference: no hole, nothing after."""

from typing import Any, cast
from uuid import UUID

from protocol.bus import JOINS_ROUTE, LEAVES_ROUTE, BusEvent
from protocol.objects import Conversation, Message, Participant
from protocol.resume import Logged, Replay
from protocol.sequencer import HELD_MAX, Gap
from server.delivery.gap_filler import GapFiller
from server.telemetry.metrics import Metrics
from storage.bus.event_log import LogPosition, LogTail
from storage.conversations.gap_reader import Departed, GapReader, Missed
from storage.conversations.reader import Audience
from tests.unit.delivery.steps import ME, OTHER, ROOM, Ear, Process, change
from tests.unit.delivery.test_joining_large import SOMEBODY, beside

CLIENT = "00000000-0000-0000-0000-0000000000e1"


def message(rev, client_id=CLIENT):
    return Message(
        id=f"m{rev}",
        conversation_id=ROOM,
        seq=rev,
        rev=rev,
        sender_id=ME,
        client_id=client_id,
        type="text",
        content="",
        created_at="2026-11-20T22:00:00.000Z",
    )


def conversation(rev):
    people = [Participant(SOMEBODY, "member", 0, 0)]
    return Conversation(
        *(ROOM, "group", "open", None, None, None, people),
        *(rev, rev, None, None, "2026-11-20T22:00:00.000Z"),
    )


def filler(process):
    delivery = process.hub.delivery
    return GapFiller(delivery, process.hub.large, cast("GapReader", None), Metrics(), lambda: 0.0)


def room(process):
    return process.hub.listeners.conversation(ROOM)


class Members:
    """PostgreSQL says which large conversations somebody is in."""

    def __init__(self, large):
        self.large = large

    async def large_of(self, _user):
        return self.large


async def note_large(_user, _epoch, large):
    return large


def asks(process, large):
    """Memberships are read from PostgreSQL, and noted in Redis."""
    process.large._reader = cast("Any", Members(large))
    cast("Any", process.logs).note_large = note_large


LEFT = change(34, ev=b"member.left")


async def entering():
    """One is told by the own channel that the conversation's is to be joined; another has it."""
    process, other, one = Process(), Ear(), Ear()
    process.logs.told = {ROOM: (33, [])}
    await process.joins(other, "1-0", user=SOMEBODY)
    await process.large.join(other, process.channel(SOMEBODY), {ROOM: 3}, {})
    await process.joins(one, "1-0")
    await process.large.join(one, process.channel(), {}, {})
    process.arrives("2-0", change(33, route=JOINS_ROUTE))
    return process, one


async def test_who_leaves_while_being_taken_over_is_told_and_hears_no_more():
    process, one = await entering()
    process.logs.told = {ROOM: (34, [LEFT])}
    process.arrives_large(LEFT)
    await process.large._join_grown(*process.hub.large.grown.get_nowait())
    process.arrives_large(change(35))
    process.arrives("3-0", LEFT._replace(route=LEAVES_ROUTE))
    process.arrives_large(change(36))
    assert one.heard == [33, 34]


async def test_leaving_is_told_also_where_the_conversations_channel_was_faster():
    process, one = await entering()
    process.arrives_large(LEFT)
    process.arrives("3-0", LEFT._replace(route=LEAVES_ROUTE))
    await process.large._join_grown(*process.hub.large.grown.get_nowait())
    process.arrives_large(change(35))
    assert one.heard == [33, 34]


async def test_who_is_taken_over_without_a_rev_is_told_to_sync_then():
    """Redis has lost the log: it was synced at once, and PostgreSQL is asked later."""
    process, other, one = Process(), Ear(), Ear()
    process.logs.told = {ROOM: (33, [])}
    await process.joins(other, "1-0", user=SOMEBODY)
    await process.large.join(other, process.channel(SOMEBODY), {ROOM: 3}, {})
    await process.joins(one, "1-0")
    await process.large.join(one, process.channel(), {}, {})
    process.loses()
    process.hub.reconciled(process.channel(), LogTail(LogPosition("other", "1-0"), None))
    process.arrives_large(change(34))
    # The client syncs here, and has 34.
    process.arrives_large(change(35))
    asks(process, {ROOM: 35})
    await process.large._join_grown(*process.hub.large.grown.get_nowait())
    assert one.heard == [None, [ROOM]]


async def test_who_has_left_is_told_no_own_message_and_nothing_twice():
    one = Ear()
    process = await beside(one)
    # As `_cross` notes it: told up to 34 by the user's channel.
    room(process).told_to[one] = 34
    process.hub._own.sent(UUID(CLIENT), one.connection_id)
    process.arrives("2-0", change(36, ev=b"member.left", route=LEAVES_ROUTE))
    gone = {ME: Departed(36, "member", "Me", 3)}
    missed = Missed(conversation(37), [message(34, OTHER), message(35)], gone, {})
    filler(process)._close(room(process), Gap(ROOM.encode(), 33), missed)
    assert one.heard == [36]


async def test_a_leaving_among_too_many_is_not_forgotten():
    one, other = Ear(), Ear()
    process = await beside(one)
    await process.joins(other, "1-0", user=SOMEBODY)
    await process.large.join(other, process.channel(SOMEBODY), {ROOM: 3}, {})
    left = change(35, ev=b"member.left")
    process.arrives("2-0", left._replace(route=LEAVES_ROUTE))
    last = 36 + HELD_MAX
    process.arrives_large(left, *map(change, range(36, last)))
    fill = filler(process)

    class Reader:
        async def missed(self, _held):
            gone = {ME: Departed(35, "member", "Me", 3)}
            return {UUID(ROOM): Missed(conversation(last - 1), None, gone, {})}

    fill._reader = cast("Any", Reader())
    await fill._fill(0.0)
    process.arrives_large(change(last))
    assert one.heard == [[ROOM]]
    assert other.heard[-2:] == [[ROOM], last]


async def test_who_came_back_unheard_is_taken_in_again():
    """Left at 34 and back at 36, and Redis lost both; the conversation is at 38 by now."""
    one, other = Ear(), Ear()
    process = await beside(one)
    await process.joins(other, "1-0", user=SOMEBODY)
    await process.large.join(other, process.channel(SOMEBODY), {ROOM: 3}, {})
    asks(process, {ROOM: 38})
    # The user is still taken for a member when the memberships are read for the new log.
    await process.large._join_grown(process.channel(), None)
    process.arrives_large(change(39))
    back = Missed(conversation(38), [message(35, OTHER), message(37, OTHER)], {}, {ME: 36})
    filler(process)._close(room(process), Gap(ROOM.encode(), 33), back)
    await process.large._join_grown(*process.hub.large.grown.get_nowait())
    process.arrives_large(change(40))
    assert one.heard == [[ROOM], [ROOM], 40]
    assert other.heard[-1] == 40


async def test_who_is_taken_in_anew_is_not_told_what_was_in_between():
    """The conversation's own channel told of the leaving at 34, and Redis lost what followed."""
    one, other = Ear(), Ear()
    process = await beside(one)
    await process.joins(other, "1-0", user=SOMEBODY)
    await process.large.join(other, process.channel(SOMEBODY), {ROOM: 3}, {})
    process.arrives_large(change(34, ev=b"member.left"))
    asks(process, {ROOM: 37})
    await process.large._join_grown(process.channel(), None)
    process.arrives_large(*map(change, range(35, 39)))
    assert one.heard == [34, [ROOM], 38]
    assert other.heard == [34, 35, 36, 37, 38]


async def test_who_is_no_longer_in_it_by_postgresql_is_told_to_sync():
    """Entering another one failed: all are read anew, and this was left at 36."""
    one, other = Ear(), Ear()
    process = await beside(one)
    await process.joins(other, "1-0", user=SOMEBODY)
    await process.large.join(other, process.channel(SOMEBODY), {ROOM: 3}, {})
    asks(process, {})
    await process.large._join_grown(process.channel(), None)
    left = change(36, ev=b"member.left")
    process.arrives_large(change(34), change(35), left)
    process.arrives("2-0", left._replace(route=LEAVES_ROUTE))
    assert one.heard == [[ROOM], 36]


async def test_who_left_twice_in_a_gap_is_not_told_what_was_in_between():
    """Left at 34, taken in at 38, left at 40: of 35 to 37 nothing is told."""
    process, one = Process(), Ear()
    await process.joins(one, "1-0", Replay(revs={ROOM: 33}))
    process.arrives("2-0", change(34, ev=b"member.left"))
    process.arrives("3-0", change(40, ev=b"member.left"))
    gone = {ME: Departed(40, "member", "Me", 38)}
    rows = [message(36, OTHER), message(39, OTHER)]
    missed = Missed(conversation(40), rows, gone, {})
    filler(process)._close(process.channel(), Gap(ROOM.encode(), 34), missed)
    assert one.heard == [34, [ROOM]]


async def test_settings_of_a_large_conversation_that_are_only_a_reference_are_synced():
    one = Ear()
    process = await beside(one)
    process.loses()
    lost = BusEvent(b"conversation.settings", b"s.1", ROOM.encode())
    entries = [Logged("2-0", lost)]
    process.hub.reconciled(process.channel(), LogTail(LogPosition("epoch", "2-0"), entries))
    assert one.heard == [[ROOM]]


async def test_being_taken_in_again_is_not_hidden_by_what_has_the_same_rev():
    process, one = Process(), Ear()
    await process.joins(one, "1-0", Replay(revs={ROOM: 33}))
    process.arrives("2-0", change(34, ev=b"member.left"))
    process.loses()
    back = change(35, ev=b"conversation.created")._replace(eid=b"%b.35.c" % ROOM.encode(), d=b"")
    joined = change(35, ev=b"member.joined")
    entries = [Logged("3-0", back), Logged("4-0", joined)]
    process.hub.reconciled(process.channel(), LogTail(LogPosition("epoch", "4-0"), entries))
    process.arrives("5-0", change(36))
    assert one.heard == [34, [ROOM], 35, 36]


def test_who_came_back_since_may_have_left_before_what_is_told():
    """In it at 38, left at 40, back at 45: the object of rev 42 does not come with rev 38."""
    back = Audience("conversation", [(ME, 45, (1 << 63) - 1)], 0)
    assert back.lacks(38, 42)
    assert not back.lacks(46, 47)
