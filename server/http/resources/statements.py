"""Statements by month: what has happened to somebody's money, as JSON or as a table."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from aiohttp import web

from protocol.errors import MISSING, ErrorCode, Fault, RequestError
from protocol.money.currency import EXPONENTS, shown
from protocol.text import format_time, optional_id
from server.http.resources.paths import ResourceDoor
from server.http.resources.query import known_only
from server.http.route_helpers import json_response
from storage.ledger.statements import COLUMNS, Entry, Statement, Sums, is_user, read_statement

MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
FORMATS = ("json", "csv")
_PARAMETERS = frozenset({"currency", "month", "format", "user_id"})
_HEADER = (
    *("at", "kind", "state", "journal_id", "contract_id", "milestone_id", "description"),
    *COLUMNS,
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for the beginning of something to compute."""


class Statements:
    """`GET /v1/wallets/statement`, of the caller; staff may ask for another user's."""

    def __init__(self, door: ResourceDoor) -> None:
        self._door = door

    def routes(self) -> list[web.RouteDef]:
        """The path."""
        return [web.get("/v1/wallets/statement", self.statement)]

    async def statement(self, request: web.Request) -> web.Response:
        """A month in one currency. Raises `RequestError`: `forbidden` for another's."""
        caller = await self._door.caller(request)
        query = request.query
        known_only(query, _PARAMETERS)
        faults = list(_faults(query))
        if faults:
            raise RequestError.of_faults(faults)
        currency, form = query["currency"], query.get("format", "json")
        month = datetime.strptime(query["month"], "%Y-%m").replace(tzinfo=UTC)
        asked = query.get("user_id", "me")
        user_id = caller.user_id if asked == "me" else UUID(asked)
        store = self._door.parts.store
        if user_id != caller.user_id and not await self._door.is_staff(caller.user_id):
            raise RequestError(ErrorCode.FORBIDDEN, "this is another's: staff may ask for it")
        async with store.as_service() as connection:
            if user_id != caller.user_id and not await is_user(connection, user_id):
                raise RequestError.not_found("user")
            found = await read_statement(connection, user_id, currency, month)
        name = f"{currency}-{month:%Y-%m}"
        if form == "csv":
            return web.Response(
                text=_table(found, currency),
                content_type="text/csv",
                charset="utf-8",
                headers={"Content-Disposition": f'attachment; filename="statement-{name}.csv"'},
            )
        head = {"user_id": str(user_id), "currency": currency, "month": f"{month:%Y-%m}"}
        return json_response(200, orjson.dumps(head | _members(found, currency)))


def _members(found: Statement, currency: str) -> dict[str, Any]:
    return {
        "opening": _amounts(found.opening, currency),
        "entries": [_entry(one, currency) for one in found.entries],
        "closing": _amounts(found.closing, currency),
    }


def _entry(one: Entry, currency: str) -> dict[str, Any]:
    return {
        "at": format_time(one.at),
        "kind": one.kind,
        "state": one.state,
        "journal_id": str(one.journal_id),
        "contract_id": optional_id(one.contract_id),
        "milestone_id": optional_id(one.milestone_id),
        "description": one.description,
        **_amounts(one.moved, currency),
    }


def _table(found: Statement, currency: str) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([_HEADER, *_lines(found, currency)])
    return text.getvalue()


def _lines(found: Statement, currency: str) -> Iterator[list[str]]:
    blank = [""] * (len(_HEADER) - len(COLUMNS) - 2)
    yield ["", "opening", *blank, *_amounts(found.opening, currency).values()]
    for one in found.entries:
        yield [_cell(value) for value in _entry(one, currency).values()]
    yield ["", "closing", *blank, *_amounts(found.closing, currency).values()]


def _cell(value: str | None) -> str:
    text = value or ""
    is_amount = re.fullmatch(r"-?[0-9.]+", text)
    return f"'{text}" if text.startswith(_FORMULA) and not is_amount else text


def _amounts(sums: Sums, currency: str) -> dict[str, str]:
    return {name: shown(amount, currency) for name, amount in sums.items()}


def _faults(query: Mapping[str, str]) -> Iterator[Fault]:
    """All that is wrong with the parameters."""
    for name in ("currency", "month"):
        if name not in query:
            yield Fault(name, MISSING, "required")
    if query.get("currency", "USD") not in EXPONENTS:
        yield Fault("currency", f"must be one of {', '.join(EXPONENTS)}")
    if not MONTH.fullmatch(query.get("month", "2026-11")):
        yield Fault("month", "must be a month, such as 2026-11")
    if query.get("format", "json") not in FORMATS:
        yield Fault("format", f"must be {' or '.join(FORMATS)}")
    if not _is_user(query.get("user_id", "me")):
        yield Fault("user_id", "must be an id of a user, or me")


def _is_user(text: str) -> bool:
    try:
        return text == "me" or bool(UUID(text))
    except ValueError:
        return False
