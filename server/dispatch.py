"""One command to its handler, and its reply or refusal to bytes."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple
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


class Outcome(NamedTuple):
    """A reply's payload, and whether it is a refusal after which one may send again."""

    payload: bytes
    is_retryable: bool


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

    async def run(self, command: Command, caller: Caller, request: Request) -> "Result":
        """Run the handler to its end."""
        started = time.perf_counter()
        try:
            answer: Reply | Exception = await command.handler(caller, request)
        except Exception as error:  # noqa: BLE001  # the one place where a bug becomes `internal`
            answer = error
        return Result(command, started, answer)

    def outcome(self, result: "Result", codec: Codec, command_id: int) -> Outcome:
        """What the client is sent."""
        command, started, answer = result
        seconds = time.perf_counter() - started
        if isinstance(answer, Exception):
            refusal = refusal_of(answer, command.name, str(uuid4()))
            self._observe(command.name, refusal.code, seconds)
            return Outcome(encode_error(codec, command_id, refusal.body()), refusal.retryable)
        self._observe(command.name, "ok", seconds)
        return Outcome(codec.reply(command_id, codec.encode(answer)), is_retryable=False)


class Result(NamedTuple):
    """How a command ended: its reply or what was raised; `started` is of `time.perf_counter`."""

    command: Command
    started: float
    answer: Reply | Exception
