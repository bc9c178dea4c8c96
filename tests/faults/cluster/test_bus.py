"""Channels and commands on a cluster: a slot that moves, a node that dies, and the others."""

import asyncio
from collections import defaultdict

import pytest
from redis.exceptions import RedisError

import storage.redis.node_map
from storage.redis.client import NodeSilentError, ScriptCall, call_each
from storage.redis.keys import key, user_channel
from storage.redis.node_map import Address
from tests.faults.conftest import freeze, thaw

INCREMENT = "return redis.call('INCR', KEYS[1])"


def on(cluster, users):
    """The users by the number of the master that has them at the start."""
    by_master = defaultdict(list)
    for user in users:
        by_master[cluster.slot_of(user_channel(user)) * 3 // 16_384].append(user)
    return by_master


def channels(users):
    return {user_channel(user) for user in users}


async def test_events_of_all_shards_arrive_once_and_in_order(valkey_cluster, bus, users):
    assert all(len(some) > 10 for some in on(valkey_cluster, users).values())
    await bus.listen(users)
    for number in range(50):
        assert await bus.say(users, number)
    await bus.until(lambda: all(len(bus.heard[user]) == 50 for user in users))
    assert all(bus.heard[user] == list(range(50)) for user in users)
    assert bus.gapped() == set()
    for user in users[:5]:
        assert await bus.redis.xlen(key("log", user)) == 51


async def test_a_slot_that_moves_is_a_gap_of_its_channels_alone(valkey_cluster, bus, users):
    await bus.listen(users)
    mover = users[7]
    slot = valkey_cluster.slot_of(user_channel(mover))
    source = await valkey_cluster.owner(slot)
    target = next(node for node in valkey_cluster.nodes[:3] if node is not source)
    await valkey_cluster.begin_move(slot, source, target)
    assert await bus.say(users, 1)  # its log is at the source
    assert await valkey_cluster.move_keys(slot, source, target) == 1
    assert await bus.say(users, 2)  # and now at the target, by ASK
    await valkey_cluster.end_move(slot, source, target)
    await bus.until(bus.gapped)
    assert bus.gapped() == channels([mover])
    assert await bus.say(users, 3)
    await bus.until(lambda: all(3 in bus.heard[user] for user in users))
    # Who did not move has heard all; of what the target held, the mover's log tells.
    assert all(bus.heard[user] == [1, 2, 3] for user in users if user != mover)
    assert bus.heard[mover] == [1, 3]
    assert await bus.redis.xlen(key("log", mover)) == 4


@pytest.fixture
def unpolled(monkeypatch):
    """Nobody looks at the map unless told."""
    monkeypatch.setattr(storage.redis.node_map, "POLL_S", 60)


@pytest.fixture
def polled_often(monkeypatch):
    """Nobody waits long for the next look at the map."""
    monkeypatch.setattr(storage.redis.node_map, "POLL_S", 0.2)


@pytest.mark.usefixtures("unpolled")
async def test_a_slot_that_moves_at_once(valkey_cluster, bus, users, clock):
    await bus.listen(users)
    mover = users[11]
    slot = valkey_cluster.slot_of(user_channel(mover))
    source = await valkey_cluster.owner(slot)
    target = next(node for node in valkey_cluster.nodes[:3] if node is not source)
    assert await bus.say(users, 1)
    await valkey_cluster.move_at_once(slot, source, target)
    with clock.time("told", 3.0):
        await bus.until(bus.gapped)
    assert bus.gapped() == channels([mover])
    assert await bus.say(users, 2)
    await bus.until(lambda: all(bus.heard[user] == [1, 2] for user in users))


@pytest.mark.usefixtures("polled_often")
async def test_a_slot_that_moves_there_and_back(valkey_cluster, bus, users):
    await bus.listen(users)
    slot = valkey_cluster.slot_of(user_channel(users[0]))
    one = await valkey_cluster.owner(slot)
    other = next(node for node in valkey_cluster.nodes[:3] if node is not one)
    for number, (source, target) in enumerate([(one, other), (other, one)] * 3):
        await valkey_cluster.begin_move(slot, source, target)
        await valkey_cluster.move_keys(slot, source, target)
        await valkey_cluster.end_move(slot, source, target)
        await bus.until(lambda moves=number + 1: sum(map(len, bus.gaps)) >= moves)
    assert bus.gapped() == channels(users[:1])
    assert await bus.say(users, 1)
    await bus.until(lambda: all(bus.heard[user] == [1] for user in users))


async def test_a_dead_master_is_succeeded_and_the_others_notice_nothing(
    valkey_cluster, bus, users, clock
):
    await bus.listen(users)
    mine = on(valkey_cluster, users)[1]
    others = [user for user in users if user not in mine]
    master = valkey_cluster.nodes[1]
    with clock.time("failover", 15):
        await master.kill()
        number = 0
        while not bus.gapped():  # the others go on
            number += 1
            with clock.time("publish to the others", 1.0):
                assert await bus.say(others, number)
    assert bus.gapped() == channels(mine)
    with clock.time("publish at the new master", 2.0):
        assert await bus.say(users, number + 1)
    await bus.until(lambda: all(number + 1 in bus.heard[user] for user in users))
    assert all(bus.heard[user] == list(range(1, number + 2)) for user in others)
    assert all(bus.heard[user] == [number + 1] for user in mine)


@pytest.mark.usefixtures("unpolled")
async def test_a_master_that_hands_over(valkey_cluster, bus, users, clock):
    """It lives on, as the replica of the one that was its own: nothing there is for us."""
    await bus.listen(users)
    mine = on(valkey_cluster, users)[1]
    await valkey_cluster.hand_over(valkey_cluster.nodes[1])
    with clock.time("told", 3.0):
        await bus.until(lambda: bus.gapped() == channels(mine))
    assert await bus.say(users, 1)
    await bus.until(lambda: all(bus.heard[user] == [1] for user in users))


async def test_a_master_that_hangs_is_succeeded_too(valkey_cluster, bus, users, clock):
    """Nothing is closed and nothing refused: only the map tells."""
    await bus.listen(users)
    mine = on(valkey_cluster, users)[2]
    others = [user for user in users if user not in mine]
    master = valkey_cluster.nodes[2]
    freeze(master.pid)
    try:
        with clock.time("failover", 20):
            with clock.time("first publish", 3.0):
                assert not await bus.say(users, 0)
            await bus.until(lambda: all(bus.heard[user] == [0] for user in others))
            with clock.time("publish to the others", 0.5):
                assert await bus.say(others, 1)
            await valkey_cluster.succeeded(master)
            await bus.until(lambda: bus.gapped() == channels(mine))
        with clock.time("publish at the new master", 2.0):
            assert await bus.say(users, 2)
        await bus.until(lambda: all(2 in bus.heard[user] for user in users))
        assert all(bus.heard[user] == [0, 1, 2] for user in others)
    finally:
        thaw(master.pid)


async def test_a_master_that_comes_back_is_not_believed(valkey_cluster, bus, users):
    """It was succeeded while it was dead, and has not heard of it."""
    old = valkey_cluster.nodes[1]
    slot = valkey_cluster.slot_of(user_channel(on(valkey_cluster, users)[1][0]))
    await old.kill()
    new = await valkey_cluster.succeeded(old)
    await bus.until_owned(slot, new.port)
    others = [node for node in valkey_cluster.nodes if node is not old]
    for node in others:
        freeze(node.pid)
    try:
        await old.start()
        assert slot in await old.slots()
        bus.nodes.disturbed(Address("127.0.0.1", old.port))
        with pytest.raises(RedisError):
            await bus.nodes.refresh()
        assert bus.nodes.owner(slot).port == new.port
    finally:
        for node in others:
            thaw(node.pid)
    await bus.nodes.refresh()
    assert bus.nodes.owner(slot).port == new.port


async def test_a_silent_node_is_waited_for_once(valkey_cluster, bus, users, clock):
    """Without a replica to take over: its own users fail at once, the others are served."""
    mine = on(valkey_cluster, users)
    await valkey_cluster.nodes[3].kill()
    freeze(valkey_cluster.nodes[0].pid)
    try:
        with clock.time("first", 3.0), pytest.raises((RedisError, TimeoutError)):
            await bus.redis.get(key("some", mine[0][0]))
        for _ in range(20):
            with clock.time("again", 0.2), pytest.raises(NodeSilentError):
                await bus.redis.get(key("some", mine[0][0]))
            with clock.time("others", 0.2):
                assert await bus.redis.get(key("some", mine[1][0])) is None
    finally:
        thaw(valkey_cluster.nodes[0].pid)
    with clock.time("back", 2.0):
        while bus.nodes.is_silent(bus.nodes.owner(0)):
            await asyncio.sleep(0.01)
        assert await bus.redis.get(key("some", mine[0][0])) is None


async def test_commands_follow_a_slot_on_its_way(valkey_cluster, bus, users):
    name = key("count", users[3])
    script = bus.redis.register_script(INCREMENT)
    slot = valkey_cluster.slot_of(name.encode())
    source = await valkey_cluster.owner(slot)
    target = next(node for node in valkey_cluster.nodes[:3] if node is not source)
    assert await script(keys=[name]) == 1
    await valkey_cluster.begin_move(slot, source, target)
    assert await script(keys=[name]) == 2
    await valkey_cluster.move_keys(slot, source, target)
    # Asked for at the target over several connections at once.
    counts = await asyncio.gather(*(script(keys=[name]) for _ in range(20)))
    assert sorted(counts) == list(range(3, 23))
    pipeline = bus.redis.pipeline(transaction=False)
    for user in users:
        pipeline.incr(key("count", user))
    assert (await pipeline.execute())[3] == 23
    await valkey_cluster.end_move(slot, source, target)
    assert await script(keys=[name]) == 24
    assert bus.nodes.owner(slot).port == target.port


async def test_scripts_are_loaded_where_they_are_unknown(valkey_cluster, bus, users):
    script = bus.redis.register_script(INCREMENT)
    calls = [ScriptCall([key("count", user)], []) for user in users]
    assert await call_each(bus.redis, script, calls) == [1] * 64
    await valkey_cluster.nodes[0].ask("SCRIPT", "FLUSH")
    assert await call_each(bus.redis, script, calls) == [2] * 64
    await valkey_cluster.nodes[1].ask("SCRIPT", "FLUSH")
    mine = on(valkey_cluster, users)[1]
    counts = [await script(keys=[key("count", user)]) for user in mine]
    assert counts == [3] * len(mine)


async def test_keys_of_two_slots_are_refused(bus, users):
    with pytest.raises(RedisError):
        await bus.redis.mget([key("a", users[0]), key("a", users[1])])
