"""Two processes on a cluster, and people whose shards are all over it: nothing lost, none twice."""

import asyncio
import contextlib
import itertools
from functools import partial
from uuid import uuid4

import pytest

from client.connection.connection import Dial
from client.connection.credentials import Credentials
from client.connection.frames import JSON, MSGPACK
from client.connection.reconnect import Backoff
from client.session import Patience, Session
from storage.redis.keys import shard_of, user_channel
from tests.faults.conftest import freeze, thaw

PAIRS = 10
FRAMES = (JSON, MSGPACK)
COMPLETE_S = 40.0


class Talk:
    """Two people, one on each process, and a conversation in which both write."""

    def __init__(self, sessions, key):
        self.sessions = sessions
        self.key = key
        self.sent = 0
        self.told = [session.changes(100_000) for session in sessions]
        self._numbers = itertools.count(1)

    async def say(self):
        """One message of either side at once."""
        number = next(self._numbers)
        await asyncio.gather(*(one.send(self.key, f"{number}") for one in self.sessions))
        self.sent += 2

    async def complete(self):
        """Each holds all, in order, and was told of each once."""
        for session, told in zip(self.sessions, self.told, strict=True):
            await session.until(lambda s=session: self.has(s), COMPLETE_S)
            await session.until(lambda s=session: s.is_ready, COMPLETE_S)
            history = self._held(session).history()
            assert [message.seq for message in history] == list(range(1, self.sent + 1))
            seqs = []
            while not told._queue.empty():
                change = await anext(told)
                if change.name == "message.created":
                    seqs.append(change.d.message.seq)
            assert seqs == list(range(1, self.sent + 1))

    def has(self, session):
        """Whether it has the last message."""
        return self._held(session).last_seq == self.sent

    def _held(self, session):
        return session.state.conversations[self.key]


@pytest.fixture
async def both(serve, valkey_cluster):
    """The app twice, on the cluster."""
    options = {"redis_url": valkey_cluster.url, "redis_cluster": True}
    async with serve(**options) as one, serve(**options) as other:
        yield one, other


@pytest.fixture
async def talks(both):
    """Pairs of people who talk, each pair over both processes."""
    async with contextlib.AsyncExitStack() as stack:
        made = []
        for number in range(PAIRS):
            people = await both[0].people(f"anna {number}", f"ben {number}")
            sessions = []
            for served, person, frames in zip(both, people, FRAMES, strict=True):
                session = Session(
                    Credentials(token=person.token),
                    Dial(f"ws://127.0.0.1:{served.app.ws_port}/v1/ws", frames),
                    backoff=Backoff(base_s=0.05, cap_s=0.5),
                    patience=Patience(request_s=10, send_s=30),
                )
                await stack.enter_async_context(session)
                await session.ready()
                sessions.append(session)
            talk = await sessions[0].create_direct(sessions[1].state.me)
            await sessions[1].until(partial(sessions[1].state.conversations.__contains__, talk.id))
            made.append(Talk(sessions, talk.id))
        yield made


@contextlib.asynccontextmanager
async def traffic(talks):
    """All talk for as long as the block takes, and a little longer."""
    stop = asyncio.Event()

    async def go_on(talk):
        while not stop.is_set():
            await talk.say()
            await asyncio.sleep(0.02)
        for _ in range(5):
            await talk.say()

    async with asyncio.TaskGroup() as group:
        for talk in talks:
            group.create_task(go_on(talk))
        yield
        stop.set()


async def said(talks, more):
    """So many further messages of each pair."""
    wanted = [talk.sent + more for talk in talks]
    async with asyncio.timeout(COMPLETE_S):
        while any(talk.sent < least for talk, least in zip(talks, wanted, strict=True)):
            await asyncio.sleep(0.02)


async def test_people_of_all_shards_talk(both, talks):
    assert len({shard_of(session.state.me) for talk in talks for session in talk.sessions}) > 8
    async with traffic(talks):
        await said(talks, 20)
    for talk in talks:
        await talk.complete()


async def test_what_is_not_a_message(both):
    one, other = both
    anna, ben = await one.people("anna", "ben")
    a, b = await one.connect(anna), await other.connect(ben, "msgpack")
    made = await a.ask("conversation.create", type="direct", participant_ids=[ben.id])
    room = made["conversation"]["id"]
    for wire in (b, a):
        await wire.ask("message.send", conversation_id=room, client_id=uuid4(), content="a word")
    await a.ask("typing.start", conversation_id=room)
    await b.expect("typing.started", where=lambda d: d["user_id"] == str(anna.id))
    await b.ask("receipt.read", conversation_id=room, seq=2)
    await a.expect("receipt.read", where=lambda d: d["user_id"] == str(ben.id) and d["seq"] == 2)
    watched = await a.ask("presence.watch", user_ids=[ben.id])
    assert [one["status"] for one in watched["presences"]] == ["online"]
    await b.ask("presence.set", status="away")
    await a.expect("presence.changed", where=lambda d: d["status"] == "away")
    ready = await one.http("GET", "/readyz")
    assert (ready.status, ready.body["redis"]) == (200, "ok")


async def test_a_master_dies_amid_the_talk(valkey_cluster, talks, clock):
    master = valkey_cluster.nodes[0]
    async with traffic(talks):
        await said(talks, 10)
        await master.kill()
        await valkey_cluster.succeeded(master)
        with clock.time("said", COMPLETE_S):
            await said(talks, 10)
    with clock.time("complete", COMPLETE_S):
        for talk in talks:
            await talk.complete()


async def test_a_master_that_took_the_last_message_with_it(valkey_cluster, both, talks, clock):
    """Published, and neither heard nor replicated: nothing follows that would tell."""
    talk = talks[0]
    await talk.say()
    reader = user_channel(talk.sessions[1].state.me)
    master = await valkey_cluster.owner(valkey_cluster.slot_of(reader))
    replica = valkey_cluster.replica_of(master)
    freeze(replica.pid)
    await master.ask("CLIENT", "KILL", "TYPE", "replica")
    nodes = both[1].app.core.delivery.hub.listeners._subscriptions._nodes
    nodes["127.0.0.1", master.port].subscriber._wire.on_message = lambda *_: None
    await talk.sessions[0].send(talk.key, "the last")
    talk.sent += 1
    async with asyncio.timeout(10):
        while await both[0].app.core.foundation.pool.fetchval(
            "select count(*) from outbox where consumer = 'realtime'"
        ):
            await asyncio.sleep(0.02)
    await master.kill()
    thaw(replica.pid)
    assert not talk.has(talk.sessions[1])
    with clock.time("complete", COMPLETE_S):
        await talk.complete()


async def test_slots_go_over_whole_amid_the_talk(valkey_cluster, talks, clock):
    async with traffic(talks):
        for session in talks[0].sessions + talks[1].sessions:
            await said(talks, 2)
            slot = valkey_cluster.slot_of(user_channel(session.state.me))
            source = await valkey_cluster.owner(slot)
            target = next(node for node in valkey_cluster.nodes[:3] if node is not source)
            await valkey_cluster.move_at_once(slot, source, target)
    with clock.time("complete", COMPLETE_S):
        for talk in talks:
            await talk.complete()


async def test_slots_move_amid_the_talk(valkey_cluster, talks, clock):
    async with traffic(talks):
        await said(talks, 5)
        for session in talks[0].sessions + talks[1].sessions:
            slot = valkey_cluster.slot_of(user_channel(session.state.me))
            source = await valkey_cluster.owner(slot)
            target = next(node for node in valkey_cluster.nodes[:3] if node is not source)
            await valkey_cluster.begin_move(slot, source, target)
            await said(talks, 2)
            await valkey_cluster.move_keys(slot, source, target)
            await said(talks, 2)
            await valkey_cluster.move_keys(slot, source, target)
            await valkey_cluster.end_move(slot, source, target)
            await said(talks, 2)
    with clock.time("complete", COMPLETE_S):
        for talk in talks:
            await talk.complete()
