"""Whether and when to come back after a connection has ended. Pure."""

import random
from dataclasses import dataclass, field
from enum import Enum

from websockets.exceptions import InvalidStatus, WebSocketException

from client.errors import CommandError, ConnectionLost, ReplyTimeout
from protocol.errors import (
    NO_HELLO,
    PROTOCOL_VIOLATED,
    RATE_IGNORED,
    SESSION_ENDED,
    TOO_MANY_CONNECTIONS,
    TOO_SLOW,
)

RESEND_S = 2.0
"""The bound of the delay before a refused command is sent again, when the server names none."""


class Verdict(Enum):
    """What the end of a connection, or the failure to get one, asks for."""

    AGAIN = "again"
    AT_ONCE = "at once"
    WAIT = "wait"
    NEW_TOKEN = "new token"  # noqa: S105  # no token, but what to get
    STOP = "stop"


_BY_CLOSE_CODE = {
    NO_HELLO.code: Verdict.NEW_TOKEN,
    SESSION_ENDED.code: Verdict.NEW_TOKEN,
    PROTOCOL_VIOLATED.code: Verdict.STOP,
    TOO_MANY_CONNECTIONS.code: Verdict.WAIT,
    RATE_IGNORED.code: Verdict.WAIT,
    # The others lost nothing: there is no crowd to keep out of the way of.
    TOO_SLOW.code: Verdict.AT_ONCE,
}
_BY_STATUS = {400: Verdict.STOP, 401: Verdict.NEW_TOKEN, 403: Verdict.STOP, 404: Verdict.STOP}
_BY_ERROR = {"unauthenticated": Verdict.NEW_TOKEN, "rate_limited": Verdict.WAIT}


def verdict_on(error: Exception) -> Verdict:
    """What to do after `error` ended a connection or kept one from opening."""
    match error:
        case ConnectionLost(code=code):
            return _BY_CLOSE_CODE.get(code, Verdict.AGAIN)
        case InvalidStatus(response=response):
            return _BY_STATUS.get(response.status_code, Verdict.AGAIN)
        case CommandError(code=code, retryable=retryable):
            return _BY_ERROR.get(code, Verdict.AGAIN if retryable else Verdict.STOP)
        case OSError() | TimeoutError() | ReplyTimeout() | WebSocketException():
            return Verdict.AGAIN
        case _:
            return Verdict.STOP


@dataclass(slots=True)
class Backoff:
    """Delays with full jitter: anything from nothing to a bound that doubles.

    Source: AWS Architecture Blog, "Exponential Backoff and Jitter".
    """

    base_s: float = 0.5
    cap_s: float = 30.0
    wait_s: float = 30.0
    """The least bound where the server asks to wait."""
    steady_s: float = 5.0
    """A connection that lasted so long ends the doubling: one that is lost at once again and again
    must not be made again at once for ever.
    """
    chance: random.Random = field(default_factory=random.SystemRandom)
    opened: int = 0
    """Connections that were made."""
    _attempts: int = 0

    def delay_s(self, verdict: Verdict) -> float:
        """How long to wait before the next attempt."""
        is_first = self._attempts == 0
        bound = min(self.cap_s, self.base_s * 2 ** min(self._attempts, 16))
        self._attempts += 1
        if verdict is Verdict.AT_ONCE and is_first:
            return 0.0
        if verdict is Verdict.WAIT:
            return self.wait_s / 2 + self.chance.uniform(0, self.wait_s / 2)
        return self.chance.uniform(0, bound)

    def resend_s(self, error: CommandError) -> float:
        """How long to wait before a command that was refused for now is sent again."""
        return error.retry_after_s or self.chance.uniform(0, RESEND_S)

    def lasted(self, seconds: float) -> None:
        """A connection was of use for so long."""
        self.opened += 1
        if seconds >= self.steady_s:
            self._attempts = 0
