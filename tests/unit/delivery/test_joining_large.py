"""The same with conversations that have a channel of their own."""

import pytest

from protocol.bus import JOINS_ROUTE, LEAVES_ROUTE
from protocol.resume import Replay
from tests.unit.delivery.steps import ME, ROOM, Ear, Process, change

SOMEBODY = "00000000-0000-0000-0000-000000000002"


async def beside(first):
    """A process where a connection listens to a large conversation that is at rev 33."""
    process = Process()
    process.logs.told = {ROOM: (33, [])}
    await process.joins(first, "1-0")
    await process.large.join(first, process.channel(), {ROOM: 3}, {})
    return process


async def comes(process, ear, *, at, held, large):
    """A second connection goes on at a place, holding a rev; large since another."""
    channel = await process.hub.listeners.join(process.channel().owner, ear)
    process.begins(ear, at, Replay(revs={ROOM: held}))
    await process.large.join(ear, channel, {ROOM: large}, {ROOM: held})


async def test_what_the_log_told_is_not_told_again():
    first, second = Ear(), Ear()
    process = await beside(first)
    process.logs.told = {ROOM: (35, [change(34), change(35)])}
    await comes(process, second, at="1-0", held=33, large=3)
    events, stale = await process.large.replay(second, process.channel(), [ROOM], {ROOM: 33})
    assert ([int(one.event.rev) for one in events], stale) == ([34, 35], set())
    second.open()
    process.arrives_large(change(34), change(35), change(36))
    assert first.heard == [34, 35, 36]
    assert second.heard == [36]


async def test_who_has_left_by_the_log_of_another_connection_is_told_to_sync():
    first, second = Ear(), Ear()
    process = await beside(first)
    left = change(35, ev=b"member.left")
    process.logs.told = {ROOM: (35, [change(34), left])}
    await comes(process, second, at="1-0", held=33, large=3)
    events, stale = await process.large.replay(second, process.channel(), [ROOM], {ROOM: 33})
    assert (events, stale) == ([], {ROOM})
    second.open()
    process.arrives_large(change(34))
    process.arrives("2-0", left._replace(route=LEAVES_ROUTE))
    assert first.heard == [[ROOM]]
    assert second.heard == []


@pytest.mark.parametrize("is_own_first", [True, False])
async def test_who_has_left_hears_nothing_until_taken_in_again(is_own_first):
    """The second connection knows of both by its hello, and the first of neither."""
    first, second = Ear(), Ear()
    process = await beside(first)
    await comes(process, second, at="9-0", held=38, large=38)
    second.open()
    left = change(35, ev=b"member.left")
    back = change(38, ev=b"conversation.created", route=JOINS_ROUTE)
    process.arrives_large(change(34))
    if is_own_first:
        process.arrives("2-0", left._replace(route=LEAVES_ROUTE))
    process.arrives_large(left, change(36), change(37))
    if not is_own_first:
        process.arrives("2-0", left._replace(route=LEAVES_ROUTE))
    process.arrives("3-0", back)
    assert 36 not in first.heard
    assert 37 not in first.heard
    assert first.heard[-1] in ([ROOM], 38)
    assert not [one for one in second.heard if isinstance(one, int)]


async def test_what_is_below_the_conversation_that_one_was_told_does_not_follow_it():
    """It was entered while PostgreSQL was asked which are large; others here lag behind."""
    process, other, one = Process(), Ear(), Ear()
    process.logs.told = {ROOM: (25, [])}
    await process.joins(other, "1-0", user=SOMEBODY)
    await process.large.join(other, process.channel(SOMEBODY), {ROOM: 3}, {})
    await process.joins(one, "1-0")
    process.arrives("2-0", change(30, ev=b"conversation.created", route=JOINS_ROUTE))
    await process.large.join(one, process.channel(), {ROOM: 30}, {})
    await process.large._join_grown(*process.hub.large.grown.get_nowait())
    process.arrives_large(*map(change, range(26, 33)))
    assert one.heard[0] == 30
    assert one.heard[-2:] == [31, 32]
    assert not set(range(26, 30)) & set(one.heard)


async def test_what_one_came_too_late_for_leaves_no_hole():
    """Its user's channel was heard while the conversation's was not joined yet."""
    process, other, one = Process(), Ear(), Ear()
    process.logs.told = {ROOM: (33, [])}
    await process.joins(other, "1-0", user=SOMEBODY)
    await process.large.join(other, process.channel(SOMEBODY), {ROOM: 3}, {})
    channel = await process.hub.listeners.join(ME, one)
    process.begins(one, None)
    process.arrives("2-0", change(34))
    process.arrives_large(change(34), change(35))
    await process.large.join(one, channel, {ROOM: 30}, {})
    one.open(is_synced=True)
    process.arrives_large(change(36))
    assert other.heard == [34, 35, 36]
    assert one.heard == [36]
