"""Who is active: by any command but those a client gives by itself, through both doors."""

import asyncio
import datetime as dt

import pytest

from storage.people import activity


@pytest.fixture
def quickly(monkeypatch):
    monkeypatch.setattr(activity, "PUBLISH_S", 0.05)


async def _seen(app, person):
    async with asyncio.timeout(10):
        while not (found := await app.app.core.activity.until([person.id])):
            await asyncio.sleep(0.02)
    return found[person.id]


async def test_a_command_counts_and_what_a_client_does_by_itself_does_not(app):
    anna = await app.person("anna")
    wire = await app.connect(anna)
    await wire.ask("ping")
    await wire.ask("sync", conversations={})
    assert await app.app.core.activity.until([anna.id]) == {}
    await wire.ask("conversation.list")
    left_s = (await _seen(app, anna) - dt.datetime.now(dt.UTC)).total_seconds()
    assert 55 < left_s <= 60


async def test_another_node_hears_of_it_from_either_door(serve, quickly):
    async with serve() as one, serve() as other:
        anna, ben = await one.people("anna", "ben")
        await (await one.connect(anna)).ask("conversation.list")
        assert (await one.command("conversation.list", ben)).status == 200
        for person in (anna, ben):
            left_s = (await _seen(other, person) - dt.datetime.now(dt.UTC)).total_seconds()
            assert 50 < left_s <= 60


async def test_it_is_over_after_a_minute(serve, quickly, monkeypatch):
    monkeypatch.setattr(activity, "ACTIVE_S", 0.5)
    async with serve() as one, serve() as other:
        anna = await one.person("anna")
        await (await one.connect(anna)).ask("conversation.list")
        await _seen(other, anna)
        async with asyncio.timeout(10):
            while await other.app.core.activity.until([anna.id]):
                await asyncio.sleep(0.05)


async def test_without_redis_nobody_elsewhere_is_active(serve, quickly):
    async with serve() as one, serve(redis_url="redis://127.0.0.1:1") as alone:
        anna = await one.person("anna")
        await (await one.connect(anna)).ask("conversation.list")
        assert await alone.app.core.activity.until([anna.id]) == {}
