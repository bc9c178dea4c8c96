"""A door for tests: a few commands of their own, tokens that are users' ids, real files."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

from handlers.caller import Caller
from handlers.command import Command
from protocol.errors import ErrorCode, RequestError
from protocol.objects import Message
from protocol.replies import Empty, MessagePage, MessageReply, PresencesReply, SearchPage
from protocol.requests import (
    MessageHistory,
    MessageSearch,
    MessageSend,
    Ping,
    PresenceWatch,
    Request,
)
from storage.people.sessions import Session

LAST_SEQ = 25


class Fail(Request, frozen=True):
    """What to raise."""

    how: str


def message_of(conversation_id: UUID, seq: int, client_id: UUID | None = None) -> Message:
    return Message(
        id=str(UUID(int=seq)),
        conversation_id=str(conversation_id),
        seq=seq,
        rev=seq + 1,
        sender_id=str(UUID(int=1)),
        client_id=str(client_id or UUID(int=seq)),
        type="text",
        content="hello",
        created_at="2026-11-20T22:03:00.123Z",
    )


@dataclass
class Area:
    """Handlers that remember what they were asked."""

    asked: list[tuple[Caller, Request]] = field(default_factory=list)
    errors: dict[str, Exception] = field(default_factory=dict)

    async def ping(self, caller: Caller, request: Ping) -> Empty:
        self.asked.append((caller, request))
        return Empty()

    async def send(self, caller: Caller, request: MessageSend) -> MessageReply:
        self.asked.append((caller, request))
        return MessageReply(message_of(request.conversation_id, 1, request.client_id))

    async def history(self, caller: Caller, request: MessageHistory) -> MessagePage:
        """A conversation of 25 messages, in pages."""
        self.asked.append((caller, request))
        limit = request.limit or 10
        if request.after_seq is not None:
            first = request.after_seq + 1
        elif request.around_seq is not None:
            first = max(1, request.around_seq - limit // 2)
        else:
            first = max(1, (request.before_seq or LAST_SEQ + 1) - limit)
        end = request.before_seq or LAST_SEQ + 1
        seqs = range(first, min(first + limit, end))
        more = seqs[-1] < LAST_SEQ if request.after_seq is not None else first > 1
        return MessagePage([message_of(request.conversation_id, seq) for seq in seqs], more)

    async def search(self, caller: Caller, request: MessageSearch) -> SearchPage:
        self.asked.append((caller, request))
        return SearchPage([], "another page")

    async def fail(self, _caller: Caller, request: Fail) -> Empty:
        if request.how == "slowly":
            await asyncio.sleep(30)
        raise self.errors[request.how]

    def table(self) -> dict[str, Command]:
        commands = [
            Command("ping", Ping, Empty, self.ping, cost=0.5),
            Command("message.send", MessageSend, MessageReply, self.send),
            Command("message.history", MessageHistory, MessagePage, self.history),
            Command("message.search", MessageSearch, SearchPage, self.search, cost=2),
            Command("presence.watch", PresenceWatch, PresencesReply, self.fail, socket_only=True),
            Command("fail", Fail, Empty, self.fail),
        ]
        return {command.name: command for command in commands}


async def authenticate(token: str, _address: str) -> Session:
    """A user's id is the token of that user."""
    try:
        user_id = UUID(token)
    except ValueError as error:
        raise RequestError(ErrorCode.UNAUTHENTICATED, "the access token is not valid") from error
    return Session(uuid4(), user_id, "somebody", datetime.now(UTC))


@dataclass
class Purse:
    """Charges callers; empty once told so."""

    spent: float = 0.0
    left: float | None = None
    wait_s: float | None = None

    async def charge(self, _caller: Caller, cost: float) -> float | None:
        if self.wait_s is not None:
            raise RequestError.rate_limited("commands", self.wait_s)
        self.spent += cost
        return self.left
