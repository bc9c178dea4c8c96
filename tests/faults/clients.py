"""Clients built on the library, which go away and come back, and what they must hold in the end."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

from client.connection.connection import Dial
from client.connection.credentials import Credentials
from client.connection.frames import JSON, Format
from client.connection.reconnect import Backoff
from client.session import Session
from client.state.changes import Change
from client.state.client_state import ClientState
from protocol.objects import Message
from protocol.replies import HelloReply, MessagePage
from tests.app import Person, Served
from tests.integration.talk.device import Device, _shown, contents
from tests.wire import WAIT_S, Wire


@contextlib.asynccontextmanager
async def client_of(
    app: Served,
    person: Person,
    *,
    state: ClientState | None = None,
    port: int | None = None,
    form: Format = JSON,
    ready: bool = True,
    ping_s: float | None = None,
) -> AsyncIterator[Device]:
    """A client that is up to date, if it is to be ready; with a state it goes on from there.

    `port` leads to the app by another way.
    """
    dial = Dial(f"ws://127.0.0.1:{port or app.app.ws_port}/v1/ws", form, ping_s=ping_s)
    credentials = Credentials(token=person.token)
    backoff = Backoff(base_s=0.05, cap_s=0.2)
    async with Session(credentials, dial, state=state, backoff=backoff) as session:
        changes = session.changes()
        if ready:
            await session.ready()
        yield Device(session, changes)


def cut(device: Device) -> None:
    """Its connection is gone, without a word; it comes back by itself."""
    connection = device.session._connection
    assert connection is not None
    connection._socket.transport.abort()


async def is_whole(device: Device, app: Served, person: Person) -> None:
    """It holds what a client that begins now is told, and of each message what the server says."""
    async with client_of(app, person) as fresh:
        assert set(device.state.conversations) == set(fresh.state.conversations)
        for key, told in fresh.state.conversations.items():
            held = device.at(key)
            assert _shown(held.view()) == _shown(told.view())
            stored = {message.seq: message for message in await stored_in(fresh, key)}
            assert [stored[message.seq] for message in held.history()] == held.history()
        assert device.state.unread_messages == fresh.state.unread_messages


async def stored_in(device: Device, key: str) -> list[Message]:
    """All messages of a conversation, as the server has them."""
    stored: list[Message] = []
    has_more = True
    while has_more:
        d = {"conversation_id": key, "after_seq": len(stored)}
        page = await device.session.request("message.history", d, MessagePage)
        stored += page.messages
        has_more = page.has_more
    return stored


def told_seqs(changes: Sequence[Change], key: str) -> list[int]:
    """The messages that a client told as created, in the order told."""
    return [
        change.d.message.seq
        for change in changes
        if change.name == "message.created" and change.conversation_id == key
    ]


async def opened(device: Device) -> HelloReply:
    """How the server has answered its latest hello."""
    replies = [change.d for change in await device.told() if change.name == "session.opened"]
    reply: HelloReply = replies[-1]
    return reply


def said(device: Device, key: str) -> list[str | None]:
    """What the messages at hand say."""
    return contents(device.at(key).history())


async def says_last(device: Device, key: str, content: str) -> None:
    """Waits until this is the last message at hand."""
    await device.until(lambda: said(device, key)[-1:] == [content])


def revs(wire: Wire, key: str) -> list[int]:
    """The revs that events of a conversation brought to a connection, in order."""
    return [
        frame["d"]["rev"]
        for frame in wire.frames
        if "ev" in frame and "rev" in frame["d"] and _conversation_of(frame["d"]) == key
    ]


def _conversation_of(d: dict[str, Any]) -> Any:
    if "conversation" in d:
        return d["conversation"]["id"]
    return d["message"]["conversation_id"] if "message" in d else d["conversation_id"]


async def group(wire: Wire, *others: Person) -> str:
    """The key of a new group of this connection's user with others."""
    ids = [other.id for other in others]
    made = await wire.ask("conversation.create", type="group", participant_ids=ids, title="Group")
    key: str = made["conversation"]["id"]
    return key


async def say(wire: Wire, key: str, content: str = "a word") -> Any:
    """The message, as it was stored."""
    d = {"conversation_id": key, "client_id": uuid4(), "content": content}
    return (await wire.ask("message.send", d))["message"]


async def hears(wire: Wire, content: str, timeout_s: float = WAIT_S) -> None:
    """Waits for the event of the message that says this."""
    await wire.expect("message.created", timeout_s, lambda d: d["message"]["content"] == content)
