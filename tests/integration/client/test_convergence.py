"""For every event, what a client held and the event make what a fresh client loads.

In the manner of Zulip's `verify_action`: a client is up to date, others act, and when its events
have come it must hold what a client does that has just loaded everything.
"""

import asyncio
import contextlib
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from client.connection.frames import JSON, MSGPACK
from client.errors import CommandError
from protocol.events import EVENTS
from tests.integration.client.world import World

TOLD_ELSEWHERE = {"server.draining"}
"""Says nothing about what a client holds; test_reconnecting.py."""


async def messages(world, key):
    first = await world.says(world.ben, key, "one")
    await world.converges()
    await world.says(world.carl, key, "two", parent_id=first["id"], mentions=[world.anna.id])
    await world.says(world.anna, key, "from another device")
    mine = await world.client.send(key, "from this one", parent_id=first["id"])
    await world.converges()
    about = {"conversation_id": key, "message_id": first["id"]}
    for person, op, more in [
        (world.ben, "message.edit", {"content": "one, or two"}),
        (world.carl, "reaction.add", {"emoji": "👍"}),
        (world.anna, "reaction.add", {"emoji": "👍"}),
        (world.carl, "reaction.remove", {"emoji": "👍"}),
        (world.ben, "message.pin", {}),
        (world.ben, "message.unpin", {}),
    ]:
        await world.does(person, op, **about, **more)
        await world.converges()
    await world.client.react(mine, "🙈")
    await world.client.edit(mine, "in other words")
    await world.does(world.ben, "message.delete", **about)
    await world.client.delete(mine)
    await world.converges()
    unread = await world.says(world.carl, key, "soon gone")
    await world.does(world.carl, "message.delete", conversation_id=key, message_id=unread["id"])
    await world.heard("unread.changed")
    await world.converges()


async def conversations(world, key):
    await world.does(
        world.ben, "conversation.create", type="direct", participant_ids=[world.anna.id]
    )
    mine = await world.client.create_direct(str(world.dora.id))
    await world.converges()
    await world.says(world.dora, mine.id)
    await world.does(world.ben, "conversation.update", conversation_id=key, title="Harbour")
    await world.converges()
    await world.does(world.ben, "conversation.update", conversation_id=key, status="closed")
    await world.does(world.ben, "conversation.update", conversation_id=key, status="open")
    await world.converges()


async def own_view(world, key):
    for fields in [{"is_muted": True}, {"is_archived": True, "is_pinned": True}]:
        await world.does(world.anna, "conversation.settings", conversation_id=key, **fields)
        await world.converges()
    await world.client.configure(key, is_muted=False, is_archived=False)
    await world.converges()


async def members(world, key):
    for person, op, who in [
        (world.ben, "member.add", world.dora),
        (world.ben, "member.remove", world.dora),
        (world.ben, "member.remove", world.anna),
    ]:
        await world.does(person, op, conversation_id=key, user_id=who.id)
        await world.converges()
    assert key not in world.state.conversations
    await world.says(world.ben, key, "without her")
    await world.does(world.ben, "member.add", conversation_id=key, user_id=world.anna.id)
    await world.holds(key)
    await world.says(world.ben, key, "with her again")
    await world.converges()
    await world.does(world.carl, "conversation.leave", conversation_id=key)
    await world.client.leave(key)
    await world.converges()


async def receipts(world, key):
    for number in range(4):
        await world.says(world.ben, key, f"{number}")
    for person, op, seq in [
        (world.carl, "receipt.delivered", 3),
        (world.carl, "receipt.read", 2),
        (world.anna, "receipt.delivered", 2),
        (world.anna, "receipt.read", 1),
        (world.carl, "receipt.read", 1),
    ]:
        await world.does(person, op, conversation_id=key, seq=seq)
        await world.converges()
    await world.client.read(key, 3)
    await world.converges()


async def notifications(world, key):
    for count in (1, 2):
        await world.says(world.ben, key, "look", mentions=[world.anna.id])
        await world.client.until(
            lambda c=count: any(
                one.type == "message.mention" and one.count == c
                for one in world.state.notifications.by_id.values()
            )
        )
    mine = await world.client.send(key, "mine")
    await world.says(world.ben, key, "an answer", parent_id=mine.id)
    await world.converges()
    first, *_ = world.state.notifications.newest_first()
    await world.does(world.anna, "notification.read", ids=[first.id])
    await world.converges()
    await world.does(world.anna, "notification.archive", ids=[first.id])
    await world.converges()
    await world.does(world.anna, "notification.read", up_to="2099-01-01T00:00:00Z")
    await world.converges()


async def company(world, key):
    """What is only for the moment."""
    await world.says(world.anna, key)
    await world.says(world.ben, key)
    b = await world.served.connect(world.ben)
    await world.client.watch([str(world.ben.id)])
    await b.ask("presence.set", status="away", text="lunch")
    await world.heard("presence.changed")
    await world.converges()
    for op in ("typing.start", "typing.stop"):
        await b.ask(op, conversation_id=key)
    await world.heard("typing.started", "typing.stopped")
    assert world.state.ephemeral.typing_in(key, 0.0) == []
    await world.converges()


async def blocks(world, key):
    """They make no event, and change nothing that is shown."""
    await world.does(world.anna, "block.add", user_id=world.ben.id)
    await world.says(world.ben, key, "heard in a group all the same")
    await world.converges()
    await world.does(world.anna, "block.remove", user_id=world.ben.id)
    await world.converges()


async def growth(world, key):
    """More than 32 people: the conversation has a channel of its own from then on."""
    crowd = [person.id for person in await world.served.people(*["somebody"] * 31)]
    for number, user_id in enumerate(crowd):
        await world.does(world.ben, "member.add", conversation_id=key, user_id=user_id)
        if number > 26:
            await world.says(world.ben, key, f"{number}")
    await world.converges()
    first = next(iter(world.state.conversations[key].history()))
    about = {"conversation_id": key, "message_id": first.id}
    await world.does(world.carl, "reaction.add", **about, emoji="👍")
    await world.does(world.anna, "receipt.read", conversation_id=key, seq=2)
    await world.client.send(key, "to many")
    await world.does(world.ben, "member.remove", conversation_id=key, user_id=crowd[0])
    await world.converges()
    await world.does(world.ben, "member.remove", conversation_id=key, user_id=world.anna.id)
    await world.client.until(lambda: key not in world.state.conversations)
    await world.does(world.ben, "member.add", conversation_id=key, user_id=world.anna.id)
    await world.holds(key)
    await world.says(world.ben, key, "with her again")
    await world.converges()


async def resync(world, key):
    """The server says that something may have been missed."""
    hub = world.served.app.core.delivery.hub
    everybody = hub.listeners.mailboxes()
    hub.delivery.resync(everybody, [key])
    hub.delivery.resync(everybody, None)
    await world.says(world.ben, key)
    await world.heard("resync")
    await world.client.ready()
    await world.converges()


SCENES = [
    messages,
    conversations,
    own_view,
    members,
    receipts,
    notifications,
    company,
    blocks,
    growth,
    resync,
]


@pytest.mark.parametrize("form", [JSON, MSGPACK], ids=["json", "msgpack"])
async def test_every_event_leads_to_what_a_fresh_client_loads(app, form):
    heard = set()
    for scene in SCENES:
        async with World.of(app, form) as world:
            key = await world.group(world.anna, world.carl)
            await world.holds(key)
            await world.converges()
            await scene(world, key)
            world.synced_only_as_told()
            heard |= world.record.names
    assert heard == set(EVENTS) - TOLD_ELSEWHERE


OPS = (
    "message.send",
    "message.send",
    "message.reply",
    "message.edit",
    "message.delete",
    "message.pin",
    "message.unpin",
    "reaction.add",
    "reaction.remove",
    "conversation.create",
    "conversation.update",
    "conversation.settings",
    "member.add",
    "member.remove",
    "conversation.leave",
    "receipt.read",
    "receipt.delivered",
    "notification.read",
    "notification.archive",
    "block.add",
    "block.remove",
)


@st.composite
def commands(draw):
    """Somebody, on some device, does something to something."""
    number = st.integers(0, 7)
    return (draw(st.sampled_from(OPS)), draw(number), draw(number), draw(number))


@given(
    said=st.lists(st.lists(commands(), min_size=4, max_size=12), min_size=2, max_size=3),
    form=st.sampled_from([JSON, MSGPACK]),
)
@settings(
    max_examples=8,
    deadline=None,
    # Every step waits for a server: a failure is told as it is found.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_whatever_anybody_does(app, said, form):
    async with World.of(app, form) as world:
        for key in [await world.group(world.anna, world.carl), await world.group(world.anna)]:
            await world.holds(key)
        for batch in said:
            await asyncio.gather(*(carry_out(world, *command) for command in batch[::2]))
            for command in batch[1::2]:
                await carry_out(world, *command)
            await world.converges()
        world.synced_only_as_told()


async def carry_out(world, op, one, two, three):
    """A command by somebody, which may be refused: the numbers say who, and to what."""
    person = world.people[one % len(world.people)]
    rooms = sorted(world.state.conversations)
    key = rooms[two % len(rooms)] if rooms else str(uuid4())
    held = world.state.conversations.get(key)
    at_hand = held.history() if held is not None else []
    message = at_hand[three % len(at_hand)] if at_hand else None
    other = world.people[three % len(world.people)].id
    inbox = [item.id for item in world.state.notifications.newest_first()] or [uuid4()]
    item = {"ids": [inbox[three % len(inbox)]]}
    about = {"message_id": uuid4() if message is None else message.id}
    makes = {
        "message.send": {"client_id": uuid4(), "content": f"{three}", "mentions": [other]},
        "message.reply": {
            "client_id": uuid4(),
            "content": f"{three}",
            "parent_id": None if message is None else message.id,
        },
        "message.edit": about | {"content": f"{one}{two}"},
        "reaction.add": about | {"emoji": "👍🎉"[three % 2]},
        "reaction.remove": about | {"emoji": "👍🎉"[three % 2]},
        "conversation.create": {
            "type": "direct" if three % 2 else "group",
            "participant_ids": [world.anna.id if person is not world.anna else other],
            "client_id": uuid4(),
        },
        "conversation.update": [{"title": f"{three}"}, {"status": "closed"}, {"status": "open"}][
            three % 3
        ],
        "conversation.settings": {"is_muted": bool(three & 1), "is_archived": bool(three & 2)},
        "member.add": {"user_id": other},
        "member.remove": {"user_id": other},
        "conversation.leave": {},
        "receipt.read": {"seq": three},
        "receipt.delivered": {"seq": three},
        "notification.read": item,
        "notification.archive": item,
        "block.add": {"user_id": other},
        "block.remove": {"user_id": other},
    }
    d = makes.get(op, about)
    if person is world.anna and op.startswith("message.") and three % 2 and "client_id" in d:
        with contextlib.suppress(CommandError):
            await world.client.send(key, **{**d, "client_id": str(d["client_id"]), "mentions": []})
        return
    own = {"conversation.create", "notification.read", "notification.archive"}
    if op not in own and not op.startswith("block"):
        d = {"conversation_id": key} | d
    answer = await world.tries(person, "message.send" if op == "message.reply" else op, **d)
    assert answer.status < 500, answer.body
    note(f"{person.name} {op} {d}: {answer.status}")
