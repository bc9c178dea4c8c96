"""Who is removed from a conversation hears nothing more of it, on any process, from that rev on."""

import asyncio
import contextlib
from uuid import uuid4

import pytest


async def heard_of(wire, key):
    """The revs of all that a connection was told of a conversation, without the own parting."""
    await wire.flushed()
    events = [
        frame["d"]
        for frame in wire.frames
        if "ev" in frame
        and frame["ev"] != "member.left"
        and key in str(frame["d"])
        and "rev" in frame["d"]
    ]
    return [d["rev"] for d in events]


@pytest.mark.parametrize("attempt", range(3))
async def test_events_stop_at_once_on_every_process(serve, attempt):
    async with contextlib.AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(serve()) for _ in range(3)]
        anna, ben, carl = await nodes[0].people("anna", "ben", "carl")
        a = await nodes[attempt].connect(anna)
        c = await nodes[1].connect(carl)
        bens = [await node.connect(ben, form) for node in nodes for form in ("json", "msgpack")]
        made = await a.ask("conversation.create", type="group", participant_ids=[ben.id, carl.id])
        key = made["conversation"]["id"]
        for wire in (c, *bens):
            await wire.expect("conversation.created")

        async def send(wire):
            d = {"conversation_id": key, "client_id": uuid4(), "content": "hello"}
            return (await wire.ask("message.send", d))["message"]["rev"]

        async def talk(wire):
            return [await send(wire) for _ in range(20)]

        talking = [asyncio.create_task(talk(wire)) for wire in (a, c)]
        await bens[0].expect("message.created")
        await a.ask("member.remove", conversation_id=key, user_id=ben.id)
        told = [await send(a), await send(c)]
        said = [rev for task in talking for rev in await task] + told
        left = [(await wire.expect("member.left"))["d"]["rev"] for wire in bens]
        assert len(set(left)) == 1
        (rev,) = set(left)
        assert max(said) > rev
        for wire in bens:
            assert max(await heard_of(wire, key)) < rev
            refusal = await wire.refusal("message.history", conversation_id=key)
            assert refusal["code"] == "not_found"
        # Who stays heard everything.
        await c.expect("message.created", where=lambda d: d["rev"] == told[0])
        assert set(await talking[0]) < set(await heard_of(c, key))
