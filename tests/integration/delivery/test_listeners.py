"""What a process stays subscribed to, whoever comes and goes."""

import asyncio

from storage.redis.keys import conversation_channel
from tests.integration.resuming.test_large import group, strangers
from tests.wire import WAIT_S


async def test_who_goes_while_a_large_conversation_is_joined_leaves_no_subscription(app):
    anna, ben = await app.people("anna", "ben")
    a = await app.connect(anna)
    room = await group(a, [str(ben.id), *await strangers(app, 40)])
    # By then the relay has told everybody of it, and nobody is taken over later.
    await a.expect("conversation.created")
    await a.close()
    listeners = app.app.core.delivery.hub.listeners
    async with asyncio.timeout(WAIT_S):
        while listeners.channel(conversation_channel(room)) is not None:
            await asyncio.sleep(0.01)
    subscribe = listeners._subscriptions.subscribe
    under_way, go_on = asyncio.Event(), asyncio.Event()

    async def slow(channel):
        if room.encode() in channel:
            under_way.set()
            await go_on.wait()
        return await subscribe(channel)

    listeners._subscriptions.subscribe = slow
    joining = asyncio.create_task(app.connect(ben))
    await under_way.wait()
    for mailbox in listeners.mailboxes():
        listeners.leave(str(ben.id), mailbox)
    go_on.set()
    await joining
    assert not [name for name in listeners._subscriptions._slots if room.encode() in name]
