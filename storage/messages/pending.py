"""What waits for its group: a message, and whoever is told how it ended."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec

from protocol.replies import Reply, Settle
from protocol.requests import MessageSend
from storage.database.ids import cheap

_encode = msgspec.msgpack.Encoder().encode


@dataclass(slots=True)
class Pending:
    """A message that waits for its group; `origin` is the sending connection, empty over HTTP."""

    request: MessageSend
    sender_id: UUID
    origin: str
    settle: Settle
    conversation_id: UUID = field(init=False)
    client_id: UUID = field(init=False)
    request_hash: bytes = field(init=False)
    """Of what the client asked for: the same `client_id` with another hash is a mismatch."""

    def __post_init__(self) -> None:
        asked = self.request
        self.conversation_id = cheap(asked.conversation_id)
        self.client_id = cheap(asked.client_id)
        body = (asked.type, asked.content, asked.attachments, asked.parent_id, asked.mentions)
        self.request_hash = blake2b(_encode(body), digest_size=16).digest()


def taken_behind(
    refused: Iterable[Pending], queues: Iterable[list[Pending] | deque[Pending]]
) -> list[Pending]:
    """Take out of the queues, in order, what is of a connection and conversation of the refused.

    HTTP requests have no order among them: each is alone, and none is taken for another.
    """
    keys = {(one.conversation_id, one.origin) for one in refused if one.origin}
    taken: list[Pending] = []
    if not keys:
        return taken
    for queue in queues:
        behind = [one for one in queue if (one.conversation_id, one.origin) in keys]
        if behind:
            taken += behind
            rest = [one for one in queue if (one.conversation_id, one.origin) not in keys]
            queue.clear()
            queue.extend(rest)
    return taken


def settling(future: "asyncio.Future[Any]") -> Settle:
    """Tells whoever awaits a future."""

    def settle(answer: Reply | Exception) -> None:
        if future.done():
            return  # nobody waits any more
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)

    return settle
