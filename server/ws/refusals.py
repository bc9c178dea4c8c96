"""Turns exceptions into wire errors, for WebSocket and HTTP alike."""

import redis.exceptions
import structlog

from protocol.errors import ErrorCode, RequestError
from storage.database.installation.acting import RoleLackingError
from storage.database.postgres import (
    REPEATABLE,
    UNAVAILABLE,
    is_bad_argument,
    unavailable,
)
from storage.redis.guard import RedisAwayError

log = structlog.get_logger()

_REDIS_AWAY = (RedisAwayError, redis.exceptions.RedisError)


def refusal_of(error: Exception, what: str, request_id: str) -> RequestError:
    """The error to send for an exception; an unexpected one is logged with its traceback.

    `what` is the command or the route; `request_id` is in the log and in the error.
    """
    if isinstance(error, RequestError):
        return error
    if isinstance(error, _REDIS_AWAY):
        log.warning("command_unavailable", what=what, reason=type(error).__name__)
        return RequestError.unavailable("Redis")
    if isinstance(error, (*UNAVAILABLE, *REPEATABLE)) and not is_bad_argument(error):
        log.warning("command_unavailable", what=what, reason=type(error).__name__)
        return unavailable()
    if isinstance(error, RoleLackingError):
        log.error("role_lacking", what=what, request_id=request_id, reason=str(error))
    else:
        log.error("command_failed", what=what, request_id=request_id, exc_info=error)
    return RequestError(ErrorCode.INTERNAL, "internal error", {"request_id": request_id})
