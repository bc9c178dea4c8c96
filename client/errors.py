"""What can go wrong for a user of the client."""

from typing import Any

import msgspec


class ErrorReply(msgspec.Struct, frozen=True):
    """The `error` member of a reply; `code` is plain text, for codes may be added."""

    code: str
    message: str
    details: dict[str, Any] = {}
    retryable: bool = False


class ClientError(Exception):
    """The base of all that the client raises by itself."""


class CommandError(ClientError):
    """The server refused a command; the connection lives."""

    def __init__(self, op: str, error: ErrorReply) -> None:
        super().__init__(f"{op}: {error.code}: {error.message}")
        self.op = op
        self.code = error.code
        self.message = error.message
        self.details = error.details
        self.retryable = error.retryable

    @property
    def retry_after_s(self) -> float | None:
        """The delay that the server names, in seconds, if it names one."""
        delay = self.details.get("retry_after_s")
        return float(delay) if isinstance(delay, int | float) else None


class BadFrame(ClientError):
    """The server sent what this client cannot read: a bug, or another version."""


class ReplyTimeout(ClientError):
    """A command was not answered in time; whether it was carried out is unknown."""


class FrameTooLarge(ClientError):
    """A command's frame is over the server's limit; it was not sent."""


class ConnectionLost(ClientError):
    """The connection is closed; commands under way may or may not have been carried out."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"connection closed: {code} {reason}".rstrip())
        self.code = code
        self.reason = reason


class SessionEnded(ClientError):
    """The session will not reconnect by itself: closed by its user, or refused for good."""


class LaggedBehind(ClientError):
    """A reader of changes was slower than they came, and its queue is full."""
