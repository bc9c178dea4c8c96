"""An announcement to 100,000 people, and what messages wait meanwhile.

    python -m loadtests.bench.announcement [--people 100000] [--per-s 200] [--seconds 20]

Pairs talk at a steady pace, first alone and then while the announcement is told; how late messages
arrive is told of both. The people are put straight into the tables, and are not connected, as most
of those whom an announcement is for.
"""

import http.client
import sys
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
import orjson

from loadtests.bench import figures, rounds
from loadtests.bench.drivers import paced
from loadtests.bench.drivers.paced import Beside, Lateness
from loadtests.bench.target import database
from loadtests.bench.target.accounts import Login
from loadtests.bench.target.cpu import CpuMeter, spent
from loadtests.bench.target.instance import Instance

_PAIRS = 20
_WARM_UP_S = 5.0
_POLL_S = 0.5
_WITHIN_S = 900.0
_TIMEOUT_S = 30.0
_FILL = """
insert into users (display_name, kind)
select 'Reader ' || n, 'client' from generate_series(1, $1::int) n
"""
_ADMIN = "update users set staff_role = 'admin' where id = $1::uuid"
_WORDS = {
    "category": "marketing",
    "title": {"en": "Lower fees"},
    "content": {"en": "From May on, orders of less than 100 dollars cost nothing."},
    "filter": {"kind": "client"},
}


class Round(msgspec.Struct, frozen=True):
    """How late messages were alone and meanwhile; CPU in seconds by group, meanwhile."""

    alone: Lateness
    meanwhile: Lateness
    told: int
    seconds: float
    cpu: dict[str, float]


class Announcement:
    """Somebody announces something while others talk."""

    def __init__(self, people: int = 100_000, per_s: float = 200.0, seconds: float = 20.0) -> None:
        self.sockets = 2 * _PAIRS
        self._people = people
        self._per_s = per_s
        self._seconds = seconds
        self._rounds: list[Round] = []

    def round(self, server: Instance) -> None:
        """Talk, announce, and wait for its end."""
        talking = database.people(server, self.sockets)
        admin = database.people(server, 1)[0]
        _fill(server, self._people, admin)
        meter = CpuMeter(server.roots)
        beside = Beside(paced.talk, server.ws, talking, self._per_s)
        try:
            time.sleep(_WARM_UP_S)
            beside.ask()
            time.sleep(self._seconds)
            alone: Lateness = beside.ask()
            before, began = meter.read(), time.monotonic()
            told = _announce(server, admin)
            seconds = time.monotonic() - began
            meanwhile: Lateness = beside.ask()
            cpu = spent(before, meter.read())
        finally:
            beside.end()
        self._rounds.append(Round(alone, meanwhile, told, seconds, cpu))

    def report(self) -> str:
        """A table."""
        title = (
            f"an announcement to {self._people:,} people, while {_PAIRS} pairs say"
            f" {self._per_s:g} messages a second"
        )
        return figures.table(title, _rows(self._rounds))


def _fill(server: Instance, people: int, admin: Login) -> None:
    async def put(connection: database.Connection) -> None:
        await connection.execute(_FILL, people)
        await connection.execute(_ADMIN, admin.user_id)
        await connection.execute("vacuum analyze users")

    database.work(server, put)


def _announce(server: Instance, admin: Login) -> int:
    """Make one and wait until everybody is told; of how many. Raises `BrokenRoundError`."""
    made = _ask(server, admin, "POST", "/v1/announcements", _WORDS)
    until = time.monotonic() + _WITHIN_S
    while time.monotonic() < until:
        time.sleep(_POLL_S)
        shown = _ask(server, admin, "GET", f"/v1/announcements/{made['id']}")
        if shown["status"] != "running":
            if shown["told"] != made["recipients"]:
                raise rounds.BrokenRoundError(f"told {shown['told']} of {made['recipients']}")
            return int(shown["told"])
    raise rounds.BrokenRoundError("the announcement does not end")


def _ask(server: Instance, login: Login, method: str, path: str, body: Any = None) -> Any:
    parts = urlsplit(server.http)
    door = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
    try:
        headers = {"Authorization": f"Bearer {login.token}", "Content-Type": "application/json"}
        door.request(method, path, None if body is None else orjson.dumps(body), headers)
        answer = door.getresponse()
        said = answer.read()
    finally:
        door.close()
    if answer.status >= http.client.BAD_REQUEST:
        raise rounds.BrokenRoundError(f"{method} {path}: {answer.status}: {said[:400]!r}")
    return orjson.loads(said)


def _rows(told: Sequence[Round]) -> dict[str, list[float]]:
    rows: dict[str, list[float]] = {}
    for name in ("p50", "p99", "most"):
        rows[f"due to received, {name} ms: alone"] = [getattr(one.alone, name) for one in told]
        rows[f"due to received, {name} ms: meanwhile"] = [
            getattr(one.meanwhile, name) for one in told
        ]
    rows["people told/s"] = [one.told / one.seconds for one in told]
    return rows | figures.costs(
        "a person, messages included", [one.cpu for one in told], [one.told for one in told]
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run it alone."""
    parser = rounds.parser("announcement", __doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--per-s", type=float, default=200.0, help="messages of all pairs")
    parser.add_argument("--seconds", type=float, default=20.0, help="without the announcement")
    given = parser.parse_args(argv)
    bench = Announcement(given.people, given.per_s, given.seconds)
    return rounds.run({"announcement": bench}, given.rounds, given.data_dir)


if __name__ == "__main__":
    sys.exit(main())
