"""Catching up is interrupted, or finds less than it needs: it goes on, and asks for no more."""

import pytest

from client.state.sync import SyncPass
from protocol.replies import SyncReply
from tests.faults.clients import (
    client_of,
    cut,
    group,
    hears,
    is_whole,
    revs,
    said,
    say,
    says_last,
    told_seqs,
)
from tests.faults.seams import Ear, Publishing
from tests.integration.talk.device import Device

ROOMS = 5


async def test_a_sync_is_cut_between_its_pages(serve, monkeypatch):
    """The pages that came are kept; the next connection asks for the rest, and tells none twice."""
    async with serve(limits={"page_max": 2, "page_default": 2}) as app:
        anna, ben = await app.people("anna", "ben")
        a = await app.connect(anna)
        rooms = [await group(a, ben) for _ in range(ROOMS)]
        async with client_of(app, ben) as device:
            state = device.state
        for room in rooms:
            await say(a, room, "one")
            await say(a, room, "two")
        # The log is gone, so that all is asked for.
        await app.app.core.foundation.redis.flushdb()
        devices: list[Device] = []
        cuts: list[SyncReply] = []
        apply = SyncPass.apply

        def apply_and_cut(running, page):
            changes = apply(running, page)
            if len(cuts) < 2 and page.messages:
                cuts.append(page)
                cut(devices[0])
            return changes

        async with client_of(app, ben, state=state, ready=False) as device:
            devices.append(device)
            monkeypatch.setattr(SyncPass, "apply", apply_and_cut)
            await device.session.ready()
            assert [page.complete for page in cuts] == [False, False]
            for room in rooms:
                assert said(device, room) == ["one", "two"]
                assert told_seqs(await device.told(), room) == [1, 2]
            await is_whole(device, app, ben)


async def test_a_gap_of_more_than_200_messages(app, serve):
    """That conversation is synced, and no other one; what follows comes live again."""
    async with serve() as other:
        anna, ben = await app.people("anna", "ben")
        a = await other.connect(anna)
        room, quiet = await group(a, ben), await group(a, ben)
        async with client_of(app, ben) as device:
            await say(a, quiet, "elsewhere")
            await says_last(device, quiet, "elsewhere")
            await say(a, room, "first")
            await says_last(device, room, "first")
            publishing = Publishing(other)
            publishing.lose()
            for number in range(201):
                await say(a, room, f"lost {number}")
            await publishing.done()
            publishing.go_on()
            await say(a, room, "skips ahead")
            resync = await device.hear("resync")
            assert resync.d.conversation_ids == [room]
            await says_last(device, room, "skips ahead")
            await say(a, room, "live")
            await device.until(lambda: device.session.is_ready and device.at(room).last_seq == 204)
            await is_whole(device, app, ben)
            # The newest 200 by the sync, the others by pages of history.
            assert sorted(told_seqs(await device.told(), room)) == list(range(1, 205))
            assert told_seqs(await device.told(), quiet) == [1]


@pytest.mark.parametrize("title", [None, "Another"])
async def test_a_gap_with_an_edit(app, serve, title):
    """Final states, each once. Rows that may not be all that changed are synced instead."""
    async with serve() as other:
        anna, ben = await app.people("anna", "ben")
        a = await other.connect(anna)
        room = await group(a, ben)
        async with client_of(app, ben) as device:
            first = await say(a, room, "first")
            await says_last(device, room, "first")
            publishing = Publishing(other)
            publishing.lose()
            edit = {"conversation_id": room, "message_id": first["id"], "content": "edited"}
            await a.ask("message.edit", edit)
            await say(a, room, "second")
            if title is not None:
                await a.ask("conversation.update", conversation_id=room, title=title)
            await publishing.done()
            publishing.go_on()
            await say(a, room, "third")
            await says_last(device, room, "third")
            assert said(device, room) == ["edited", "second", "third"]
            assert device.at(room).shown.title == (title or "Group")
            await is_whole(device, app, ben)
            assert ("resync" in await device.names()) == (title is not None)
            assert told_seqs(await device.told(), room) == [1, 2, 3]


async def test_a_log_holds_a_reference_while_the_process_catches_up(app, serve):
    """The event was too large for the log: it is fetched, whole."""
    async with serve() as other:
        anna, ben = await app.people("anna", "ben")
        a, b = await other.connect(anna), await app.connect(ben)
        room = await group(a, ben)
        await b.expect("conversation.created")
        ear = Ear(app)
        ear.stop()
        large = "x" * 3_000
        await say(a, room, "before")
        await say(a, room, large)
        await Publishing(other).done()
        ear.cut()
        await hears(b, "before")
        await hears(b, large)
        await say(a, room, "live")
        await hears(b, "live")
        assert revs(b, room) == [1, 2, 3, 4]


async def test_a_reference_to_a_conversation_never_seen(app, serve):
    """Nothing tells where its order begins: it is synced, and followed from there."""
    async with serve() as other:
        anna, ben = await app.people("anna", "ben")
        a = await other.connect(anna)
        room = await group(a, ben)
        async with client_of(app, ben) as before:
            state = before.state
        async with client_of(app, ben, state=state) as device:
            ear = Ear(app)
            ear.stop()
            await say(a, room, "y" * 3_000)
            await Publishing(other).done()
            ear.cut()
            await says_last(device, room, "y" * 3_000)
            await say(a, room, "live")
            await says_last(device, room, "live")
            await is_whole(device, app, ben)
            assert told_seqs(await device.told(), room) == [1, 2]
