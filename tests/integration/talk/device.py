"""A device of somebody: a client session with all that it told, in order."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec

from client.connection.connection import Dial
from client.connection.credentials import Credentials
from client.connection.frames import JSON, MSGPACK, Format
from client.connection.reconnect import Backoff
from client.errors import CommandError
from client.session import Session
from client.state.changes import Change
from client.state.conversation import ConversationState
from client.subscription import Subscription
from protocol.objects import Conversation, Message
from tests.app import Person, Served
from tests.wire import WAIT_S

FORMATS = {"json": JSON, "msgpack": MSGPACK}


def anything(_d: Any) -> bool:
    """Every body will do."""
    return True


class Device:
    """A connected session; `log` holds the changes heard so far."""

    def __init__(self, session: Session, changes: Subscription) -> None:
        self.session = session
        self.state = session.state
        self.log: list[Change] = []
        self._changes = changes

    @property
    def me(self) -> str:
        """The user."""
        return self.state.me

    def at(self, key: str) -> ConversationState:
        """A conversation as this device holds it."""
        return self.state.conversations[key]

    async def hear(
        self, name: str, where: Callable[[Any], bool] = anything, timeout_s: float = WAIT_S
    ) -> Change:
        """The next change of this name whose `d` satisfies `where`, after the last one heard."""
        async with asyncio.timeout(timeout_s):
            async for change in self._changes:
                self.log.append(change)
                if change.name == name and where(change.d):
                    return change
        raise AssertionError(f"the session ended before {name}")

    async def until(self, condition: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
        """Waits until `condition`, looked at after every frame, holds."""
        await self.session.until(condition, timeout_s)

    async def told(self) -> list[Change]:
        """All changes, those included that the server had written before now."""
        await self.ask("ping")
        while not self._changes._queue.empty():
            self.log.append(await anext(self._changes))
        return self.log

    async def names(self) -> list[str]:
        """The names of all changes so far."""
        return [change.name for change in await self.told()]

    async def ask(self, op: str, **d: Any) -> Any:
        """The `d` of the reply to any command, as plain values."""
        return await self.session.request(op, d, object)

    async def refusal(self, op: str, **d: Any) -> str:
        """The code that refuses a command."""
        try:
            answer = await self.ask(op, **d)
        except CommandError as error:
            return error.code
        raise AssertionError(f"{op} was not refused: {answer}")


def picture(device: Device) -> dict[str, Any]:
    """All that a device holds, in a form that compares."""
    return {
        "conversations": {
            key: _shown(held.view()) for key, held in device.state.conversations.items()
        },
        "messages": {key: held.history() for key, held in device.state.conversations.items()},
        "unread": device.state.unread_messages,
        "notifications": device.state.notifications.newest_first(),
        "unread notifications": device.state.notifications.unread,
    }


def _shown(view: Conversation) -> Conversation:
    people = sorted(view.participants, key=lambda participant: participant.user_id)
    return msgspec.structs.replace(view, participants=people)


def message_revs(changes: list[Change], key: str) -> list[int]:
    """The revs of the changes of messages told of one conversation, in the order told."""
    return [
        change.d.rev
        for change in changes
        if change.conversation_id == key and change.name.startswith("message.")
    ]


def contents(messages: list[Message]) -> list[str | None]:
    """What messages say."""
    return [message.content for message in messages]


@contextlib.asynccontextmanager
async def device_of(app: Served, person: Person, form: Format) -> AsyncIterator[Device]:
    """A device that is connected and up to date."""
    dial = Dial(f"ws://127.0.0.1:{app.app.ws_port}/v1/ws", form, ping_s=None)
    credentials = Credentials(token=person.token)
    async with Session(credentials, dial, backoff=Backoff(base_s=0.05, cap_s=0.2)) as session:
        changes = session.changes()
        await session.ready()
        yield Device(session, changes)
