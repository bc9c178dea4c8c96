"""Somebody who plays: their requests over HTTP, and a socket that hears what they are told."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from client.connection.connection import Connection, Dial, open_connection
from client.connection.frames import JSON
from client.connection.http import Grant
from client.state.changes import Event
from protocol.events import ConversationEvent, DomainEvent, MessageEvent
from protocol.objects import Conversation, Message
from protocol.replies import HelloReply
from protocol.text import created_at_of

Json = dict[str, Any]

TRIES = 20
_LATER = 429
_EVER = datetime.min.replace(tzinfo=UTC)


class DemoError(Exception):
    """Something is not as the story has it; the message says what."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be asked for."""

    person: "Person"
    method: str
    path: str
    body: Json | None = None
    if_match: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it."""

    status: int
    body: Any
    location: str = ""


@dataclass(slots=True, eq=False)
class Person:
    """A login on a server. `rows` and `room` are what its socket has heard and nobody has taken:
    events of rows, and those of conversations, each in the order in which they came.

    Only rows are heard of that were made since the socket was opened.
    """

    name: str
    http: aiohttp.ClientSession
    grant: Grant
    rows: list[Event] = field(default_factory=list)
    room: list[Event] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    since: datetime = _EVER
    _eids: set[str] = field(default_factory=set)
    _revs: dict[str, int] = field(default_factory=dict)
    _faults: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The user's id."""
        return self.grant.user.id

    def get(self, path: str) -> Request:
        """A request to read."""
        return Request(self, "GET", path)

    def post(self, path: str, body: Json | None = None, *, if_match: int | None = None) -> Request:
        """A request to make or do something."""
        return Request(self, "POST", path, {} if body is None else body, if_match)

    async def ask(self, request: Request) -> Answer:
        """Send a request; one that comes too soon after others is sent again, with its key."""
        headers = {"Authorization": f"Bearer {self.grant.access_token}"}
        if request.method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        if request.if_match is not None:
            headers["If-Match"] = f'"{request.if_match}"'
        for _ in range(TRIES):
            async with self.http.request(
                request.method, f"/v1/{request.path}", json=request.body, headers=headers
            ) as answer:
                body = await answer.json(content_type=None)
                if answer.status != _LATER:
                    return Answer(answer.status, body, answer.headers.get("Location", ""))
                later_s = float(answer.headers.get("Retry-After", "1"))
            await asyncio.sleep(later_s)
        raise DemoError(f"{request.path}: the server takes no more requests now")

    async def connected(self, ws_url: str) -> Connection:
        """An open socket of this login, which has said hello."""
        connection = await open_connection(Dial(ws_url, JSON), self.hear)
        hello = await connection.request("hello", {"token": self.grant.access_token}, HelloReply)
        self.since = datetime.fromisoformat(hello.server_time)
        return connection

    def hear(self, event: Event) -> None:
        """Keep an event; those that say less than a reading of the row are left out."""
        match event.d:
            case DomainEvent(id=key):
                heard = self.rows
            case ConversationEvent(conversation=Conversation(id=key)):
                heard = self.room
            case MessageEvent(message=Message(conversation_id=key)):
                heard = self.room
            case _:
                return
        if created_at_of(UUID(key)) < self.since:
            return
        if heard is self.room:
            self._follow(event)
        heard.append(event)
        if event.eid in self._eids:
            self._faults.append(f"{event.name} came twice")
        self._eids.add(event.eid or "")
        self.news.set()

    def see_whole(self) -> None:
        """Raise `DemoError` if an event came twice, or out of order."""
        if self._faults:
            raise DemoError(f"the socket of the {self.name}: {'; '.join(self._faults)}")

    def _follow(self, event: Event) -> None:
        d: ConversationEvent | MessageEvent = event.d
        key = d.conversation.id if isinstance(d, ConversationEvent) else d.message.conversation_id
        held = self._revs.get(key)
        if held is not None and d.prev_rev != held:
            self._faults.append(f"{event.name}: rev {d.rev} after {held}")
        self._revs[key] = d.rev
