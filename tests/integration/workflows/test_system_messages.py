"""What a workflow says in a conversation: to everybody, in order, whatever the people have done."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

from protocol.objects import NOBODY
from tests.app import Person, Served
from tests.integration.workflows.saying import contract_conversation, say
from tests.wire import WAIT_S, Wire


async def two(app: Served) -> tuple[Person, Person, Wire, Wire, str]:
    """A client and a freelancer, connected, and the conversation of their contract."""
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben, "msgpack")
    key = await contract_conversation(app, anna, ben)
    for wire in (a, b):
        await wire.expect("conversation.created")
    return anna, ben, a, b, key


def told(wire: Wire) -> list[tuple[int, int, str]]:
    """Seq, rev and type of the messages that a connection was told of, in order."""
    events = [frame["d"] for frame in wire.frames if frame.get("ev") == "message.created"]
    return [(d["message"]["seq"], d["rev"], d["message"]["type"]) for d in events]


async def test_a_contract_has_a_conversation_whatever_stands_between_its_people(
    app: Served,
) -> None:
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    await b.ask("block.add", user_id=anna.id)
    key = await contract_conversation(app, anna, ben)
    for wire in (a, b):
        event = await wire.expect("conversation.created")
        shown = event["d"]["conversation"]
        assert (shown["id"], shown["type"], shown["title"]) == (
            key,
            "contract_discussion",
            "Launch film",
        )
        assert (event["d"]["rev"], event["d"]["prev_rev"], shown["unread"]) == (1, 0, 0)
        roles = {one["user_id"]: one["role"] for one in shown["participants"]}
        assert roles == {str(anna.id): "owner", str(ben.id): "member"}
    notice = await b.expect("notification.created")
    assert notice["d"]["notification"]["data"]["conversation_id"] == key
    await say(app, key, anna)
    for wire in (a, b):
        message = (await wire.expect("message.created"))["d"]["message"]
        assert (message["type"], message["content"]) == ("system", None)
        assert message["sender_id"] == message["system"]["actor_id"] == str(anna.id)
        assert message["system"]["facts"] == {
            "title": "Storyboard",
            "amount": "300.00",
            "currency": "USD",
        }


async def test_it_stands_in_order_between_messages_that_are_being_sent(app: Served) -> None:
    anna, ben, a, b, key = await two(app)
    sends, says = 60, 25

    async def talk(wire: Wire) -> list[int]:
        commands = [
            await wire.tell("message.send", conversation_id=key, client_id=uuid4(), content="word")
            for _ in range(sends)
        ]
        return [(await wire.answer(command))["message"]["seq"] for command in commands]

    async def act(person: Person | None) -> list[int]:
        return [await say(app, key, person) for _ in range(says)]

    done = await asyncio.gather(talk(a), talk(b), act(anna), act(ben), act(None))
    total = 2 * sends + 3 * says
    assert sorted(seq for seqs in done for seq in seqs) == list(range(1, total + 1))
    said = {seq for seqs in done[2:] for seq in seqs}
    for wire, own in ((a, done[0]), (b, done[1])):
        others = [seq for seq in range(1, total + 1) if seq not in own]
        async with asyncio.timeout(WAIT_S):
            while len(told(wire)) < len(others):
                await wire.flushed()
        # Without a gap, each once, in order: the first rev is the conversation's own.
        assert [(seq, rev) for seq, rev, _type in told(wire)] == [(n, n + 1) for n in others]
        assert {seq for seq, _rev, kind in told(wire) if kind == "system"} == said
    again = await app.connect(ben)
    page = await again.ask("sync", conversations={key: 1}, only_named=True)
    assert [(m["seq"], m["rev"]) for m in page["messages"]] == [
        (n, n + 1) for n in range(1, total + 1)
    ]
    assert {m["seq"] for m in page["messages"] if "system" in m} == said
    assert page["conversations"][0]["rev"] == total + 1


async def test_it_is_read_wherever_messages_are(app: Served) -> None:
    anna, ben, a, b, key = await two(app)
    await a.ask("message.send", conversation_id=key, client_id=uuid4(), content="hello there")
    seen = await b.expect("message.created")
    place = {"epoch": b.hello["epoch"], "offset": seen["at"], "revs": {key: 2}}
    await b.close()
    seq = await say(app, key, anna, "submit")
    told_a = (await a.expect("message.created"))["d"]["message"]
    assert told_a["system"]["action"] == "submit"

    back = await app.open("json")
    hello = await back.ask("hello", token=ben.token, resume=place)
    assert (hello["resumed"], hello["stale"]) == (True, [])
    replayed = await back.expect("message.created")
    assert replayed["d"] == {"message": told_a, "rev": 3, "prev_rev": 2}

    history = await back.ask("message.history", conversation_id=key)
    assert history["messages"][-1] == told_a
    one = await back.ask("message.get", conversation_id=key, message_id=told_a["id"])
    assert one["message"] == told_a
    inbox = await back.ask("conversation.list")
    (shown,) = inbox["conversations"]
    assert (shown["last_message"], shown["unread"], shown["last_seq"]) == (told_a, 2, seq)
    synced = await back.ask("sync", conversations={key: 2}, only_named=True)
    assert synced["messages"] == [told_a]


async def test_search_knows_the_page_that_ends_with_it(app: Served) -> None:
    anna, _ben, a, b, key = await two(app)
    for n in range(31):
        await a.ask("message.send", conversation_id=key, client_id=uuid4(), content=f"pear {n}")
    assert await say(app, key, anna) == 32
    await b.expect("message.created", where=lambda d: d["message"]["seq"] == 32)
    pool = app.app.core.foundation.pool
    async with asyncio.timeout(WAIT_S):
        while not await pool.fetchval(
            "SELECT count(*) FROM message_words WHERE conversation_id = $1 AND tokens IS NOT NULL",
            UUID(key),
        ):
            await b.flushed()
    found = await b.ask("message.search", query="pear", conversation_id=key, limit=50)
    assert [message["seq"] for message in found["messages"]] == list(range(31, 0, -1))


async def test_who_acted_has_read_it_if_all_before_it_was_read(app: Served) -> None:
    anna, ben, a, b, key = await two(app)
    other = await app.connect(ben)
    seq = await say(app, key, ben)
    receipt = await other.expect("receipt.read")
    assert receipt["d"] == {"conversation_id": key, "user_id": str(ben.id), "seq": seq}
    assert (await b.ask("conversation.get", conversation_id=key))["conversation"]["unread"] == 0
    assert (await a.ask("conversation.get", conversation_id=key))["conversation"]["unread"] == 1

    # Anna's message is not read by him, so neither is what he does next.
    await a.ask("message.send", conversation_id=key, client_id=uuid4(), content="look at this")
    await say(app, key, ben)
    shown = (await b.ask("conversation.get", conversation_id=key))["conversation"]
    assert (shown["last_read_seq"], shown["unread"]) == (seq, 2)
    await say(app, key, anna)
    shown = (await a.ask("conversation.get", conversation_id=key))["conversation"]
    assert (shown["last_read_seq"], shown["unread"]) == (2, 2)
    assert not [f for f in a.frames if f.get("ev") == "receipt.read"]


async def test_it_is_said_where_people_can_not_write(app: Served) -> None:
    anna, ben, a, b, key = await two(app)
    await a.ask("conversation.update", conversation_id=key, status="closed")
    await b.ask("block.add", user_id=anna.id)
    await b.ask("conversation.leave", conversation_id=key)
    await a.expect("member.left")
    assert await say(app, key, ben) == 1
    message = (await a.expect("message.created"))["d"]["message"]
    assert message["sender_id"] == str(ben.id)
    await b.flushed()
    assert told(b) == []
    refused = await a.refusal(
        "message.send", conversation_id=key, client_id=uuid4(), content="no more"
    )
    assert refused["code"] == "conversation_closed"
    pool = app.app.core.foundation.pool
    assert await pool.fetchval("SELECT workflow_say($1, NULL, '{}')", uuid4()) is None


async def test_nobody_takes_it_back(app: Served) -> None:
    anna, _ben, a, b, key = await two(app)
    await say(app, key, anna)
    message = (await a.expect("message.created"))["d"]["message"]
    about = {"conversation_id": key, "message_id": message["id"]}
    assert (await a.refusal("message.delete", about))["code"] == "forbidden"
    assert (await a.refusal("message.edit", about, content="nothing"))["code"] == "forbidden"
    await b.ask("reaction.add", about, emoji="👍")
    changed = (await a.expect("message.updated"))["d"]["message"]
    assert changed["system"] == message["system"]
    assert changed["reaction_counts"] == {"👍": 1}


async def test_what_nobody_did_is_said_by_nobody(app: Served) -> None:
    _anna, ben, a, b, key = await two(app)
    await say(app, key, None)
    message = (await b.expect("message.created"))["d"]["message"]
    assert message["sender_id"] == NOBODY
    assert message["system"]["actor_id"] is None
    # An answer to it is one to nobody, and its row of the outbox does not fail.
    await a.ask(
        "message.send",
        conversation_id=key,
        client_id=uuid4(),
        content="good",
        parent_id=message["id"],
    )
    await b.expect("message.created")
    pool = app.app.core.foundation.pool
    async with asyncio.timeout(WAIT_S):
        # Who has not read it by then is told a while later, which is another consumer's.
        asked = "SELECT count(*) FROM outbox WHERE consumer <> 'message_runs'"
        while await pool.fetchval(asked):
            await b.flushed()
    assert await pool.fetchval("SELECT count(*) FROM outbox_aside") == 0
    assert (
        await pool.fetchval(
            "SELECT count(*) FROM notifications WHERE user_id = $1 AND type = 'message.reply'",
            ben.id,
        )
        == 0
    )


async def test_the_first_of_a_month_completes_the_month_before(app: Served) -> None:
    anna, _ben, _a, b, key = await two(app)
    pool = app.app.core.foundation.pool
    now = await pool.fetchval("SELECT clock_timestamp()")
    month = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    before = datetime(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1, tzinfo=UTC)
    # As if seven changes had been made in the month before, one of them a message.
    await pool.execute(
        "INSERT INTO conversation_months (conversation_id, month, first_seq) VALUES ($1, $2, 1)",
        UUID(key),
        before,
    )
    await pool.execute(
        "UPDATE conversations SET last_seq = 1, rev = 8, last_message_at = $2 WHERE id = $1",
        UUID(key),
        before,
    )
    await say(app, key, anna)
    await say(app, key, anna)
    rows = await pool.fetch(
        "SELECT month, first_seq, max_rev FROM conversation_months "
        "WHERE conversation_id = $1 ORDER BY month",
        UUID(key),
    )
    assert [tuple(row) for row in rows] == [(before, 1, 8), (month, 2, None)]
    history = await b.ask("message.history", conversation_id=key)
    assert [(m["seq"], m["rev"]) for m in history["messages"]] == [(2, 9), (3, 10)]


async def test_a_member_of_the_team_comes_in(app: Served) -> None:
    anna, _ben, a, _b, key = await two(app)
    cara = await app.person("cara")
    c = await app.connect(cara)
    await say(app, key, anna)
    pool = app.app.core.foundation.pool
    join = "SELECT workflow_join($1, $2)"
    assert await pool.fetchval(join, UUID(key), cara.id) is True
    assert await pool.fetchval(join, UUID(key), cara.id) is False
    assert await pool.fetchval(join, uuid4(), cara.id) is False
    app.app.core.outbox.relay.wake()
    joined = await a.expect("member.joined")
    assert (joined["d"]["user_id"], joined["d"]["rev"]) == (str(cara.id), 3)
    made = (await c.expect("conversation.created"))["d"]
    assert (made["rev"], made["conversation"]["unread"], made["conversation"]["last_seq"]) == (
        3,
        0,
        1,
    )
    await say(app, key, cara)
    for wire in (a, c):
        assert (await wire.expect("message.created", where=lambda d: d["rev"] == 4))["d"][
            "prev_rev"
        ] == 3


async def test_one_that_was_committed_and_not_told_is_told_once(app: Served) -> None:
    """The process that has leased its row is gone."""
    anna, _ben, a, b, key = await two(app)
    pool = app.app.core.foundation.pool
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT workflow_say($1, $2, $3)",
            UUID(key),
            anna.id,
            '{"action": "approve", "resource": "milestones", "resource_id": "1"}',
        )
        taken = await connection.execute(
            "UPDATE outbox SET owner = $1, available_at = clock_timestamp() + interval '1 hour' "
            "WHERE consumer = 'realtime' AND kind = 'message.created'",
            uuid4(),
        )
        assert taken == "UPDATE 1"
    for wire in (a, b):
        await wire.expect("message.created")
    async with asyncio.timeout(WAIT_S):
        while await pool.fetchval("SELECT count(*) FROM outbox WHERE consumer = 'realtime'"):
            await b.flushed()
    for wire in (a, b):
        await wire.flushed()
        assert [seq for seq, _rev, _type in told(wire)] == [1]
