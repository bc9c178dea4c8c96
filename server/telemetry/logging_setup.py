"""Logs: one event a line on standard error, as JSON unless a terminal reads them."""

import contextlib
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import orjson
import structlog

_HIDDEN = frozenset({"authorization", "content", "password", "secret", "text", "token"})


def set_up(form: Literal["auto", "json", "console"], level: str) -> None:
    """Direct structlog's and the libraries' logs to standard error; called once, by the process."""
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _hide,
    ]
    rendering: list[structlog.types.Processor] = (
        [
            structlog.processors.ExceptionRenderer(
                # Local variables hold tokens and texts.
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            _cut_details,
            structlog.processors.JSONRenderer(serializer=_json),
        ]
        if as_json
        else [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    )
    # Our own lines, one for each request, spare themselves the ways of the standard library.
    structlog.configure(
        processors=[*shared, *rendering],
        logger_factory=lambda *_: _Lines(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    foreign = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=foreign)
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    # These tell of every connection and migration what our own lines tell already.
    for chatty in ("aiohttp.access", "alembic", "asyncio", "websockets"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # While PostgreSQL is away it tells so at each attempt, with a traceback, beside our own lines.
    logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)


class _Lines:
    """Standard error, line by line; one that it does not take is lost, and no request fails."""

    def info(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    debug = warning = error = critical = info


def _hide(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Any:
    """The last guard: a token or a message's text that reaches a log line stays out of it."""
    for key in _HIDDEN & event.keys():
        event[key] = "(hidden)"
    return event


def _cut_details(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Any:
    """PostgreSQL's errors go on after their first line, with the row that was refused."""
    for shown in event.get("exception") or ():
        shown["exc_value"] = shown["exc_value"].partition("\n")[0]
    return event


def _json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()
