"""Every refusal over HTTP has one shape: `application/problem+json` (RFC 9457) and our error."""

import math
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from protocol.errors import HTTP_STATUS, ErrorCode, RequestError
from protocol.text import Time, format_time
from server.ws.refusals import refusal_of

_CODE_OF_STATUS = {
    HTTPStatus.UNAUTHORIZED: ErrorCode.UNAUTHENTICATED,
    HTTPStatus.FORBIDDEN: ErrorCode.FORBIDDEN,
    HTTPStatus.NOT_FOUND: ErrorCode.NOT_FOUND,
    HTTPStatus.CONFLICT: ErrorCode.CONFLICT,
    HTTPStatus.PRECONDITION_FAILED: ErrorCode.PRECONDITION_FAILED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ErrorCode.PAYLOAD_TOO_LARGE,
    HTTPStatus.SERVICE_UNAVAILABLE: ErrorCode.UNAVAILABLE,
}
FURTHER_STATUSES: dict[ErrorCode, dict[HTTPStatus, str]] = {
    ErrorCode.BAD_REQUEST: {
        HTTPStatus.METHOD_NOT_ALLOWED: "the path does not take this method; `Allow` says which",
        HTTPStatus.REQUEST_TIMEOUT: "the headers or the body did not arrive in time",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "another type than JSON, or a `Content-Encoding`",
        HTTPStatus.MISDIRECTED_REQUEST: "`Host` is no name of this server",
    },
    ErrorCode.PRECONDITION_FAILED: {
        HTTPStatus.PRECONDITION_REQUIRED: "a change came without `If-Match`",
    },
}
"""Statuses of a code besides its own, and when they are answered."""
_SAYS = {
    HTTPStatus.NOT_FOUND: "no such path: /docs and /v1/openapi.json list them",
    HTTPStatus.METHOD_NOT_ALLOWED: "the path does not take this method",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the body is too large",
}


class ProblemError(msgspec.Struct, frozen=True):
    """The error as the socket's replies carry it but for `retryable`, and when it was made."""

    code: str
    message: str
    details: dict[str, Any]
    timestamp: Time


class ProblemItem(msgspec.Struct, frozen=True):
    """One wrong member: `code` is `required`, `unknown` or `invalid`."""

    path: str
    code: str
    message: str


class Problem(msgspec.Struct, frozen=True):
    """The body of every answer from 400 on."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    error: ProblemError
    errors: list[ProblemItem]
    request_id: str


def refusal_of_request(error: Exception, route: str, request_id: str) -> RequestError:
    """An exception as what the client is told; what is aiohttp's word for a bad body is that."""
    if isinstance(error, web.RequestPayloadError | HttpProcessingError):
        return RequestError(ErrorCode.BAD_REQUEST, "the body cannot be read")
    return refusal_of(error, route, request_id)


def problem(request: web.BaseRequest, error: RequestError, request_id: str) -> web.Response:
    """The answer that refuses a request."""
    status = HTTP_STATUS[error.code]
    if error.code is ErrorCode.PRECONDITION_FAILED and "missing" in error.details:
        status = HTTPStatus.PRECONDITION_REQUIRED
    return _response(request, error, status, request_id)


def problem_of_router(
    request: web.BaseRequest, error: web.HTTPException, request_id: str
) -> web.Response:
    """The answer for what aiohttp refuses: unknown paths and methods, too large bodies."""
    status = HTTPStatus(error.status)
    unnamed = ErrorCode.INTERNAL if status >= 500 else ErrorCode.BAD_REQUEST
    own_words = error.text if error.text and not error.text.startswith(f"{error.status}:") else None
    message = _SAYS.get(status) or own_words or status.phrase
    refusal = RequestError(_CODE_OF_STATUS.get(status, unnamed), message)
    answer = _response(request, refusal, status, request_id)
    for name in (hdrs.ALLOW, hdrs.ACCEPT_ENCODING):
        if name in error.headers:
            answer.headers[name] = error.headers[name]
    if status is HTTPStatus.REQUEST_TIMEOUT:
        answer.force_close()
    return answer


def _response(
    request: web.BaseRequest, error: RequestError, status: int, request_id: str
) -> web.Response:
    body = Problem(
        type=f"urn:parley:error:{error.code}",
        title=error.code.replace("_", " ").capitalize(),
        status=status,
        detail=error.message,
        instance=request.rel_url.raw_path,
        error=ProblemError(
            error.code, error.message, error.details, format_time(datetime.now(UTC))
        ),
        errors=_items(error),
        request_id=request_id,
    )
    return web.Response(
        status=status,
        body=msgspec.json.encode(body),
        content_type="application/problem+json",
        headers=_headers(error),
    )


def _headers(error: RequestError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if error.code is ErrorCode.UNAUTHENTICATED:
        headers[hdrs.WWW_AUTHENTICATE] = 'Bearer realm="parley"'
    retry_after_s = error.details.get("retry_after_s", 1 if error.retryable else None)
    if retry_after_s is not None:
        headers[hdrs.RETRY_AFTER] = str(math.ceil(retry_after_s))
    if error.code is ErrorCode.RATE_LIMITED:
        headers["RateLimit"] = f'"{_token(error)}";r=0;t={headers[hdrs.RETRY_AFTER]}'
    return headers


def _token(error: RequestError) -> str:
    return re.sub(r"[^a-z0-9]+", "-", str(error.details.get("limit", "commands")).lower())


def _items(error: RequestError) -> list[ProblemItem]:
    if error.code is not ErrorCode.VALIDATION_FAILED and "path" not in error.details:
        return []
    if "errors" in error.details:
        return [ProblemItem(**fault) for fault in error.details["errors"]]
    path = str(error.details.get("path", ""))
    reason = str(error.details.get("reason", error.message))
    if error.code is not ErrorCode.VALIDATION_FAILED:
        # `reason` is for programs here. The path stands beside the message, which begins with it.
        reason = error.message.removeprefix(f"{path}: ")
    if "unknown" in error.details:
        return [ProblemItem(name, "unknown", reason) for name in error.details["unknown"]]
    return [ProblemItem(path, error.details.get("code", "invalid"), reason)]
