"""Finding people by name: how names are compared, who is found, and in which order."""

import pytest

from storage.database.backfills import Backfills


@pytest.fixture
async def find(app):
    """The names that somebody finds."""

    async def find(person, query, **more):
        answer = await app.command("people.find", person, {"query": query, **more})
        assert answer.status == 200, answer.body
        return [one["display_name"] for one in answer.body["people"]]

    return find


async def test_each_word_begins_a_word_of_the_name(app, find):
    names = ("Ada Lovelace", "Jörg Müller", "王小明", "Lovell (Ada)", "adalbert")
    asker, *_ = await app.people("asker", *names)
    assert await find(asker, "ada lovelace") == ["Ada Lovelace"]
    assert await find(asker, "LOVE ad") == ["Ada Lovelace", "Lovell (Ada)"]
    assert await find(asker, "jorg mull") == ["Jörg Müller"]
    assert await find(asker, "小明") == ["王小明"]
    assert await find(asker, "明") == ["王小明"]
    assert await find(asker, "小 王") == ["王小明"]
    assert await find(asker, "velace") == []
    assert await find(asker, "ad%ace") == []
    assert await find(asker, "asker") == []
    assert await find(asker, "ada ada ada ada zz") == []


async def test_just_this_name_goes_first_and_then_whom_one_knows(app, find):
    asker, anna, known, other, _ = await app.people("asker", "Ann", "Annabel", "Anna", "Annika")
    await app.command(
        "conversation.create", asker, {"type": "direct", "participant_ids": [str(known.id)]}
    )
    assert await find(asker, "ann") == ["Ann", "Annabel", "Anna", "Annika"]
    assert await find(asker, "ann", limit=2) == ["Ann", "Annabel"]
    assert anna.id != other.id


async def test_whom_one_knows_is_found_among_very_many_of_that_name(app, find):
    (asker,) = await app.people("asker")
    await app.as_owner(
        "insert into users (display_name, kind)"
        " select 'Anna ' || n, 'client' from generate_series(1, 1500) n"
    )
    known, strange = await app.people("Anna the last", "Anna the other")
    await app.command(
        "conversation.create", asker, {"type": "direct", "participant_ids": [str(known.id)]}
    )
    assert (await find(asker, "anna", limit=2))[0] == "Anna the last"
    assert await find(strange, "anna the last") == ["Anna the last"]


async def test_privacy_and_blocks_hold(app, find):
    pool = app.app.core.foundation.pool
    asker, one, two, three, four, five = await app.people("asker", *(f"Nora {n}" for n in "12345"))
    assert len(await find(asker, "nora")) == 5
    await pool.execute("update users set messages_from = 'nobody' where id = $1", one.id)
    await pool.execute("update users set status = 'suspended' where id = $1", two.id)
    await app.command("block.add", asker, {"user_id": str(three.id)})
    await app.command("block.add", four, {"user_id": str(asker.id)})
    await app.command(
        "conversation.create", asker, {"type": "direct", "participant_ids": [str(five.id)]}
    )
    await pool.execute("update users set messages_from = 'connected' where id = $1", five.id)
    assert await find(asker, "nora") == ["Nora 5"]
    # Their own settings are no concern of what others find.
    assert await find(one, "nora") == ["Nora 3", "Nora 4"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"query": "a"}, "query"),
        ({"query": "  "}, "query"),
        ({"query": "x" * 201}, "query"),
        ({}, "query"),
        ({"query": "ada", "limit": 1000}, "limit"),
    ],
)
async def test_what_cannot_be_asked_is_refused(app, body, path):
    (asker,) = await app.people("asker")
    answer = await app.command("people.find", asker, body)
    assert answer.status == 422
    assert [item["path"] for item in answer.body["errors"]] == [path]


async def test_who_was_there_before_is_filled_in(app, find):
    asker, _, _ = await app.people("asker", "Zoe One", "Zoe Two")
    pool = app.app.core.foundation.pool
    await pool.execute("delete from people_names")
    await pool.execute("update backfills set done_at = null where name = 'names'")
    assert await find(asker, "zoe") == []
    backfills = Backfills(pool)
    assert await backfills.step("names", 2) == 2
    assert len(await find(asker, "zoe")) == 1
    while await backfills.step("names", 2):
        pass
    assert await find(asker, "zoe") == ["Zoe One", "Zoe Two"]
    assert "names" not in await backfills.open()


async def test_a_name_that_changes_is_found_by_the_new_one(app, find):
    asker, ben = await app.people("asker", "Benedikt")
    await app.http("PATCH", "/v1/me", ben, {"display_name": "Bruno"}, headers={"If-Match": "*"})
    assert await find(asker, "benedikt") == []
    assert await find(asker, "bru") == ["Bruno"]
