"""What one row of the command table is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from handlers.caller import Caller
from protocol.replies import Reply, Settle
from protocol.requests import ConversationRequest, Request

Handler = Callable[[Caller, Any], Awaitable[Reply]]
Start = Callable[[Caller, Any, Settle], None]
"""Puts a request into a queue, from where its end is told. May raise `RequestError` at once."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command: both doors, the documents and the completeness tests read these rows.

    `cost` is in tokens of the rate limiter. A `socket_only` command makes no sense without a
    connection (`presence.watch`), and HTTP refuses it. A command whose work is a place in a queue
    has `start` too, and then runs without a task or a future of its own. A conversation's commands
    wait for each other, but for those that are pipelined. `is_activity` is false of what a client
    does by itself.
    """

    name: str
    request: type[Request]
    reply: type[Reply]
    handler: Handler
    cost: float = 1.0
    socket_only: bool = False
    start: Start | None = None
    is_pipelined: bool = False
    is_activity: bool = True

    @property
    def is_ordered(self) -> bool:
        """True when commands of one connection and conversation must keep their order."""
        return issubclass(self.request, ConversationRequest)
