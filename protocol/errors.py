"""The two vocabularies of failure.

A `RequestError` answers one command and the connection lives; a `Disconnect` ends the connection
and says whether to come back. Anything else that is raised is a bug: it is logged with its
traceback and shown to the client as `internal`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, NamedTuple

import msgspec


class ErrorCode(StrEnum):
    """Every code that a command can be refused with. A code is never reused."""

    BAD_REQUEST = "bad_request"
    UNKNOWN_OP = "unknown_op"
    VALIDATION_FAILED = "validation_failed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    DUPLICATE_MISMATCH = "duplicate_mismatch"
    CONVERSATION_CLOSED = "conversation_closed"
    BLOCKED = "blocked"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    RATE_LIMITED = "rate_limited"
    PRECONDITION_FAILED = "precondition_failed"
    IDEMPOTENCY_IN_PROGRESS = "idempotency_in_progress"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


HTTP_STATUS: dict[ErrorCode, int] = {
    ErrorCode.BAD_REQUEST: 400,
    ErrorCode.UNKNOWN_OP: 404,
    ErrorCode.VALIDATION_FAILED: 422,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.CONFLICT: 409,
    ErrorCode.DUPLICATE_MISMATCH: 422,
    ErrorCode.CONVERSATION_CLOSED: 409,
    ErrorCode.BLOCKED: 403,
    ErrorCode.PAYLOAD_TOO_LARGE: 413,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.PRECONDITION_FAILED: 412,
    ErrorCode.IDEMPOTENCY_IN_PROGRESS: 409,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.INTERNAL: 500,
}

RETRYABLE = frozenset(
    {ErrorCode.RATE_LIMITED, ErrorCode.IDEMPOTENCY_IN_PROGRESS, ErrorCode.UNAVAILABLE}
)


MISSING, UNKNOWN = "is missing", "no such member or parameter"
FIXED = "is shown, and cannot be set here"
"""Reasons that have codes of their own."""


class Fault(NamedTuple):
    """One thing that is wrong with a request: where, why, and what kind of thing it is."""

    path: str
    reason: str
    code: Literal["required", "unknown", "invalid"] = "invalid"


class ErrorBody(msgspec.Struct, frozen=True):
    """The `error` member of a reply."""

    code: ErrorCode
    message: str
    details: dict[str, Any]
    retryable: bool


class RequestError(Exception):
    """A command is refused; the connection lives.

    `message` is one sentence for a developer; `details` names fields, limits and delays.
    """

    def __init__(
        self, code: ErrorCode, message: str, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details or {}

    @property
    def retryable(self) -> bool:
        """True when sending the same command again later may succeed."""
        return self.code in RETRYABLE

    def body(self) -> ErrorBody:
        """The error as it goes on the wire."""
        return ErrorBody(self.code, self.message, self.details, self.retryable)

    @classmethod
    def outdated(cls, noun: str, version: int | None) -> "RequestError":
        """`If-Match` names another version than there is; None where that is not known."""
        message = f"the {noun} has changed since it was read"
        return cls(ErrorCode.PRECONDITION_FAILED, message, {"version": version})

    @classmethod
    def not_found(cls, what: str) -> "RequestError":
        """The answer for what is absent and for what the caller may not see: the same body."""
        return cls(ErrorCode.NOT_FOUND, f"no such {what}")

    @classmethod
    def invalid(cls, path: str, reason: str, **details: Any) -> "RequestError":
        """A field is wrong: `path` names it (`content`, `attachments[2].file_id`)."""
        return cls(
            ErrorCode.VALIDATION_FAILED,
            _located(path, reason),
            {"path": path, "reason": reason, **details},
        )

    @classmethod
    def of_faults(cls, faults: Sequence[Fault]) -> "RequestError":
        """Several things are wrong: the first is told as by `invalid`, `errors` holds them all."""
        first = faults[0]
        details: dict[str, Any] = {"path": first.path, "reason": first.reason}
        if first.code == "required":
            details["code"] = first.code
        unknown = [fault.path for fault in faults if fault.code == "unknown"]
        if unknown:
            details["unknown"] = unknown
        message = _located(first.path, first.reason)
        if len(faults) > 1:
            message += f" (and {len(faults) - 1} more)"
            details["errors"] = [
                {"path": fault.path, "code": fault.code, "message": fault.reason}
                for fault in faults
            ]
        return cls(ErrorCode.VALIDATION_FAILED, message, details)

    @classmethod
    def unavailable(cls, what: str) -> "RequestError":
        """Something outside did not answer in time; the client may send the command again."""
        return cls(ErrorCode.UNAVAILABLE, f"{what} is not available, try again")

    @classmethod
    def out_of_turn(cls, after: str) -> "RequestError":
        """An earlier send was refused and has to come again first: `details.after` names it."""
        return cls(
            ErrorCode.UNAVAILABLE,
            "an earlier message of this conversation was refused, send it again first",
            {"after": after},
        )

    @classmethod
    def rate_limited(cls, what: str, retry_after_s: float) -> "RequestError":
        """Too many of `what`; `details.retry_after_s` names the delay in seconds."""
        return cls(
            ErrorCode.RATE_LIMITED,
            f"too many {what}",
            # Rounded up: one who waits as told is not refused for what was rounded off.
            {"limit": what, "retry_after_s": math.ceil(retry_after_s * 1000) / 1000},
        )


def _located(path: str, reason: str) -> str:
    """A reason with its place; what is wrong with the whole has none."""
    return f"{path}: {reason}" if path else reason


@dataclass(frozen=True, slots=True)
class CloseCode:
    """A WebSocket close code and whether the client should come back with what it has."""

    code: int
    reason: str
    reconnect: bool


FRAME_TOO_LARGE = CloseCode(1009, "frame too large", reconnect=False)
TRY_LATER = CloseCode(1013, "try again later", reconnect=True)
NO_HELLO = CloseCode(4001, "no valid hello", reconnect=False)
PROTOCOL_VIOLATED = CloseCode(4002, "protocol violated", reconnect=False)
SESSION_ENDED = CloseCode(4003, "session revoked or expired", reconnect=False)
TOO_SLOW = CloseCode(4004, "too slow", reconnect=True)
DRAINING = CloseCode(4005, "draining", reconnect=True)
TOO_MANY_CONNECTIONS = CloseCode(4006, "too many connections", reconnect=False)
RATE_IGNORED = CloseCode(4008, "rate limit ignored", reconnect=False)

CLOSES: dict[int, CloseCode] = {
    close.code: close
    for close in (
        FRAME_TOO_LARGE,
        TRY_LATER,
        NO_HELLO,
        PROTOCOL_VIOLATED,
        SESSION_ENDED,
        TOO_SLOW,
        DRAINING,
        TOO_MANY_CONNECTIONS,
        RATE_IGNORED,
    )
}
"""Every close code of ours."""


class Disconnect(Exception):
    """The connection ends with a close code."""

    def __init__(self, close: CloseCode) -> None:
        super().__init__(close.reason)
        self.close = close
