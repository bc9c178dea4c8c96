"""Two people on the client library, one in each format, against a whole server."""

from uuid import uuid4

import pytest

from client.connection.frames import JSON, MSGPACK
from client.errors import CommandError


def names(changes):
    return [change.name for change in changes]


@pytest.fixture
async def pair(connect):
    anna = await connect("anna", JSON)
    ben = await connect("ben", MSGPACK)
    conversation = await anna.create_direct(ben.state.me)
    await ben.until(lambda: conversation.id in ben.state.conversations)
    return anna, ben, conversation.id


def at(session, key):
    return session.state.conversations[key]


async def same(key, *sessions):
    """Waits until all hold one rev, and compares what they hold."""
    for session in sessions:
        for other in sessions:
            await session.until(lambda s=session, o=other: at(s, key).rev >= at(o, key).rev)
    first = at(sessions[0], key)
    for session in sessions[1:]:
        held = at(session, key)
        assert held.history() == first.history()
        assert held.last_message == first.last_message
        assert held.rev == first.rev


async def test_a_conversation_in_both_formats(pair):
    anna, ben, key = pair
    heard = ben.changes()
    first = await anna.send(key, "hello")
    await ben.until(lambda: at(ben, key).last_seq == 1)
    assert at(ben, key).unread == 1
    edited = await anna.edit(first, "hello!")
    reacted = await ben.react(edited, "👍")
    assert reacted.reaction_counts == {"👍": 1}
    reply = await ben.send(key, "oh", parent_id=first.id)
    await anna.until(lambda: at(anna, key).last_seq == 2)
    await same(key, anna, ben)
    assert at(anna, key).messages[first.id].reply_count == 1
    await anna.read(key, reply.seq)
    await ben.until(lambda: at(ben, key).participants[anna.state.me].last_read_seq == 2)
    await ben.delete(reply)
    await anna.until(lambda: not at(anna, key).messages[first.id].reply_count)
    assert at(anna, key).messages[reply.id].is_deleted
    assert at(anna, key).messages[first.id].last_reply_at is None
    await same(key, anna, ben)
    assert at(anna, key).unread == at(ben, key).unread == 0
    revs = []
    while not heard._queue.empty():
        change = await anext(heard)
        if change.name.startswith("message"):
            revs.append(change.d.rev)
    assert revs == sorted(set(revs))
    assert revs == list(range(2, 8))


async def test_nothing_needs_a_sync_while_all_goes_well(pair):
    anna, ben, key = pair
    told = [anna.changes(), ben.changes()]
    for number in range(20):
        await (anna, ben)[number % 2].send(key, f"{number}")
    await anna.until(lambda: at(anna, key).rev == 21)
    await ben.until(lambda: at(ben, key).rev == 21)
    await same(key, anna, ben)
    for heard in told:
        changes = [await anext(heard) for _ in range(heard._queue.qsize())]
        assert "session.synced" not in names(changes)
        assert names(changes).count("message.created") == 20


async def test_a_second_device_and_one_that_was_away(pair, connect):
    anna, ben, key = pair
    for number in range(3):
        await anna.send(key, f"{number}")
    phone = await connect("ben")
    assert at(phone, key).unread == 3
    await phone.read(key, 2)
    await ben.until(lambda: at(ben, key).unread == 1)
    assert at(phone, key).unread == 1
    assert phone.state.unread_messages == ben.state.unread_messages == 1


async def test_a_lost_connection_is_made_good(pair):
    anna, ben, key = pair
    await anna.send(key, "before")
    await ben.until(lambda: at(ben, key).last_seq == 1)
    heard = ben.changes()
    await ben._connection.close()
    await ben.until(lambda: not ben.is_connected)
    await anna.send(key, "meanwhile")
    await ben.ready()
    await ben.until(lambda: at(ben, key).last_seq == 2)
    await ben.send(key, "back")
    await anna.until(lambda: at(anna, key).last_seq == 3)
    await same(key, anna, ben)
    changes = [await anext(heard) for _ in range(heard._queue.qsize())]
    assert names(changes).count("message.created") == 2


async def test_a_send_outlives_its_connection_and_is_stored_once(pair):
    anna, ben, key = pair
    client_id = str(uuid4())
    first = await anna.send(key, "once", client_id=client_id)
    again = await anna.send(key, "once", client_id=client_id)
    assert again == first
    with pytest.raises(CommandError) as refused:
        await anna.send(key, "other", client_id=client_id)
    assert refused.value.code == "duplicate_mismatch"
    await ben.until(lambda: at(ben, key).last_seq == 1)
    await same(key, anna, ben)


async def test_the_next_token(pair, connect, api):
    anna, ben, key = pair
    await anna._credentials.renew()
    await anna._connection.close()
    await anna.until(lambda: not anna.is_connected)
    await anna.ready()
    await anna.send(key, "with a new token")
    await ben.until(lambda: at(ben, key).last_seq == 1)


async def test_a_revoked_login_ends_the_session(pair, api):
    anna, _, _ = pair
    token = await anna._credentials.token()
    anna._credentials._refresh = None
    await api.logout(token)
    heard = anna.changes()
    assert "session.lost" in [change.name async for change in heard]
    assert not anna.is_connected


async def test_a_group_comes_and_goes(connect):
    anna, ben, carl = [await connect(name) for name in ("anna", "ben", "carl")]
    group = await anna.create([ben.state.me], title="Pier")
    await anna.send(group.id, "one")
    await anna.change_member(group.id, carl.state.me, verb="add")
    await carl.until(lambda: group.id in carl.state.conversations)
    assert at(carl, group.id).unread == 0
    await ben.until(lambda: carl.state.me in at(ben, group.id).participants)
    await anna.send(group.id, "two")
    await carl.until(lambda: at(carl, group.id).last_seq == 2)
    assert at(carl, group.id).unread == 1
    await anna.change_member(group.id, carl.state.me, verb="remove")
    await carl.until(lambda: group.id not in carl.state.conversations)
    await ben.until(lambda: carl.state.me not in at(ben, group.id).participants)
    with pytest.raises(CommandError) as refused:
        await carl.history(group.id)
    assert refused.value.code == "not_found"
    page = await ben.history(group.id)
    assert [message.content for message in page.messages] == ["one", "two"]
    await same(group.id, anna, ben)
