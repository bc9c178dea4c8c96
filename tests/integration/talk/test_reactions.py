"""Reactions of two phones, and those that an earlier version stored, as clients hear of them."""

import asyncpg

HEART, RED_HEART = "\u2764", "\u2764\ufe0f"


async def test_two_phones_make_one_reaction(pair):
    anna, ben = pair.anna, pair.ben
    message = await anna.session.send(pair.key, "hello")
    await ben.hear("message.created")
    await anna.session.react(message, HEART)
    await ben.session.react(message, RED_HEART)
    for device in (anna, ben):
        heard = await device.hear("message.updated", lambda d: d.rev == 4)
        assert heard.d.message.reactions == {RED_HEART: [anna.me, ben.me]}
        assert heard.d.message.reaction_counts == {RED_HEART: 2}
    both = await anna.session.react(message, HEART, remove=True)
    assert both.reactions == {RED_HEART: [ben.me]}


async def test_a_server_merges_what_is_stored_and_tells_once(pair, serve, database_url):
    anna, ben = pair.anna, pair.ben
    message = await anna.session.send(pair.key, "hello")
    await ben.hear("message.created")
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        await connection.executemany(
            "insert into message_reactions values ($1, 1, $2, $3)",
            [(pair.key, HEART, anna.me), (pair.key, RED_HEART, anna.me), (pair.key, HEART, ben.me)],
        )
        await connection.execute("update messages set reaction_count = 3")
        await connection.execute("update backfills set done_at = null where name = 'reactions'")
        async with serve():
            for device in (anna, ben):
                heard = await device.hear("message.updated")
                assert heard.d.rev == message.rev + 1
                assert heard.d.message.reactions == {RED_HEART: [anna.me, ben.me]}
        rows = await connection.fetch("select emoji, user_id from message_reactions")
        assert sorted(str(row["user_id"]) for row in rows) == sorted([anna.me, ben.me])
        assert {row["emoji"] for row in rows} == {RED_HEART}
    finally:
        await connection.close()
    for device in (anna, ben):
        assert (await device.names()).count("message.updated") == 1
