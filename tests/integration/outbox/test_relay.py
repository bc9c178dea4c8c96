"""The relay on a real PostgreSQL: what it claims, who does, in which order and how much at once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from redis.asyncio import Redis

from protocol.bus import BusEvent, pack, unpack
from protocol.errors import RequestError
from protocol.limits import Limits
from server.outbox.event_builder import SLICE_BYTES, EventBuilder, EventReaders
from server.outbox.relay import BATCH, Relay
from storage.bus.publisher import DURABLE, EPHEMERAL, JOINS, Publication, Publisher
from storage.conversations.members import ConversationChanges, NewConversation
from storage.conversations.reader import ConversationReader
from storage.database.change_call import ChangeCalls
from storage.database.postgres import connect_pool
from storage.messages.reader import MessageReader, MessageRows
from storage.messages.writer import SEND_SQL
from storage.outbox.published import PublishedRows
from tests.integration.marketplace import make_conversation, make_users


class _Kept(Publisher):
    """What would go to Redis; refused when it `is_away`."""

    def __init__(self) -> None:
        super().__init__(Redis(), max_entries=1_000, max_bytes=262_144)
        self.slices: list[list[Publication]] = []
        self.is_away = False
        self.entered = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def publish_and_wait(self, publications: Iterable[Publication]) -> bool:
        self.entered.set()
        await self.gate.wait()
        if not self.is_away:
            self.slices.append(list(publications))
        return not self.is_away


@dataclass
class Ground:
    """A relay, and what it has published."""

    relay: Relay
    kept: _Kept
    published: PublishedRows
    conversations: ConversationReader
    changes: ConversationChanges
    reads: list[int] = field(default_factory=list)
    """How many messages were read at once."""

    @property
    def publications(self) -> list[Publication]:
        return [publication for part in self.kept.slices for publication in part]

    @property
    def events(self) -> list[BusEvent]:
        return [unpack(publication.body) for publication in self.publications]


class _Messages(MessageReader):
    def __init__(self, pool: asyncpg.Pool, rows: MessageRows, reads: list[int]) -> None:
        super().__init__(pool, rows)
        self._reads = reads

    async def by_refs(self, refs):
        self._reads.append(len(refs))
        return await super().by_refs(refs)


async def publish_fresh(relay: Relay) -> None:
    """Publish what was just committed, and nothing else."""
    await relay._publish_fresh(relay.consumer.claimed_kinds, BATCH)


def ground_on(pool: asyncpg.Pool) -> Ground:
    """A relay of a process of its own."""

    async def nothing(*_asked):
        return {}

    rows = MessageRows(lambda _file: ("/file", "2030-01-01T00:00:00.000Z"), Limits())
    conversations = ConversationReader(pool, rows)
    reads: list[int] = []
    readers = EventReaders(
        _Messages(pool, rows, reads), conversations, nothing, nothing, lambda _user, _where: None
    )
    kept, published = _Kept(), PublishedRows(pool, uuid4())
    relay = Relay(pool, EventBuilder(readers), kept, published, lambda: True)
    calls = ChangeCalls(pool, lambda: None)
    changes = ConversationChanges(calls, max_participants=1000, max_direct_a_day=1000)
    return Ground(relay, kept, published, conversations, changes, reads)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to a database of the test's own."""
    pool = await connect_pool(database_url, size=6, statement_timeout_ms=20_000)
    yield pool
    pool.terminate()


@pytest.fixture
async def ground(pool: asyncpg.Pool) -> Ground:
    """A relay at rest."""
    return ground_on(pool)


async def store(
    pool: asyncpg.Pool, conversation: UUID, sender: UUID, count: int = 1, owner: UUID | None = None
) -> int:
    """A group of messages, as a writer stores it; its row in the outbox."""
    row = await pool.fetchrow(
        SEND_SQL,
        *[[conversation] * count, [sender] * count, [uuid4() for _ in range(count)]],
        *[[b"1" * 16] * count, ["text"] * count, ["hello"] * count],
        *[None, None, None, owner, None, True, 500],
    )
    assert row is not None
    assert row["verdict"] == "ok"
    outbox_id: int = row["outbox_id"]
    return outbox_id


async def waiting(pool: asyncpg.Pool) -> int:
    """How many rows wait."""
    rows: int = await pool.fetchval("SELECT count(*) FROM outbox WHERE consumer = 'realtime'")
    return rows


async def make_old(pool: asyncpg.Pool, age_s: float) -> None:
    """All that waits has waited so long."""
    await pool.execute(
        "UPDATE outbox SET created_at = created_at - make_interval(secs => $1), "
        "available_at = available_at - make_interval(secs => $1)",
        age_s,
    )


@contextlib.asynccontextmanager
async def alive(pool: asyncpg.Pool, owner: UUID) -> AsyncIterator[None]:
    """An owner of rows that holds its lease."""
    async with pool.acquire() as connection:
        key = f"hashtextextended('parley.owner:{owner}', 0)"
        await connection.execute(f"SELECT pg_advisory_lock_shared({key})")
        yield
        await connection.execute(f"SELECT pg_advisory_unlock_shared({key})")


async def test_what_is_due_and_what_the_dead_have_left(ground: Ground, pool: asyncpg.Pool) -> None:
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people, "direct")
    living, dead = uuid4(), uuid4()
    async with alive(pool, living):
        for owner in (dead, living, None, dead, living):
            await store(pool, here, people[0], owner=owner)
        await ground.relay.publish_waiting()
        # By the order of their commits: revs 3 and 6 are those of the living.
        assert [event.rev for event in ground.events] == [b"2", b"4", b"5"]
        await make_old(pool, 2)
        await ground.relay.publish_waiting()
        assert [event.rev for event in ground.events] == [b"2", b"4", b"5", b"3", b"6"]
    assert await waiting(pool) == 0


async def test_only_what_may_have_been_published_is_called_a_repeat(
    ground: Ground, pool: asyncpg.Pool
) -> None:
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people, "direct")
    await store(pool, here, people[0], owner=uuid4())
    await store(pool, here, people[0])
    await ground.relay.publish_waiting()
    await store(pool, here, people[0])
    await make_old(pool, 2)
    await ground.relay.publish_waiting()
    assert [one.repeat_ms > 0 for one in ground.publications] == [True, False, True]


async def test_behind_a_failure_the_own_rows_come_with_the_others_in_order(
    ground: Ground, pool: asyncpg.Pool
) -> None:
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people, "direct")
    own = ground.published.owner
    async with alive(pool, own):
        told = await store(pool, here, people[0], owner=own)
        await store(pool, here, people[0], owner=own)
        ground.published.add(told)
        ground.kept.is_behind = True
        await store(pool, here, people[0])
        ground.kept.is_away = True
        with pytest.raises(RequestError):
            await ground.relay.publish_waiting()
        assert ground.kept.is_behind
        assert await waiting(pool) == 2
        ground.kept.is_away = False
        await ground.relay.publish_waiting()
    # The first was published before, and only its row was left.
    assert [event.rev for event in ground.events] == [b"3", b"4"]
    assert not ground.kept.is_behind
    assert await waiting(pool) == 0


async def test_a_batch_is_read_at_once_and_bounded_by_what_it_refers_to(
    ground: Ground, pool: asyncpg.Pool
) -> None:
    people = await make_users(pool, 3)
    here, there = [await make_conversation(pool, people) for _ in range(2)]
    for _ in range(6):
        for conversation in (here, there):
            await store(pool, conversation, people[0], 256)
    ground.kept.is_behind = True
    await ground.relay.publish_waiting()
    assert ground.reads == [2048, 1024]
    revs = [(event.conversation_id, int(event.rev)) for event in ground.events]
    for conversation in (here, there):
        told = [rev for name, rev in revs if name.decode() == str(conversation)]
        assert told == list(range(2, 6 * 256 + 2))
    assert not ground.kept.is_behind


async def test_one_process_at_a_time_is_at_the_backlog(ground: Ground, pool: asyncpg.Pool) -> None:
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people, "direct")
    other = ground_on(pool)
    for _ in range(300):
        await store(pool, here, people[0])
    await make_old(pool, 10)
    async with alive(pool, ground.published.owner):
        ground.kept.gate.clear()
        first = asyncio.create_task(ground.relay.publish_waiting())
        await ground.kept.entered.wait()
        await other.relay.publish_waiting()
        assert other.publications == []
        # It has seen that there is one, and will not publish past it.
        assert other.kept.is_behind
        ground.kept.gate.set()
        await first
        await other.relay.publish_waiting()
        assert not other.kept.is_behind
        revs = [int(event.rev) for event in ground.events]
        assert revs == list(range(2, 302))
        # What is committed now, any of them takes.
        ground.kept.gate.clear()
        ground.kept.entered.clear()
        await store(pool, here, people[0])
        first = asyncio.create_task(publish_fresh(ground.relay))
        await ground.kept.entered.wait()
        await store(pool, here, people[0])
        await publish_fresh(other.relay)
        assert [event.rev for event in other.events] == [b"303"]
        ground.kept.gate.set()
        await first


async def test_a_thousand_people_are_told_of_their_group(
    ground: Ground, pool: asyncpg.Pool
) -> None:
    people = await make_users(pool, 1000)
    new = NewConversation(people[0], "group", people[1:], "All", None, None, None, b"1" * 16)
    here = (await ground.changes.create(new)).conversation_id
    await ground.relay.publish_waiting()
    assert {one.modes for one in ground.publications} == {JOINS}
    told = [target for one in ground.publications for target in one.targets]
    assert sorted(told) == sorted(str(person) for person in people)
    assert {(event.ev, event.route) for event in ground.events} == {(b"conversation.created", b"+")}
    # Never all of them at once, which would be 150 MB.
    sizes = [sum(len(one.body) for one in part) for part in ground.kept.slices]
    largest = max(len(one.body) for one in ground.publications)
    assert largest > 100_000
    assert max(sizes) < SLICE_BYTES + largest
    for number in (0, 500, 999):
        view = (await ground.conversations.for_user(people[number], [here]))[here]
        body = next(one for one in ground.publications if one.targets[0] == str(people[number]))
        d = msgspec.json.decode(unpack(body.body).d)
        assert d == {"conversation": msgspec.to_builtins(view), "rev": 1, "prev_rev": 0}
    assert await waiting(pool) == 0


async def test_the_33rd_member_makes_everybody_join(ground: Ground, pool: asyncpg.Pool) -> None:
    people = await make_users(pool, 34)
    new = NewConversation(people[0], "group", people[1:32], "All", None, None, None, b"1" * 16)
    here = (await ground.changes.create(new)).conversation_id
    await ground.relay.publish_waiting()
    assert {one.modes for one in ground.publications} == {DURABLE}
    ground.kept.slices.clear()
    await ground.changes.add_member(here, people[0], people[32])
    # Told late, it is told as it would have been at once.
    await pool.execute(
        "UPDATE conversations SET fanout_changed_at = fanout_changed_at - interval '1 minute'"
    )
    await make_old(pool, 60)
    await ground.relay.publish_waiting()
    assert told_by(ground) == [
        ("conversation.created", "+", {(str(people[32]), "j")}),
        ("member.joined", "+", {(str(people[32]), "j")}),
        ("member.joined", "+", {(str(person), "j") for person in people[:32]}),
        ("member.joined", "", {(str(here), "c")}),
    ]
    ground.kept.slices.clear()
    await ground.changes.add_member(here, people[0], people[33])
    await ground.changes.remove_member(here, people[0], people[1])
    await ground.changes.update(here, people[0], "Title", None)
    await ground.relay.publish_waiting()
    shared = {(str(here), "c")}
    assert told_by(ground) == [
        ("conversation.created", "+", {(str(people[33]), "j")}),
        ("member.joined", "+", {(str(people[33]), "j")}),
        ("member.joined", "", shared),
        ("member.left", "-", {(str(people[1]), "l")}),
        ("member.left", "", shared),
        ("conversation.updated", "", shared),
    ]


def told_by(ground: Ground) -> list[tuple[str, str, set[tuple[str, str]]]]:
    """Event, route and targets of each publication."""
    return [
        (
            event.ev.decode(),
            event.route.decode(),
            set(zip(to.targets, to.modes.decode(), strict=True)),
        )
        for event, to in zip(ground.events, ground.publications, strict=True)
    ]


async def test_ids_of_published_rows_outlive_a_call_that_fails(
    ground: Ground, pool: asyncpg.Pool
) -> None:
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people, "direct")
    ground.published.add(await store(pool, here, people[0], owner=uuid4()))
    with pytest.raises(asyncpg.PostgresSyntaxError), ground.published.taken() as ids:
        await pool.execute("SELEKT $1", ids)
    await ground.published.sweep()
    assert await waiting(pool) == 0
    with ground.published.taken() as ids:
        assert ids is None


async def test_a_writer_does_not_wait_for_a_relay_that_has_its_row(
    ground: Ground, pool: asyncpg.Pool
) -> None:
    people = await make_users(pool, 2)
    here = await make_conversation(pool, people, "direct")
    outbox_id = await store(pool, here, people[0], owner=uuid4())
    ground.kept.gate.clear()
    first = asyncio.create_task(ground.relay.publish_waiting())
    await ground.kept.entered.wait()
    ground.published.add(outbox_id)
    async with asyncio.timeout(5):
        await ground.published.sweep()
    ground.kept.gate.set()
    await first
    assert await waiting(pool) == 0


async def test_behind_a_backlog_only_what_stands_nowhere_else_is_published(redis_url: str) -> None:
    entries: list[int] = []
    done: list[str] = []
    body = pack(BusEvent(b"receipt.read", d=b"{}"))
    event = Publication(body, ["01900000-0000-7000-8000-000000000001"], EPHEMERAL)
    async with Redis.from_url(redis_url) as redis:
        publisher = Publisher(
            redis, max_entries=9, max_bytes=999, observe=lambda count, _s: entries.append(count)
        )
        task = asyncio.create_task(publisher.run())
        try:
            publisher.is_behind = True
            publisher.publish([event] * 2, lambda: done.append("too early"))
            publisher.publish([event])
            assert await publisher.publish_and_wait([])
            assert (sum(entries), done) == (1, [])
            publisher.is_behind = False
            publisher.publish([event] * 2, lambda: done.append("in turn"))
            assert await publisher.publish_and_wait([])
            assert (sum(entries), done) == (3, ["in turn"])
        finally:
            task.cancel()
            await asyncio.wait([task])
