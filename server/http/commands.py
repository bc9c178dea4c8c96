"""Commands over HTTP: the same rows of the table, checks and errors as on the socket."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID, uuid5

import msgspec
from aiohttp import web

from handlers.caller import Caller
from handlers.command import Command
from protocol.errors import ErrorCode, RequestError
from protocol.files import RepeatedFile
from protocol.replies import RepeatedConversation, RepeatedMessage, Reply
from server.http.problems import refusal_of_request
from server.http.route_helpers import (
    CALLER,
    REQUEST_ID,
    address_of,
    caller_of,
    checked,
    read_members,
    reply,
)

Charge = Callable[[Caller, float], Awaitable[float | None]]
"""Takes tokens of the caller's bucket; gives how many are left, None where that is not known.

Raises `RequestError` (`rate_limited`).
"""
ObserveCommand = Callable[[str, str, float], None]
"""`(op, outcome, seconds)`; the outcome is `ok` or an error code."""

IDEMPOTENCY_KEY = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_REPEATED = (RepeatedMessage, RepeatedConversation, RepeatedFile)
TOKENS_LEFT: web.RequestKey[float | None] = web.RequestKey("tokens_left")
"""There once the caller was charged."""

_KEY_SPACE = UUID("9a3f1d52-7c0e-4b6a-8f21-5d0c64e7b913")
_NOBODY = UUID("6d7a5b5e-3f0b-4f6b-9a55-0f3f6c1d2e90")
KEY_CHARS = 255


class CommandDoor:
    """Runs a command for a request. `timeout_s` bounds the handler."""

    def __init__(
        self,
        table: Mapping[str, Command],
        charge: Charge,
        *,
        timeout_s: float,
        observe: ObserveCommand,
        acted: dict[UUID, float] | None = None,
    ) -> None:
        """`acted` is given the time of each person's last command that they gave themselves."""
        self._acted = {} if acted is None else acted
        self._table = table
        self._charge = charge
        self._timeout_s = timeout_s
        self._observe = observe

    async def post(self, request: web.Request) -> web.Response:
        """`POST /v1/commands/{op}`: the body is the command's `d`, the answer its reply's `d`."""
        caller = caller_of(request)
        command = self.find(request.match_info["op"])
        await self.charge(request, command.cost)
        members = with_client_id(request, command, await read_members(request))
        struct = checked(members, command.request)
        answer = await self.run(request, command, caller, struct)
        response = reply(200, answer)
        tell_replayed(response, answer)
        return response

    def has(self, op: str) -> bool:
        """True for a command that HTTP can run."""
        command = self._table.get(op)
        return command is not None and not command.socket_only

    def find(self, op: str) -> Command:
        """The command of this name.

        Raises `RequestError`: `unknown_op`, or `conflict` for one that needs a connection.
        """
        command = self._table.get(op)
        if command is None:
            raise RequestError(ErrorCode.UNKNOWN_OP, f"no such op: {op[:64]}")
        if command.socket_only:
            raise RequestError(
                ErrorCode.CONFLICT, f"{op} belongs to a connection: use the WebSocket"
            )
        return command

    async def charge(self, request: web.Request, cost: float) -> None:
        """Take tokens from the caller; raises `RequestError` (`rate_limited`)."""
        await charged(request, self._charge, caller_of(request), cost)

    async def run(
        self, request: web.Request, command: Command, caller: Caller, struct: msgspec.Struct
    ) -> Reply:
        """The command's reply; raises `RequestError`, whatever went wrong."""
        started = time.perf_counter()
        if command.is_activity:
            self._acted[caller.user_id] = started
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await command.handler(caller, struct)
        except Exception as error:  # a bug too is counted, and told by the one function that does
            refusal = refusal_of_request(error, command.name, request[REQUEST_ID])
            self._observe(command.name, refusal.code, time.perf_counter() - started)
            raise refusal from error
        self._observe(command.name, "ok", time.perf_counter() - started)
        return answer


async def charged(request: web.Request, charge: Charge, payer: Caller, cost: float) -> None:
    """Take tokens from who pays for a request, and have the answer tell what is left."""
    request[TOKENS_LEFT] = None
    request[TOKENS_LEFT] = await charge(payer, cost)


def payer_of(request: web.Request) -> Caller:
    """Who pays for a request: the caller, or who has no login by address."""
    caller = request.get(CALLER)
    if isinstance(caller, Caller):
        return caller
    return Caller(uuid5(_NOBODY, address_of(request)), _NOBODY)


def tell_replayed(response: web.Response, answer: Reply) -> None:
    """Say so, if the answer is of something that was done by an earlier request."""
    if isinstance(answer, _REPEATED):
        response.headers[REPLAYED] = "true"


def with_client_id(
    request: web.Request, command: Command, members: dict[str, Any]
) -> dict[str, Any]:
    """The members with `client_id` from Idempotency-Key, if the command takes one and has none.

    A key that is a UUID is taken as it is; of any other a UUID is made, the same each time. What
    makes a `client_id` safe to repeat then holds for the key. Raises `RequestError`
    (`bad_request`) for a key that is empty, too long or not printable ASCII.
    """
    key = idempotency_key(request)
    if key is None:
        return members
    if not takes_client_id(command) or members.get("client_id") is not None:
        return members
    try:
        client_id = UUID(key)
    except ValueError:
        client_id = uuid5(_KEY_SPACE, key)
    return {**members, "client_id": str(client_id)}


def takes_client_id(command: Command) -> bool:
    """True where a repetition is known by an id; other commands may be repeated as they are."""
    return "client_id" in command.request.__struct_fields__


def idempotency_key(request: web.Request) -> str | None:
    """The request's Idempotency-Key, if it has one; raises `bad_request` for what is none."""
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is not None and not (0 < len(key) <= KEY_CHARS and key.isascii() and key.isprintable()):
        raise RequestError(
            ErrorCode.BAD_REQUEST,
            f"{IDEMPOTENCY_KEY}: must have 1 to {KEY_CHARS} printable ASCII characters",
        )
    return key
