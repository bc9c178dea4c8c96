"""One command to its handler and its reply to bytes: where exceptions become wire errors."""

import asyncio
import time
from collections.abc import Callable, Mapping
from uuid import uuid4

import structlog

from handlers.caller import Caller
from handlers.command import Command
from protocol.codec import Codec, encode_error
from protocol.errors import ErrorCode, RequestError
from protocol.requests import Request
from storage.postgres import REPEATABLE, UNAVAILABLE, is_bad_argument, unavailable

log = structlog.get_logger()

Observe = Callable[[str, str, float], None]
"""`(op, outcome, seconds)`; the outcome is `ok` or an error code."""


class Dispatcher:
    """Runs commands of the table within a bounded time."""

    def __init__(
        self,
        table: Mapping[str, Command],
        *,
        timeout_s: float,
        observe: Observe = lambda _op, _outcome, _seconds: None,
    ) -> None:
        self._table = table
        self._timeout_s = timeout_s
        self._observe = observe

    def find(self, op: str) -> Command:
        """The command of this name. Raises `RequestError` (`unknown_op`)."""
        command = self._table.get(op)
        if command is None:
            raise RequestError(ErrorCode.UNKNOWN_OP, f"no such op: {op[:64]}")
        return command

    async def reply(
        self, command: Command, caller: Caller, request: Request, codec: Codec, command_id: int
    ) -> tuple[bytes, bool]:
        """The reply's payload, and whether it is a refusal after which one may send again."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await command.handler(caller, request)
        except Exception as error:  # noqa: BLE001  # the one place where a bug becomes `internal`
            refusal = refusal_of(error, command.name)
            self._observe(command.name, refusal.code, time.perf_counter() - started)
            return encode_error(codec, command_id, refusal.body()), refusal.retryable
        self._observe(command.name, "ok", time.perf_counter() - started)
        return codec.reply(command_id, codec.encode(answer)), False


def refusal_of(error: Exception, op: str) -> RequestError:
    """An exception as what the client is told; bugs are logged with their traceback."""
    if isinstance(error, RequestError):
        return error
    if isinstance(error, (*UNAVAILABLE, *REPEATABLE)) and not is_bad_argument(error):
        log.warning("command_unavailable", op=op, reason=type(error).__name__)
        return unavailable()
    request_id = str(uuid4())
    log.error("command_failed", op=op, request_id=request_id, exc_info=error)
    return RequestError(ErrorCode.INTERNAL, "internal error", {"request_id": request_id})
