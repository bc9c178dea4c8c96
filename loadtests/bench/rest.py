"""REST: the inbox, one gig, and sending a message over HTTP, beside a FastAPI twin.

    python -m loadtests.bench.rest [--seconds 5] [--connections 32] [--rounds 3]

32 people on keep-alive connections, each with one request under way. The twin is a FastAPI service
with asyncpg on the same database and asks the same of it (`loadtests/bench/rest_twin/app.py`). It
needs .venv-peers, which `make bench` makes, and is left out otherwise. Parley keeps whole gigs in
Redis; asked for all members but one by name, it asks PostgreSQL each time, as the twin always does.
"""

import contextlib
import random
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from loadtests.bench import figures, rounds
from loadtests.bench.drivers import closed_loop
from loadtests.bench.drivers.closed_loop import Answers
from loadtests.bench.drivers.http_asker import HttpAsker, Request
from loadtests.bench.rest_twin import process
from loadtests.bench.target import database
from loadtests.bench.target.accounts import Login
from loadtests.bench.target.cpu import CpuMeter, spent
from loadtests.bench.target.instance import Instance

_OTHERS = 100
_WARM_UP_S = 1.0
_FILL = (Path(__file__).parent / "sql" / "rest.sql").read_text(encoding="utf-8")
_CONTENT = "The draft of the second page is in the folder, have a look tonight?"
_MILLI = 1e3
_ALL_BUT_ONE = (
    "id,freelancer_id,title,slug,description,category_id,subcategory_id,video_type,thumbnail_url,"
    "media,tags,requirements_note,currency,starting_price,view_count,order_count,favorite_count,"
    "rating,total_reviews,trend_score,is_featured,status,published_at,created_at,updated_at"
)

RequestOf = Callable[[Login], Callable[[], Request]]
"""What makes the requests of one person's connection."""

PARLEY, TWIN = "Parley", "FastAPI + asyncpg"


class Filled(msgspec.Struct, frozen=True):
    """Who asks, where each of them writes to, and the gigs."""

    people: list[Login]
    rooms: dict[str, str]
    gigs: list[str]


class Round(msgspec.Struct, frozen=True):
    """One kind of request for some seconds; CPU in seconds by group."""

    answers: Answers
    cpu: dict[str, float]

    @property
    def cost(self) -> float:
        """CPU seconds a request, of all groups."""
        return sum(self.cpu[group] for group in figures.ALL) / self.answers.count


class Rest:
    """People who ask over HTTP."""

    def __init__(self, seconds: float = 5.0, connections: int = 32) -> None:
        self.sockets = connections
        self._seconds = seconds
        self._rounds: dict[tuple[str, str], list[Round]] = {}
        self._filled: Filled | None = None

    def round(self, server: Instance) -> None:
        """Fill the tables the first time; ask both of everything."""
        if self._filled is None:
            self._filled = fill(server, self.sockets)
        with contextlib.ExitStack() as stack:
            services = {PARLEY: server}
            if process.is_installed():
                services[TWIN] = stack.enter_context(process.started(server))
            # In turn for each kind, so that a slow moment of the machine falls on both.
            for kind, request_of in requests(self._filled).items():
                for name, service in services.items():
                    told = self._ask(service, self._filled.people, request_of)
                    self._rounds.setdefault((kind, name), []).append(told)

    def report(self) -> str:
        """A table for each kind of request and service, and how they compare."""
        title = f"rest, {self.sockets} under way"
        tables = [
            figures.table(f"{title}: {kind}; {name}", _rows(told))
            for (kind, name), told in self._rounds.items()
        ]
        if not process.is_installed():
            tables.append("the FastAPI twin is left out: .venv-peers is not there (`make bench`)")
            return "\n\n".join(tables)
        ratios = {
            f"{kind}: CPU of FastAPI to Parley's": [
                twin.cost / parley.cost
                for twin, parley in zip(told, self._rounds[kind, PARLEY], strict=True)
            ]
            for (kind, name), told in self._rounds.items()
            if name == TWIN
        }
        tables.append(figures.table("rest: the two compared, round by round", ratios))
        return "\n\n".join(tables)

    def _ask(self, service: Instance, people: Sequence[Login], request_of: RequestOf) -> Round:
        meter = CpuMeter(service.roots)
        askers = [HttpAsker(service.http, one.token, request_of(one)) for one in people]
        try:
            closed_loop.run(askers, min(_WARM_UP_S, self._seconds))
            before = meter.read()
            answers = closed_loop.run(askers, self._seconds)
            return Round(answers, spent(before, meter.read()))
        finally:
            for asker in askers:
                asker.close()


def requests(filled: Filled) -> Mapping[str, RequestOf]:
    """By kind: what a person's connection asks next."""

    def inbox(_person: Login) -> Callable[[], Request]:
        return lambda: ("GET", "/v1/conversations?limit=20", None)

    def gig(_person: Login) -> Callable[[], Request]:
        return lambda: ("GET", f"/v1/gigs/{random.choice(filled.gigs)}", None)

    def some_of_gig(_person: Login) -> Callable[[], Request]:
        return lambda: (
            "GET",
            f"/v1/gigs/{random.choice(filled.gigs)}?fields={_ALL_BUT_ONE}",
            None,
        )

    def send(person: Login) -> Callable[[], Request]:
        path = f"/v1/conversations/{filled.rooms[person.user_id]}/messages"
        return lambda: ("POST", path, {"client_id": str(uuid.uuid4()), "content": _CONTENT})

    return {
        "20 conversations": inbox,
        "one gig": gig,
        "one gig, 25 of 26 members": some_of_gig,
        "message.send": send,
    }


def fill(server: Instance, connections: int) -> Filled:
    """People with an inbox each, and gigs."""
    people = database.people(server, connections)
    others = database.people(server, _OTHERS)
    sql = _FILL.replace("{readers}", _array(people)).replace("{others}", _array(others))

    async def put(connection: database.Connection) -> Filled:
        await connection.execute(sql)
        await connection.execute("vacuum analyze")
        rooms = await connection.fetch("select reader::text, id::text from made where n = 1")
        gigs = await connection.fetch("select id::text from gigs where slug like 'gig-%'")
        return Filled(people, {row[0]: row[1] for row in rooms}, [row[0] for row in gigs])

    return database.work(server, put)


def _array(people: Sequence[Login]) -> str:
    return "'{" + ",".join(one.user_id for one in people) + "}'"


def _rows(told: Sequence[Round]) -> dict[str, list[float]]:
    return {
        "requests/s": [one.answers.rate for one in told],
        "requests/s that one core would serve": [1.0 / one.cost for one in told],
        "p50 ms": [one.answers.p50_s * _MILLI for one in told],
        "p99 ms": [one.answers.p99_s * _MILLI for one in told],
        **figures.costs(
            "a request", [one.cpu for one in told], [one.answers.count for one in told]
        ),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run it alone."""
    parser = rounds.parser("rest", __doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="for each kind of request")
    parser.add_argument("--connections", type=int, default=32)
    given = parser.parse_args(argv)
    rest = Rest(given.seconds, given.connections)
    return rounds.run({"rest": rest}, given.rounds, given.data_dir)


if __name__ == "__main__":
    sys.exit(main())
