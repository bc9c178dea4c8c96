"""What a delivery tells of several messages: what is unread, there, and of nobody blocked."""

import pytest

from tests.integration.deliveries.ground import SEQ_KINDS

RUN, MENTION = "message.run", "message.mention"


@pytest.fixture
async def said(ground):
    """Ada, Cyd and Ada again have written to a group; Ben has read nothing."""
    ada, ben, cyd = [await ground.person(name) for name in ("ada", "ben", "cyd")]
    talk = await ground.seeder.conversation(ada, ben, cyd)
    for sender in (ada, cyd, ada):
        await ground.seeder.message(talk, sender=sender)
    return talk, ada, ben, cyd


async def _told(ground, said, kind):
    """Ben is told of all of it by one notification."""
    talk, ada, ben, cyd = said
    for seq, sender in enumerate((ada, cyd, ada), 1):
        data = {"senders": [cyd, ada]} if kind == RUN else {"message_id": talk.ids[seq]}
        await ground.notify(
            ben,
            type=kind,
            category="message",
            group_key=f"{SEQ_KINDS[kind]}:{talk.id}",
            subject_type="conversation",
            subject_id=talk.id,
            actor_id=sender,
            seq=seq,
            data=data,
        )


async def _sent(ground):
    await ground.passes(130)
    await ground.work()
    (mail,) = ground.mail.sent
    (item,) = mail.items
    return item


@pytest.mark.parametrize("kind", [RUN, MENTION])
async def test_it_tells_of_all_and_quotes_the_newest(ground, said, kind):
    await _told(ground, said, kind)
    item = await _sent(ground)
    assert (item.seq, item.count, item.actor_id) == (3, 3, said[1])
    if kind == RUN:
        assert item.data["senders"] == [str(said[1]), str(said[3])]


@pytest.mark.parametrize("kind", [RUN, MENTION])
async def test_what_is_deleted_is_not_quoted(ground, said, kind):
    await _told(ground, said, kind)
    await ground.seeder.delete(said[0], 3)
    item = await _sent(ground)
    assert (item.seq, item.count, item.actor_id) == (2, 2, said[3])


@pytest.mark.parametrize("kind", [RUN, MENTION])
async def test_who_is_blocked_is_neither_quoted_nor_named(ground, said, kind):
    _, ada, ben, cyd = said
    await _told(ground, said, kind)
    await ground.owner.execute("insert into user_blocks values ($1, $2)", ben, ada)
    item = await _sent(ground)
    assert (item.seq, item.count, item.actor_id) == (2, 1, cyd)
    if kind == RUN:
        assert item.data["senders"] == [str(cyd)]


@pytest.mark.parametrize("kind", [RUN, MENTION])
async def test_where_all_are_blocked_nothing_goes(ground, said, kind):
    _, ada, ben, cyd = said
    await _told(ground, said, kind)
    await ground.owner.execute("insert into user_blocks values ($1, $2), ($3, $1)", ben, ada, cyd)
    await ground.passes(130)
    await ground.work()
    assert await ground.states() == [("email", "cancelled", "blocked")]


@pytest.mark.parametrize("kind", [RUN, MENTION])
async def test_of_what_is_read_in_part_the_rest_is_told(ground, said, kind):
    await _told(ground, said, kind)
    await ground.seeder.read(said[0], said[2], 2)
    item = await _sent(ground)
    assert (item.seq, item.count) == (3, 1)


@pytest.mark.parametrize("kind", [RUN, MENTION])
async def test_a_digest_tells_the_same(ground, said, kind):
    talk, ada, ben, cyd = said
    await ground.owner.execute(
        "insert into notification_settings (user_id, digest) values ($1, 'hourly')", ben
    )
    await _told(ground, said, kind)
    await ground.notify(ben)
    await ground.passes(130)
    await ground.work()
    await ground.owner.execute("insert into user_blocks values ($1, $2)", ben, ada)
    await ground.passes(3600)
    await ground.work()
    (mail,) = ground.mail.sent
    told = {item.type: (item.seq, item.count, item.actor_id) for item in mail.items}
    assert told == {"contract.funded": (None, 1, None), kind: (2, 1, cyd)}
    # What none of it is left of is not in the next one.
    await ground.notify(ben)
    await ground.seeder.delete(talk, 2)
    await ground.notify(ben, group_key="another")
    await ground.passes(130)
    await ground.work()
    await ground.passes(3600)
    await ground.work()
    assert {item.type for item in ground.mail.sent[1].items} == {"contract.funded"}


async def test_a_run_that_was_put_away_is_told_by_no_other(ground, said):
    talk, ada, ben, _ = said
    await _told(ground, said, RUN)
    await ground.owner.execute("update notifications set read_at = now(), archived_at = now()")
    await ground.tell(talk, ben, await ground.seeder.message(talk, sender=ada))
    await ground.seeder.delete(talk, 4)
    await ground.passes(130)
    await ground.work()
    assert ground.mail.sent == []
