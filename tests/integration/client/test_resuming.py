"""A client that comes back goes on from the log: nothing is synced, told twice or out of order."""

import asyncio
import time
from collections import Counter
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from client.connection.frames import JSON, MSGPACK
from client.state.client_state import ClientState
from client.state.saved import Saved, restore, save
from storage.redis.keys import key as redis_key
from tests.integration.client.cutting import cutting
from tests.integration.client.world import World


class Harbour(World):
    """With two conversations, and the first message of one."""

    pier = ""
    hill = ""
    first: Any = None


both_formats = pytest.mark.parametrize(
    "world", [JSON, MSGPACK], ids=["json", "msgpack"], indirect=True
)


@pytest.fixture
async def world(app, request):
    """Anna and Ben in two conversations, of which Carl is in one."""
    async with Harbour.of(app, getattr(request, "param", JSON)) as world:
        world.pier = await world.group(world.anna, world.carl)
        world.hill = await world.group(world.anna)
        await world.holds(world.hill)
        world.first = await world.says(world.ben, world.pier, "before")
        await world.says(world.ben, world.hill, "before")
        await world.converges()
        yield world


@pytest.fixture
async def other(serve):
    """Another node of the same instance."""
    async with serve() as other:
        yield other


async def much(world):
    """A little of everything that a log holds, by others and by another device of Anna's."""
    about = {"conversation_id": world.pier, "message_id": world.first["id"]}
    said = await world.says(world.ben, world.pier, "one", parent_id=world.first["id"])
    await world.says(world.anna, world.pier, "from another device")
    await world.says(world.ben, world.hill, "two", mentions=[world.anna.id])
    await world.does(world.carl, "reaction.add", **about, emoji="👍")
    await world.does(world.ben, "message.edit", **about, content="better")
    await world.does(world.ben, "member.remove", conversation_id=world.pier, user_id=world.carl.id)
    await world.does(world.ben, "member.add", conversation_id=world.pier, user_id=world.dora.id)
    await world.does(
        world.ben, "conversation.create", type="direct", participant_ids=[world.anna.id]
    )
    await world.does(world.anna, "receipt.read", conversation_id=world.pier, seq=said["seq"])
    await world.does(world.ben, "receipt.read", conversation_id=world.pier, seq=said["seq"])
    await world.says(world.dora, world.pier, "three")


def in_order_and_once(world):
    """Each durable event came once, and those of a conversation by rev."""
    eids = Counter(event.eid for event in world.record.events if event.eid is not None)
    assert max(eids.values(), default=1) == 1
    revs: dict[str, list[int]] = {}
    for event in world.record.events:
        if event.name.startswith("message."):
            revs.setdefault(event.d.message.conversation_id, []).append(event.d.rev)
    for of_one in revs.values():
        assert all(one < other for one, other in pairwise(of_one))
    return told_once(world)


def told_once(world):
    """The messages that appeared, each once."""
    told: Counter[tuple[str, int]] = Counter()
    while not world.told._queue.empty():
        change = world.told._queue.get_nowait()
        if change.name == "message.created":
            told[change.conversation_id, change.d.message.seq] += 1
    assert max(told.values(), default=1) == 1
    return told


def syncs(world):
    return [d for op, d in world.record.sent if op == "sync"]


async def settled(world):
    """Returns when the events of all that was done until now are in Anna's log."""
    b = await world.served.connect(world.ben)
    told = await world.says(world.ben, world.pier, "the last")
    await b.expect("message.created", where=lambda d: d["message"]["id"] == told["id"])


@both_formats
async def test_all_that_was_missed_follows(world):
    await world.leaves()
    await much(world)
    await settled(world)
    hello = await world.returns()
    assert hello.resumed
    assert hello.stale == []
    assert hello.unread is None
    missed = sum(event.eid is not None for event in world.record.events)
    assert hello.missed == missed >= 10
    await world.says(world.ben, world.hill, "and now")
    await world.converges()
    assert "sync" not in world.record.commands
    assert "notification.list" not in world.record.commands
    told = in_order_and_once(world)
    assert {seq for key, seq in told if key == world.pier} == {2, 3, 4, 5}


@both_formats
async def test_at_another_node(world, other):
    await world.leaves()
    await much(world)
    await settled(world)
    hello = await world.returns(other)
    assert hello.resumed
    await world.says(world.ben, world.pier, "and now")
    await world.converges()
    assert "sync" not in world.record.commands
    in_order_and_once(world)
    await world.leaves()
    assert (await world.returns()).resumed
    await world.converges()
    assert "sync" not in world.record.commands


async def test_nothing_missed(world):
    await world.leaves()
    hello = await world.returns()
    assert (hello.resumed, hello.missed) == (True, 0)
    await world.converges()
    assert world.record.commands == ["hello"]


async def test_watermarks_of_others_follow(world):
    await world.leaves()
    await world.does(world.ben, "receipt.read", conversation_id=world.pier, seq=1)
    await world.does(world.carl, "receipt.delivered", conversation_id=world.pier, seq=1)
    hello = await world.returns()
    assert hello.resumed
    await world.converges()
    assert "sync" not in world.record.commands


async def test_one_who_was_removed_and_taken_back(world):
    await world.leaves()
    about = {"conversation_id": world.pier, "user_id": world.anna.id}
    await world.does(world.ben, "member.remove", **about)
    await world.says(world.ben, world.pier, "without her")
    await world.does(world.ben, "member.add", **about)
    await world.says(world.ben, world.pier, "with her")
    await settled(world)
    hello = await world.returns()
    assert hello.resumed
    await world.converges()
    assert all(set(map(str, d.conversations)) <= set(hello.stale) for d in syncs(world))


@pytest.mark.parametrize("what", ["message", "settings"])
async def test_only_what_is_stale_is_synced(world, what):
    """The log only refers to what is large."""
    await world.leaves()
    await world.says(world.ben, world.hill, "short")
    if what == "message":
        await world.says(world.ben, world.pier, "x" * 3000)
    else:
        about = {"conversation_id": world.pier, "is_muted": True}
        await world.says(world.ben, world.pier, "x" * 900)
        await world.does(world.anna, "conversation.settings", **about)
    await world.says(world.ben, world.pier, "after it")
    await settled(world)
    hello = await world.returns()
    assert hello.resumed
    assert hello.stale == [world.pier]
    await world.converges()
    (asked,) = syncs(world)
    assert asked.only_named
    assert list(asked.conversations) == [UUID(world.pier)]
    assert "notification.list" not in world.record.commands
    told = in_order_and_once(world)
    assert set(told) == {(world.hill, 2), *((world.pier, seq) for seq in (2, 3, 4))}


async def test_another_log(world):
    await world.leaves()
    await much(world)
    redis = world.served.app.core.foundation.redis
    await redis.delete(redis_key("log", str(world.anna.id)))
    hello = await world.returns()
    assert not hello.resumed
    await world.converges()
    (asked,) = syncs(world)
    assert not asked.only_named
    assert "notification.list" in world.record.commands
    in_order_and_once(world)
    await world.leaves()
    await world.says(world.ben, world.hill, "and now")
    assert (await world.returns()).resumed
    await world.converges()
    assert "sync" not in world.record.commands


async def test_a_log_that_was_cut_off(world):
    await world.leaves()
    await much(world)
    await settled(world)
    redis = world.served.app.core.foundation.redis
    await redis.xtrim(redis_key("log", str(world.anna.id)), maxlen=1, approximate=False)
    assert not (await world.returns()).resumed
    await world.converges()
    assert len(syncs(world)) == 1
    in_order_and_once(world)


@both_formats
async def test_what_was_saved_goes_on_in_another_process(world, other):
    written = msgspec.msgpack.encode(save(world.state, time.monotonic()))
    await world.leaves()
    await much(world)
    await settled(world)
    state = restore(msgspec.msgpack.decode(written, type=Saved), time.monotonic())
    hello = await world.returns(other, state=state)
    assert hello.resumed
    assert hello.stale == []
    await world.converges()
    assert "sync" not in world.record.commands
    told = in_order_and_once(world)
    assert (world.pier, 1) not in told


async def test_a_large_conversation(world):
    crowd = await world.served.people(*["somebody"] * 32)
    for one in crowd:
        await world.does(world.ben, "member.add", conversation_id=world.pier, user_id=one.id)
    await world.says(world.ben, world.pier, "to many")
    await world.converges()
    await world.leaves()
    for number in range(3):
        await world.says(world.ben, world.pier, f"{number}")
    await world.says(world.ben, world.hill, "to one")
    await settled(world)
    hello = await world.returns()
    assert hello.resumed
    assert hello.stale == []
    await world.converges()
    assert "sync" not in world.record.commands
    # For a while after it has grown, its events go both ways.
    told = told_once(world)
    assert {seq for key, seq in told if key == world.pier} == {3, 4, 5, 6}


async def test_an_answer_that_was_lost(world):
    async with cutting(world.served.app.ws_port) as door:
        await world.leaves()
        await world.returns(url=door.url)
        client_id = str(uuid4())
        door.lose(client_id.encode())
        said = await world.client.send(world.pier, "once", client_id=client_id)
        assert said.seq == 2
        await world.client.send(world.pier, "and then")
        await world.converges()
        assert [hello.resumed for hello in world.record.hellos] == [True, True]
        assert world.record.commands.count("message.send") == 3
        assert "sync" not in world.record.commands
        told = in_order_and_once(world)
        assert set(told) == {(world.pier, 2), (world.pier, 3)}
        await world.leaves()
        assert door.cuts == 1


async def test_sends_that_were_under_way_keep_their_order(world):
    async with cutting(world.served.app.ws_port) as door:
        await world.leaves()
        await world.returns(url=door.url)
        door.lose(b"number 3")
        sends = [
            asyncio.create_task(world.client.send(key, f"number {number}"))
            for number in range(8)
            for key in (world.pier, world.hill)
        ]
        await asyncio.gather(*sends)
        await world.converges()
        for key in (world.pier, world.hill):
            texts = [said.content for said in world.state.conversations[key].history(2)]
            assert texts == [f"number {number}" for number in range(8)]
        in_order_and_once(world)
        assert "sync" not in world.record.commands
        await world.leaves()
        assert door.cuts == 1


async def test_an_own_message_does_not_hide_one_before_it(world, other, monkeypatch):
    """Ben's is committed before and published after the reply to Anna's, her first one here."""
    publisher = other.app.core.bus.publisher
    held: list[Any] = []
    await world.leaves()
    await world.returns(state=ClientState())
    with monkeypatch.context() as patched:
        patched.setattr(publisher, "publish", lambda batch, _=None: held.extend(batch))
        said = {"conversation_id": world.pier, "client_id": str(uuid4()), "content": "before"}
        await other.command("message.send", world.ben, said)
        mine = await world.client.send(world.pier, "after it")
        assert (mine.seq, held != []) == (3, True)
    publisher.publish(held)
    await world.client.until(lambda: world.state.conversations[world.pier].last_seq == 3)
    assert world.record.commands.count("sync") == 1
    assert told_once(world)[world.pier, 2] == 1
