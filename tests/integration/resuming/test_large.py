"""Conversations of more than 32 people: crossing the bound, coming back, joining and leaving."""

import asyncio
from functools import partial

import pytest

from client.connection.frames import MSGPACK
from tests.faults.clients import client_of, is_whole, told_seqs
from tests.integration.resuming.test_hello import back, say, told

ANYBODY = 32


async def strangers(app, count):
    """Ids of so many people who are never here."""
    rows = await app.app.core.foundation.pool.fetch(
        """
        insert into users (display_name, kind)
        select 'person ' || n, 'both' from generate_series(1, $1) n returning id
        """,
        count,
    )
    return [str(row["id"]) for row in rows]


async def group(wire, members, **fields):
    made = await wire.ask("conversation.create", type="group", participant_ids=members, **fields)
    return made["conversation"]["id"]


async def add(wire, room, person):
    await wire.ask("member.add", conversation_id=room, user_id=person)


async def until(wire, rev):
    """Wait until the conversation has come to `rev` at this connection."""
    if rev not in told(wire):
        await wire.shown(lambda frame: frame.get("d", {}).get("rev") == rev)


def about(wire, room):
    """The events with a rev of one conversation, in order."""
    events = []
    for frame in wire.frames:
        d = frame.get("d", {})
        if "rev" not in d or "ev" not in frame:
            continue
        named = d.get("conversation_id") or (d.get("message") or {}).get("conversation_id")
        if (named or d.get("conversation", {}).get("id")) == room:
            events.append(frame)
    return events


def heard(wire, room):
    """The revs of one conversation that events brought, in order."""
    return [event["d"]["rev"] for event in about(wire, room)]


def assert_whole(wire, room, held, rev, seqs):
    """Each event follows on the one before, from `held` to `rev`, and brings each message once.

    A gap that took too long to close by itself is one event of several revs, or a resync.
    """
    brought = []
    has_resynced = False
    ours = {id(event) for event in about(wire, room)}
    for frame in wire.frames:
        if frame.get("ev") == "resync":
            has_resynced = True
        if id(frame) not in ours:
            continue
        d = frame["d"]
        assert held < d["rev"]
        assert d["prev_rev"] <= held or has_resynced
        held = d["rev"]
        if "message" in d:
            brought.append(d["message"]["seq"])
    assert held == rev
    assert len(set(brought)) == len(brought)
    assert has_resynced or sorted(brought) == seqs


def has_come_to(device, room, rev):
    """Whether a client holds the conversation up to `rev`, and waits for nothing."""
    held = device.state.conversations.get(room)
    return held is not None and held.rev >= rev and device.session.is_ready


async def test_crossing_the_bound_loses_and_doubles_nothing(app, serve):
    """Two writers talk while the group grows past the bound, and its members listen."""
    anna, ben, cora, dan = await app.people("anna", "ben", "cora", "dan")
    async with (
        serve() as other,
        client_of(app, anna) as a,
        client_of(app, ben) as b,
        client_of(other, ben, form=MSGPACK) as b2,
        client_of(other, cora) as c,
        client_of(app, dan) as d,
    ):
        few = await strangers(app, ANYBODY - 3)
        members = [str(ben.id), str(cora.id), *few]
        made = await a.ask("conversation.create", type="group", participant_ids=members)
        room = made["conversation"]["id"]
        more = await strangers(app, 2)

        async def talk():
            for number in range(40):
                await a.session.send(room, str(number))

        talking = asyncio.create_task(talk())
        await c.session.until(lambda: room in c.state.conversations)
        for person in (str(dan.id), *more):
            await a.ask("member.add", conversation_id=room, user_id=person)
            await c.session.send(room, "meanwhile")
        await talking
        last = await c.session.send(room, "the last")
        for device, person in ((a, anna), (b, ben), (b2, ben), (c, cora), (d, dan)):
            await device.until(partial(has_come_to, device, room, last.rev), timeout_s=30)
            await is_whole(device, app, person)
        for device in (b, b2):
            seqs = told_seqs(await device.told(), room)
            assert seqs == list(range(1, last.seq + 1))


async def test_a_message_to_a_large_one_is_logged_once(app):
    anna = await app.person("anna")
    a = await app.connect(anna)
    room = await group(a, await strangers(app, 40))
    for number in range(3):
        await say(a, room, str(number))
    keys = [key.decode() for key in await app.app.core.foundation.redis.keys("parley:*clog:*")]
    assert len(keys) == 1
    assert keys[0].endswith(room)
    assert await app.app.core.foundation.redis.xlen(keys[0]) == 3


@pytest.mark.parametrize("form", ["json", "msgpack"])
async def test_coming_back_to_a_large_one(app, form):
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    room = await group(a, [str(ben.id), *await strangers(app, 40)])
    # The invitation is told last, at a time of its own: what is missed begins after it.
    invited = await b.expect("notification.created")
    first = await say(a, room, "one")
    await b.expect("message.created")
    await b.close()
    for number in range(5):
        last = await say(a, room, str(number))
    place = (b.hello["epoch"], invited["at"])
    again = await back(app, ben, place, {room: first["rev"]}, form)
    assert (again.hello["resumed"], again.hello["stale"]) == (True, [])
    assert again.hello["missed"] == 5
    await again.expect("message.created", where=lambda d: d["message"]["id"] == last["id"])
    live = await say(a, room, "live")
    await again.expect("message.created", where=lambda d: d["message"]["id"] == live["id"])
    assert heard(again, room) == list(range(first["rev"] + 1, live["rev"] + 1))
    # Whoever does not say which rev it has must ask.
    blank = await back(app, ben, place, {}, form)
    assert blank.hello["stale"] == [room]


async def test_who_is_removed_hears_nothing_more(app, serve):
    anna, ben = await app.people("anna", "ben")
    async with serve() as other:
        a, b, near = await app.connect(anna), await other.connect(ben), await app.connect(ben)
        room = await group(a, [str(ben.id), *await strangers(app, 40)])
        for wire in (b, near):
            await wire.expect("conversation.created")
        await a.ask("member.remove", conversation_id=room, user_id=ben.id)
        after = await say(a, room, "he is gone")
        for wire in (b, near):
            await wire.expect("member.left")
        direct = await a.ask("conversation.create", type="direct", participant_ids=[ben.id])
        last = await say(a, direct["conversation"]["id"])
        for wire in (b, near):
            await wire.expect("message.created", where=lambda d: d["message"] == last)
            assert after["rev"] not in heard(wire, room)
        await add(a, room, ben.id)
        back_in = await say(a, room, "welcome back")
        for wire in (b, near):
            # Said before he was told that he is in again, it comes with that.
            await wire.shown(lambda frame: back_in in _shown_by(frame))
            assert after["rev"] not in heard(wire, room)


def _shown_by(frame):
    d = frame.get("d", {})
    return d.get("message"), d.get("conversation", {}).get("last_message")


async def test_a_thousand_members(app):
    anna, ben, cora = await app.people("anna", "ben", "cora")
    a = await app.connect(anna)
    b = await app.connect(ben)
    crowd = await strangers(app, 997)
    room = await group(a, [str(ben.id), str(cora.id), *crowd], title="everybody")
    created = await b.expect("conversation.created", timeout_s=30)
    assert len(created["d"]["conversation"]["participants"]) == 1_000
    c = await app.connect(cora)
    for number in range(20):
        last = await say(a, room, str(number))
    for wire in (b, c):
        await wire.expect("message.created", where=lambda d: d["message"] == last)
    assert_whole(b, room, 0, 21, list(range(1, 21)))
    assert heard(c, room)[-20:] == list(range(2, 22))
