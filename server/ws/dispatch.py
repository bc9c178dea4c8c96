"""Passes a command to its handler, and turns the reply or refusal into bytes."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from handlers.caller import Caller
from handlers.command import Command
from protocol.codec import Codec
from protocol.errors import ErrorCode, RequestError
from protocol.replies import Reply
from protocol.requests import Request
from server.ws.refusals import refusal_of

Observe = Callable[[str, str, float], None]
"""`(op, outcome, seconds)`; the outcome is `ok` or an error code."""


@dataclass(slots=True)
class Run:
    """A command that has passed validation and limits, on its way to its reply."""

    command_id: int
    command: Command
    request: Request
    lane: int | None
    """The conversation, as a number, within which commands keep their order."""
    position: int
    """Among the commands of its connection."""
    started: float = 0.0
    """Of `time.perf_counter`."""


class Dispatcher:
    """Runs commands of the table. Handlers bound their own waits for other systems."""

    def __init__(
        self,
        table: Mapping[str, Command],
        observe: Observe = lambda _op, _outcome, _seconds: None,
        acted: dict[UUID, float] | None = None,
    ) -> None:
        """`acted` is given the time of each person's last command that they gave themselves."""
        self.acted = {} if acted is None else acted
        self._table = table
        self._observe = observe

    def find(self, op: str) -> Command:
        """The command of this name. Raises `RequestError` (`unknown_op`)."""
        command = self._table.get(op)
        if command is None:
            raise RequestError(ErrorCode.UNKNOWN_OP, f"no such op: {op[:64]}")
        return command

    def cost(self, op: str) -> float:
        """The tokens that a command takes; one that is not in the table takes one."""
        command = self._table.get(op)
        return 1.0 if command is None else command.cost

    async def run(self, run: Run, caller: Caller) -> Reply | Exception:
        """Run the handler; returns its reply, or the exception that it raised."""
        try:
            return await run.command.handler(caller, run.request)
        except Exception as error:  # noqa: BLE001  # the one place where a bug becomes `internal`
            return error

    def reply(self, run: Run, answer: Reply, codec: Codec) -> bytes:
        """The reply to a command that succeeded, as bytes."""
        self._observe(run.command.name, "ok", time.perf_counter() - run.started)
        return codec.reply(run.command_id, codec.encode(answer))

    def refusal(self, run: Run, error: Exception) -> RequestError:
        """The error to send for a command that failed."""
        name = run.command.name
        refusal = refusal_of(error, name, str(uuid4()))
        self._observe(name, refusal.code, time.perf_counter() - run.started)
        return refusal

    def not_started(self, run: Run, refusal: RequestError) -> RequestError:
        """The error to send for a command that is refused before it has started."""
        self._observe(run.command.name, refusal.code, 0.0)
        return refusal
