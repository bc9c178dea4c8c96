"""A connection comes beside another one of its user: neither hears a hole, nor anything twice."""

import json
from uuid import UUID

from protocol.bus import FOLLOWS
from protocol.resume import Logged, Replay, replay
from protocol.sequencer import Gap
from storage.bus.event_log import LogPosition, LogTail
from tests.unit.delivery.steps import OTHER, ROOM, Ear, Process, change, word


async def test_who_joins_while_a_lost_channel_waits_for_its_log_hides_no_loss():
    process, first, second = Process(), Ear(), Ear()
    await process.joins(first, "1-0", Replay(revs={ROOM: 5}))
    process.loses()
    await process.joins(second, "3-0")
    process.arrives("4-0", word("heard"))
    lost = [Logged("2-0", change(7, OTHER)), Logged("3-0", word("lost"))]
    entries = [*lost, Logged("4-0", word("heard"))]
    process.hub.reconciled(process.channel(), LogTail(LogPosition("epoch", "4-0"), entries))
    assert first.heard == [7, "lost", "heard"]
    assert second.heard[-1] == "heard"


async def test_who_came_with_redis_away_is_told_to_sync_when_the_log_is_found():
    process, first, second, third = Process(), Ear(), Ear(), Ear()
    await process.joins(first, None)
    process.arrives("5-0", change(5))
    await process.hub.listeners.join(process.channel().owner, third)
    await process.joins(second, "7-0")
    for rev in (6, 7, 8):
        process.arrives(f"{rev}-0", change(rev))
    assert first.heard == [5, None, 8]
    assert second.heard == [8]
    process.begins(third, "7-0")
    third.open()
    assert third.heard == [8]


async def test_what_was_fetched_is_announced_to_who_read_the_log_before_it():
    process, first, second = Process(), Ear(), Ear()
    await process.joins(first, "1-0", Replay(revs={ROOM: 8}))
    channel = process.channel()
    process.hub.delivery.expect(channel, ROOM, 9)
    process.hub.delivery.fill(channel, Gap(ROOM.encode(), 8), [change(9)], 9)
    await process.hub.listeners.join(channel.owner, second)
    process.arrives("2-0", change(10))
    process.begins(second, "1-0", Replay(revs={ROOM: 8}))
    second.open()
    process.arrives("3-0", change(11))
    assert first.heard == [9, 10, 11]
    assert second.heard == [[ROOM], 11]


async def test_first_events_that_wait_are_not_told_to_who_has_them_by_the_log():
    process, first, second = Process(), Ear(), Ear()
    await process.joins(first, "1-0")
    channel = process.channel()
    await process.hub.listeners.join(channel.owner, second)
    process.arrives("2-0", change(9, key=FOLLOWS))
    process.arrives("3-0", change(10))
    told = replay([Logged("3-0", change(10))], {}, "2-0")
    process.begins(second, "3-0", told)
    second.open()
    process.arrives("4-0", change(11))
    assert first.heard == [9, 10, 11]
    assert second.heard == [[ROOM], 11]


async def test_a_message_that_its_sender_has_by_the_reply_is_told_to_who_joins_while_it_waits():
    process, first, second = Process(), Ear(), Ear()
    await process.joins(first, "1-0", Replay(revs={ROOM: 5}))
    mine = change(7)._replace(origin=first.origin)
    process.hub.delivery.has_reply(process.channel(), mine)
    await process.joins(second, "2-0")
    process.arrives("3-0", change(6))
    process.arrives("4-0", change(8))
    assert first.heard == [6, 8]
    assert second.heard == [6, 7, 8]


async def test_who_resumes_behind_what_others_were_told_is_told_to_sync():
    """Its place came after what the others have: it names no rev, and its log begins later."""
    process, first, second = Process(), Ear(), Ear()
    await process.joins(first, "1-0", Replay(revs={ROOM: 5}))
    process.arrives("2-0", change(8))
    process.arrives("3-0", change(6))
    process.arrives("4-0", change(7))
    assert first.heard == [6, 7, 8]
    told = replay([Logged("3-0", change(6)), Logged("4-0", change(7))], {}, "2-0")
    assert told is not None
    await process.joins(second, "4-0", told)
    process.arrives("5-0", change(9))
    assert second.heard == [[ROOM], 9]


async def test_what_looks_like_ones_own_message_in_a_gap_may_be_a_change_of_it():
    """A reaction was added and removed: the row is as it was sent, at the rev of the removal."""
    process, first, second = Process(), Ear(), Ear()
    for ear in (first, second):
        await process.joins(ear, "1-0", Replay(revs={ROOM: 5}))
    d = {"rev": 6, "prev_rev": 5, "message": {"client_id": OTHER}}
    fetched = change(6)._replace(ev=b"message.created", origin=b"", d=json.dumps(d).encode())
    process.hub._own.sent(UUID(OTHER), first.connection_id)
    process.hub.delivery.fill(process.channel(), Gap(ROOM.encode(), 5), [fetched], 6)
    assert first.heard == [[ROOM]]
    assert second.heard == [6]
