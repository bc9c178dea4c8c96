"""A few people on a whole server, one of whom is watched: what her client holds, and the truth."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial
from typing import Any, Self
from uuid import uuid4

import msgspec
import pytest

from client.connection.connection import Dial
from client.connection.credentials import Credentials
from client.connection.frames import JSON, Format
from client.connection.reconnect import Backoff
from client.session import Session
from client.state.client_state import ClientState
from protocol.objects import Conversation, Message, Notification, Participant
from protocol.replies import HelloReply
from tests.app import Answer, Person, Served
from tests.integration.client.recorded import recorded

SMALL = 32
PATIENCE_S = 1.5
ROUNDS = 6


class World:
    """Anna's client, by the library; she and the others act over HTTP, as other devices would."""

    def __init__(self, served: Served, people: list[Person], form: Format) -> None:
        self.served = served
        self.anna, self.ben, self.carl, self.dora = self.people = people
        self.format = recorded(form)
        self.record = self.format.record
        self.client = self._session(self.anna, self.format)
        self.told = self.client.changes()
        self._connected = contextlib.AsyncExitStack()

    @classmethod
    @contextlib.asynccontextmanager
    async def of(cls, served: Served, form: Format) -> AsyncIterator[Self]:
        """The people, with Anna connected and up to date."""
        world = cls(served, await served.people("anna", "ben", "carl", "dora"), form)
        await world._connected.enter_async_context(world.client)
        try:
            await world.client.ready()
            yield world
        finally:
            await world.leaves()

    async def leaves(self) -> None:
        """Anna's client is away from here on."""
        await self._connected.aclose()

    async def returns(
        self, served: Served | None = None, *, state: ClientState | None = None, url: str = ""
    ) -> HelloReply:
        """It is back, perhaps at another node; `record` and `told` begin anew.

        It goes on with the state that it had, or with `state`.
        """
        self.record.clear()
        state = self.state if state is None else state
        self.client = self._session(self.anna, self.format, state=state, served=served, url=url)
        self.told = self.client.changes()
        await self._connected.enter_async_context(self.client)
        await self.client.until(lambda: bool(self.record.hellos) and self.client.is_ready)
        return self.record.hellos[0]

    @property
    def state(self) -> ClientState:
        return self.client.state

    async def does(self, person: Person, op: str, **d: Any) -> Any:
        """A command over HTTP that must succeed; returns what it answers."""
        answer = await self.tries(person, op, **d)
        assert answer.status == 200, f"{op}: {answer.body}"
        return answer.body

    async def tries(self, person: Person, op: str, **d: Any) -> Answer:
        plain = {name: _plain(value) for name, value in d.items()}
        return await self.served.command(op, person, plain)

    async def says(self, person: Person, key: str, content: str = "a word", **d: Any) -> Any:
        d = {"conversation_id": key, "client_id": uuid4(), "content": content} | d
        return (await self.does(person, "message.send", **d))["message"]

    async def group(self, *members: Person, title: str = "Pier") -> str:
        """A group of Ben's."""
        ids = [member.id for member in members]
        d = {"type": "group", "participant_ids": ids, "title": title, "client_id": uuid4()}
        made = await self.does(self.ben, "conversation.create", **d)
        return str(made["conversation"]["id"])

    async def holds(self, key: str) -> None:
        """Waits until Anna's client knows a conversation."""
        await self.client.until(lambda: key in self.state.conversations)

    async def heard(self, *names: str) -> None:
        await self.client.until(lambda: set(names) <= self.record.names)

    async def converges(self) -> None:
        """What Anna's client holds by its events is what a fresh one loads.

        What follows by itself (notifications, figures told once a second) may come in between:
        then another fresh client is asked.
        """
        for _ in range(ROUNDS):
            truth = await self.truth()
            with contextlib.suppress(TimeoutError):
                await self.client.until(partial(self.shows, truth), PATIENCE_S)
                return
        pytest.fail("\n".join(_differences(self.seen(), await self.truth())))

    def shows(self, truth: Mapping[str, Any]) -> bool:
        """Whether Anna's client shows this."""
        return self.seen() == truth

    def synced_only_as_told(self) -> None:
        """Its events left Anna's client no gap: after the first sync, only the server asked for
        others, or told figures that were not yet those of the events.
        """
        syncs = self.record.commands.count("sync") - 1
        names = [event.name for event in self.record.events]
        assert syncs <= names.count("resync") + names.count("unread.changed")

    async def truth(self) -> dict[str, Any]:
        """What a fresh client of Anna's holds, with the messages that hers has at hand."""
        async with self._session(self.anna) as fresh:
            await fresh.ready()
            await asyncio.gather(
                *(
                    fresh.history(key, limit=200)
                    for key in fresh.state.conversations
                    if key in self.state.conversations and self.state.conversations[key].loaded
                )
            )
            watched = list(self.state.ephemeral.presences)
            if watched:
                await fresh.watch(watched)
            return self.seen(fresh)

    def seen(self, session: Session | None = None) -> dict[str, Any]:
        """All that a client shows, of the messages those that Anna's client has at hand."""
        state = self.state if session is None else session.state
        seen: dict[str, Any] = {
            "unread": state.unread_messages,
            "notifications": [_notification(one) for one in state.notifications.newest_first()],
            "notifications unread": state.notifications.unread,
            "presences": {
                key: msgspec.structs.asdict(one) for key, one in state.ephemeral.presences.items()
            },
        }
        for key, held in state.conversations.items():
            mine = self.state.conversations.get(key)
            at_hand = set() if mine is None else {m.seq for m in mine.history()}
            seen[key] = _conversation(held.view())
            seen[f"{key} messages"] = [_message(m) for m in held.history() if m.seq in at_hand]
        return dict(sorted(seen.items()))

    def _session(
        self,
        person: Person,
        form: Format = JSON,
        *,
        state: ClientState | None = None,
        served: Served | None = None,
        url: str = "",
    ) -> Session:
        port = (served or self.served).app.ws_port
        dial = Dial(url or f"ws://127.0.0.1:{port}/v1/ws", form)
        backoff = Backoff(base_s=0.05, cap_s=0.2)
        return Session(Credentials(token=person.token), dial, state=state, backoff=backoff)


def _differences(seen: Any, truth: Any, path: str = "") -> Iterator[str]:
    """Where what is seen is not the truth, each on a line."""
    if isinstance(seen, dict) and isinstance(truth, dict):
        for name in sorted(seen.keys() | truth.keys()):
            yield from _differences(seen.get(name), truth.get(name), f"{path}/{name}")
    elif isinstance(seen, list) and isinstance(truth, list) and len(seen) == len(truth):
        for number, (one, other) in enumerate(zip(seen, truth, strict=True)):
            yield from _differences(one, other, f"{path}/{number}")
    elif seen != truth:
        yield f"{path}: {seen!r}, not {truth!r}"


def _conversation(shown: Conversation) -> Mapping[str, Any]:
    fields = msgspec.structs.asdict(shown)
    fields["participants"] = {one.user_id: _marks(one, shown) for one in shown.participants}
    if shown.last_message is not None:
        fields["last_message"] = _message(shown.last_message)
    return fields


def _marks(one: Participant, shown: Conversation) -> Mapping[str, Any]:
    fields = msgspec.structs.asdict(one)
    if len(shown.participants) > SMALL:
        # Nobody is told of others' receipts in a large conversation.
        fields["last_read_seq"] = fields["last_delivered_seq"] = None
    return fields


def _message(message: Message) -> Mapping[str, Any]:
    """With attachments but for their links, which are signed anew each time."""
    fields = msgspec.structs.asdict(message)
    fields["attachments"] = [one.file_id for one in message.attachments]
    return fields


def _notification(one: Notification) -> Mapping[str, Any]:
    return msgspec.structs.asdict(one)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | dict) else str(value)
