"""How much one page, or one `sync`, answers with."""

import itertools
from uuid import uuid4

import pytest

from tests.integration.limits.scene import is_invalid, make_room

PAGED = {
    "conversation.list": "conversations",
    "message.history": "messages",
    "message.thread": "messages",
    "message.search": "messages",
    "notification.list": "notifications",
}


@pytest.fixture
async def room(serve):
    limits = {"page_default": 2, "page_max": 3, "sync_messages": 2, "sync_conversations": 2}
    async with serve(limits=limits) as served:
        yield await make_room(served)


@pytest.fixture
async def pages(room):
    """What to send for each paged command; there are four items of everything."""
    parent = await room.send("a parent")
    for _ in range(4):
        await room.send("findable", parent_id=parent["id"])
    for number in range(3):
        await room.a.ask(
            "conversation.create", type="group", participant_ids=[room.ben.id], title=f"{number}"
        )
    await room.served.app.core.foundation.pool.execute(
        """
        insert into notifications (user_id, type, category, title, content, group_key)
        select $1, 'test', 'messages', 'title', 'content', number::text
        from generate_series(1, 4) number
        """,
        room.anna.id,
    )
    here = {"conversation_id": room.id}
    return {
        "conversation.list": {},
        "message.history": here,
        "message.thread": here | {"parent_id": parent["id"]},
        "message.search": {"query": "findable"},
        "notification.list": {},
    }


async def indexed(room):
    """Search is filled by a task of its own: ask until all is there."""
    for _ in itertools.count():
        found = await room.a.ask("message.search", query="findable", limit=3)
        if found["next_cursor"] is not None:
            return


@pytest.mark.timeout(30)
async def test_page_default(room, pages):
    await indexed(room)
    for op, items in PAGED.items():
        assert len((await room.a.ask(op, pages[op]))[items]) == 2, op
    over_http = await room.served.http("GET", "/v1/conversations", room.anna)
    assert len(over_http.body["data"]) == 2


@pytest.mark.timeout(30)
async def test_page_max(room, pages):
    await indexed(room)
    for op, items in PAGED.items():
        assert len((await room.a.ask(op, pages[op], limit=3))[items]) == 3, op
        assert is_invalid(await room.a.refusal(op, pages[op], limit=4), "limit", limit=3), op
        assert (await room.a.refusal(op, pages[op], limit=0))["code"] == "validation_failed"
    over_http = await room.served.http("GET", "/v1/conversations?limit=4", room.anna)
    assert is_invalid(over_http.body["error"], "limit", limit=3)
    assert is_invalid(await room.a.refusal("sync", limit=4), "limit", limit=3)
    ids = [str(uuid4()) for _ in range(4)]
    for op in ("notification.read", "notification.archive"):
        await room.a.ask(op, ids=ids[:3])
        assert is_invalid(await room.a.refusal(op, ids=ids), "ids", limit=3)


async def test_sync_messages(room):
    await room.send("1")
    await room.send("2")
    synced = await room.a.ask("sync", conversations={room.id: 1}, only_named=True)
    assert [m["content"] for m in synced["messages"]] == ["1", "2"]
    assert synced["truncated"] == {}
    await room.send("3")
    synced = await room.a.ask("sync", conversations={room.id: 1}, only_named=True)
    assert [m["content"] for m in synced["messages"]] == ["2", "3"]
    assert synced["truncated"] == {room.id: 2}


async def test_sync_conversations(room):
    named = {room.id: 1, str(uuid4()): 1}
    assert len((await room.a.ask("sync", conversations=named))["gone"]) == 1
    error = await room.a.refusal("sync", conversations=named | {str(uuid4()): 1})
    assert is_invalid(error, "conversations", limit=2)


async def test_search_counted(serve):
    async with serve(limits={"search_counted": 2}) as served:
        pool = served.app.core.foundation.pool
        for count, total in ((2, {"count": 2, "is_exact": True}), (3, {"count": 2})):
            await pool.execute("delete from skills")
            await pool.execute(
                "insert into skills (name) select 'Cutting ' || n from generate_series(1, $1) n",
                count,
            )
            found = await served.http("GET", "/v1/search/skills?q=cutting&total=true")
            assert found.body["total"] == {"is_exact": False} | total
            assert len(found.body["data"]) == count
