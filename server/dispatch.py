"""One command to its handler, and its reply or refusal to bytes."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from handlers.caller import Caller
from handlers.command import Command
from protocol.codec import Codec, encode_error
from protocol.errors import ErrorCode, RequestError
from protocol.replies import Reply
from protocol.requests import Request
from server.refusals import refusal_of

Observe = Callable[[str, str, float], None]
"""`(op, outcome, seconds)`; the outcome is `ok` or an error code."""


@dataclass(slots=True)
class Run:
    """A command that has passed validation and limits, on its way to its reply."""

    command_id: int
    command: Command
    request: Request
    lane: int | None
    """The conversation, as a number, whose commands keep their order."""
    started: float = 0.0
    """Of `time.perf_counter`."""


class Dispatcher:
    """Runs commands of the table. What a handler waits for outside is bounded where it waits."""

    def __init__(
        self,
        table: Mapping[str, Command],
        observe: Observe = lambda _op, _outcome, _seconds: None,
    ) -> None:
        self._table = table
        self._observe = observe

    def find(self, op: str) -> Command:
        """The command of this name. Raises `RequestError` (`unknown_op`)."""
        command = self._table.get(op)
        if command is None:
            raise RequestError(ErrorCode.UNKNOWN_OP, f"no such op: {op[:64]}")
        return command

    def cost(self, op: str) -> float:
        """The tokens that a command takes; one without a row, known or not, takes one."""
        command = self._table.get(op)
        return 1.0 if command is None else command.cost

    async def run(self, run: Run, caller: Caller) -> Reply | Exception:
        """Run the handler to its end: its reply, or what it raised."""
        try:
            return await run.command.handler(caller, run.request)
        except Exception as error:  # noqa: BLE001  # the one place where a bug becomes `internal`
            return error

    def outcome(self, run: Run, answer: Reply | Exception, codec: Codec) -> tuple[bytes, bool]:
        """What the client is sent, and whether it is a refusal after which one may send again."""
        seconds = time.perf_counter() - run.started
        name = run.command.name
        if isinstance(answer, Exception):
            refusal = refusal_of(answer, name, str(uuid4()))
            self._observe(name, refusal.code, seconds)
            return encode_error(codec, run.command_id, refusal.body()), refusal.retryable
        self._observe(name, "ok", seconds)
        return codec.reply(run.command_id, codec.encode(answer)), False
