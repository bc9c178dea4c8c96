"""After a refused message the later ones of its connection wait until it comes again."""

import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.limits.scene import make_room
from tests.integration.sending.scene import (
    WAITING,
    Sends,
    cancel_waiting,
    keys_locked,
    until_waiting,
)

FIRST = ("unavailable", None)
AFTER_FIRST = ("unavailable", 1)
INTERNAL = ("internal", None)

TRIP = """
create table tripping ();
insert into tripping default values;
create function trip() returns trigger language plpgsql as $$ begin
    if new.content = 'poison' then
        raise check_violation;
    elsif new.content = 'late' and exists (select from tripping) then
        raise query_canceled;
    end if;
    return new;
end $$;
create trigger trip before insert on messages for each row execute function trip();
"""
"""A message that makes its group raise, and one that takes as long as a statement may."""


async def test_a_statement_that_times_out(serve):
    async with serve(statement_timeout_ms=2_000) as app:
        sends = Sends(await make_room(app), *"abcd")
        async with keys_locked(sends.room) as lock:
            first, *later = await sends.tell(1, 2, 3, 4)
            assert await sends.told(first) == FIRST
            # From here on PostgreSQL would store the others.
            await lock.rollback()
            assert [await sends.told(command) for command in later] == [AFTER_FIRST] * 3
        assert await sends.stored() == []
        assert await sends.replies(1, 2, 3, 4) == [1, 2, 3, 4]
        assert await sends.stored() == ["a", "b", "c", "d"]


async def test_what_is_sent_after_the_refusal_is_known(app, owner):
    sends = Sends(await make_room(app), *"abcd")
    assert await sends.given_up(owner, 1) == [FIRST]
    assert await sends.replies(2, 3) == [AFTER_FIRST] * 2
    # The one that has to come again opens the conversation for those behind it.
    assert await sends.replies(1, 2, 3, 4) == [1, 2, 3, 4]


async def test_one_that_is_refused_again_has_to_come_again_again(app, owner):
    sends = Sends(await make_room(app), *"ab")
    for _ in range(2):
        assert await sends.given_up(owner, 1, 2) == [FIRST, AFTER_FIRST]
    assert await sends.replies(2, 1, 2) == [AFTER_FIRST, 1, 2]


async def test_postgresql_that_ends_our_connection(serve, owner):
    async with serve(statement_timeout_ms=5_000) as app:
        sends = Sends(await make_room(app), *"abc")
        async with keys_locked(sends.room) as lock:
            first, *later = await sends.tell(1, 2, 3)
            told = asyncio.create_task(sends.told(first))
            while not told.done():
                await owner.execute(f"select pg_terminate_backend(pid) {WAITING}")
                await asyncio.sleep(0.01)
            assert await told == FIRST
            await lock.rollback()
            assert [await sends.told(command) for command in later] == [AFTER_FIRST] * 2
        assert await sends.replies(1, 2, 3) == [1, 2, 3]


async def test_a_conversation_that_stays_locked(serve):
    async with serve(lock_timeout_ms=300) as app:
        sends = Sends(await make_room(app), *"abcd")
        async with app.app.core.foundation.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "select from conversations where id = $1::text::uuid for no key update",
                sends.room.id,
            )
            early = await sends.tell(1, 2)
            await until_waiting(sends.room)
            late = await sends.tell(3)
            assert [await sends.told(command) for command in early + late] == [
                FIRST,
                AFTER_FIRST,
                AFTER_FIRST,
            ]
        assert await sends.replies(4) == [AFTER_FIRST]
        assert await sends.replies(1, 2, 3, 4) == [1, 2, 3, 4]


async def test_a_send_without_a_token(serve):
    limits = {"commands_per_s": 4, "commands_burst": 1}
    async with serve(rate_limits=True, limits=limits) as app:
        anna, ben = await app.people("anna", "ben")
        made = await (await app.connect(ben)).ask(
            "conversation.create", type="direct", participant_ids=[anna.id]
        )
        wire = await app.connect(anna)
        message = {"conversation_id": made["conversation"]["id"], "content": "x"}
        first, second = [message | {"client_id": person.id} for person in (anna, ben)]
        await wire.ask("ping")
        refused = await wire.refusal("message.send", first)
        assert refused["code"] == "rate_limited"
        at_once = await wire.refusal("message.send", second)
        assert at_once["details"] == {"after": str(anna.id)}
        await asyncio.sleep(refused["details"]["retry_after_s"])  # what the client is told to do
        late = await wire.refusal("message.send", second)
        assert (late["code"], late["details"]) == ("unavailable", {"after": str(anna.id)})
        assert await counted(app) == {"unavailable": 2}
        assert late["retryable"]
        answers = []
        for send in (first, second):
            # It took the token, as any command does.
            delay_s = (await wire.refusal("message.send", send))["details"]["retry_after_s"]
            await asyncio.sleep(delay_s)  # what the client is told to do
            answers.append((await wire.ask("message.send", send))["message"]["seq"])
        assert answers == [1, 2]


async def test_a_malformed_send_without_a_token_holds_up_nothing(serve):
    limits = {"commands_per_s": 4, "commands_burst": 1}
    async with serve(rate_limits=True, limits=limits) as app:
        anna, ben = await app.people("anna", "ben")
        made = await (await app.connect(ben)).ask(
            "conversation.create", type="direct", participant_ids=[anna.id]
        )
        wire = await app.connect(anna)
        message = {"conversation_id": made["conversation"]["id"], "client_id": anna.id}
        await wire.ask("ping")
        refused = await wire.refusal("message.send", message, type="a poem")
        await asyncio.sleep(refused["details"]["retry_after_s"])  # what the client is told to do
        sent = await wire.ask("message.send", message, client_id=ben.id, content="x")
        assert sent["message"]["seq"] == 1


async def test_a_full_queue(app):
    sends = Sends(await make_room(app), *"abcd")
    async with keys_locked(sends.room) as lock:
        under_way = await sends.tell(1)
        await until_waiting(sends.room)
        app.app.core.writers.messages._queue_max = 1
        under_way += await sends.tell(2)
        assert await sends.replies(3) == [FIRST]
        await lock.rollback()
        assert [await sends.told(command) for command in under_way] == [1, 2]
    app.app.core.writers.messages._queue_max = 10
    assert await sends.replies(4, 3, 4) == [("unavailable", 3), 3, 4]


async def test_an_earlier_one_is_refused_after_a_later_one(app, owner):
    sends = Sends(await make_room(app), *"abcd")
    async with keys_locked(sends.room):
        under_way = await sends.tell(1)
        await until_waiting(sends.room)
        app.app.core.writers.messages._queue_max = 1
        under_way += await sends.tell(2)
        assert await sends.replies(3, 4) == [FIRST, ("unavailable", 3)]
        await cancel_waiting(sends.room, owner)
        assert [await sends.told(command) for command in under_way] == [FIRST, AFTER_FIRST]
    assert await sends.replies(3) == [AFTER_FIRST]
    app.app.core.writers.messages._queue_max = 10
    assert await sends.replies(1, 2, 3, 4) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        # The halves: poison and late, then b and c.
        (["poison", "late", "b", "c"], [INTERNAL, FIRST, ("unavailable", 2), ("unavailable", 2)]),
        # The second half, and what is sent behind it.
        (["poison", "a", "late", "c"], [INTERNAL, 2, FIRST, ("unavailable", 3)]),
    ],
)
async def test_a_halved_group(app, contents, expected):
    sends = Sends(await make_room(app), *contents)
    await app.as_owner(TRIP)
    async with keys_locked(sends.room) as lock:
        blocker = await sends.room.b.tell("message.send", sends.room.message("blocker"))
        await until_waiting(sends.room)
        # These make one group, for which the first raises.
        commands = await sends.tell(1, 2, 3, 4)
        await sends.room.a.flushed()
        await lock.rollback()
        assert (await sends.room.b.answer(blocker))["message"]["seq"] == 1
    assert [await sends.told(command) for command in commands] == expected
    late = contents.index("late") + 1
    await app.as_owner("truncate tripping")
    await sends.replies(*range(late, 5))
    assert await sends.stored() == ["blocker", *contents[1:]]


async def test_what_waits_behind_another_command(app, owner):
    sends = Sends(await make_room(app), *"abc")
    async with keys_locked(sends.room):
        (first,) = await sends.tell(1)
        read = await sends.room.a.tell("conversation.get", conversation_id=sends.room.id)
        behind = await sends.tell(2, 3)
        await cancel_waiting(sends.room, owner)
        assert await sends.told(first) == FIRST
        assert [await sends.told(command) for command in behind] == [AFTER_FIRST] * 2
    await sends.room.a.answer(read)
    assert await sends.replies(1, 2, 3) == [1, 2, 3]


async def counted(app) -> dict[str, float]:
    """How many sends have ended, by outcome, as operators are told."""
    text = (await app.http("GET", "/metrics")).body.decode()
    return {
        sample.labels["outcome"]: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "parley_commands_total" and sample.labels["op"] == "message.send"
    }


async def test_what_is_refused_behind_another_is_counted(app, owner):
    sends = Sends(await make_room(app), *"abc")
    async with keys_locked(sends.room):
        (first,) = await sends.tell(1)
        read = await sends.room.a.tell("conversation.get", conversation_id=sends.room.id)
        (behind,) = await sends.tell(2)
        await cancel_waiting(sends.room, owner)
        assert [await sends.told(one) for one in (first, behind)] == [FIRST, AFTER_FIRST]
        await sends.room.a.answer(read)
    assert await counted(app) == {"unavailable": 2}
    assert await sends.replies(2, 3) == [AFTER_FIRST] * 2
    assert await counted(app) == {"unavailable": 4}
    assert await sends.replies(1) == [1]
    assert await counted(app) == {"unavailable": 4, "ok": 1}


async def test_other_conversations_and_other_connections_go_on(app, owner):
    sends = Sends(await make_room(app), *"ab")
    room = sends.room
    made = await room.a.ask("conversation.create", type="direct", participant_ids=[room.ben.id])
    elsewhere = room.message("x", conversation_id=made["conversation"]["id"])
    tablet = await app.connect(room.anna)
    assert await sends.given_up(owner, 1) == [FIRST]
    assert (await room.a.ask("message.send", elsewhere))["message"]["seq"] == 1
    assert (await tablet.ask("message.send", room.message()))["message"]["seq"] == 1
    assert (await room.b.ask("message.send", room.message()))["message"]["seq"] == 2
    assert await sends.replies(2) == [AFTER_FIRST]


async def test_http_requests_are_each_alone(app, owner):
    room = await make_room(app)
    async with keys_locked(room) as lock:
        first = asyncio.create_task(app.command("message.send", room.anna, room.message("1")))
        await until_waiting(room)
        second = asyncio.create_task(app.command("message.send", room.anna, room.message("2")))
        await cancel_waiting(room, owner)
        assert (await first).status == 503
        await lock.rollback()
        assert (await second).status == 200
    third = await app.command("message.send", room.anna, room.message("3"))
    assert third.body["message"]["seq"] == 2
