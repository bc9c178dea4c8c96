"""Workflows: proposals accepted and milestones approved, beside a twin written with SQLAlchemy.

    python -m loadtests.bench.workflows [--count 200] [--at-once 1 50] [--rounds 3]

Clients accept one of two proposals for each of their jobs, and approve what was handed in for three
of the four milestones of a contract, one request of each client under way. What comes between,
contracts accepted, milestones funded and handed in, is asked over HTTP too, and not measured. The
twin is a FastAPI service with the same guarantees, on tables of its own in the same PostgreSQL
(`loadtests/bench/workflow_twin/app.py`); it needs .venv-peers, which `make bench` makes, and is
left out otherwise.
"""

import contextlib
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from loadtests.bench import figures, rounds
from loadtests.bench.drivers import closed_loop
from loadtests.bench.drivers.closed_loop import Answers
from loadtests.bench.drivers.http_asker import HttpAsker, Request
from loadtests.bench.rounds import BrokenRoundError
from loadtests.bench.target import database
from loadtests.bench.target.accounts import Login
from loadtests.bench.target.cpu import CpuMeter, spent
from loadtests.bench.target.instance import APP, POSTGRES, Instance
from loadtests.bench.workflow_twin import process

_WARM_UP = 10
"""One request in so many comes before what is measured."""
_APPROVED = 3
"""Of the four milestones of a contract: the last would end it, which is another matter."""
_MILLI = 1e3
_FILL = (Path(__file__).parent / "sql" / "workflows.sql").read_text(encoding="utf-8")
_FILL_TWIN = Path(process.__file__).with_name("fill.sql").read_text(encoding="utf-8")
_CONTRACTS = """
select c.id::text, c.proposal_id::text from {schema}.contracts c
where c.proposal_id = any($1::uuid[]) order by c.id
"""
_MILESTONES = """
select m.id::text, m.contract_id::text from {schema}.milestones m
where m.contract_id = any($1::uuid[]) and m.seq <= $2 order by m.seq, m.id
"""

PARLEY, TWIN = "Parley", "FastAPI + SQLAlchemy"
SCHEMAS = {PARLEY: "public", TWIN: "workflow_twin"}
ACCEPT, APPROVE = "proposal.accept", "milestone.approve"


class Pair(msgspec.Struct, frozen=True):
    """A client, the freelancer they work with, and the ids of what is asked for by them."""

    client: Login
    freelancer: Login
    proposals: tuple[str, ...]


class Round(msgspec.Struct, frozen=True):
    """One kind of request; CPU in seconds by group."""

    answers: Answers
    cpu: dict[str, float]

    def cost(self, *groups: str) -> float:
        """CPU seconds a request."""
        return sum(self.cpu[group] for group in groups) / self.answers.count


class Workflows:
    """Clients who accept proposals and approve milestones."""

    def __init__(self, count: int = 200, at_once: Sequence[int] = (1, 50)) -> None:
        self.sockets = max(at_once)
        self._count = count
        self._at_once = at_once
        self._rounds: dict[tuple[str, int, str], list[Round]] = {}

    def round(self, server: Instance) -> None:
        """Both services do everything, in turn at each level. Raises `rounds.FAILURES`."""
        with contextlib.ExitStack() as stack:
            services = {PARLEY: server}
            if process.is_installed():
                services[TWIN] = stack.enter_context(process.started(server))
            for at_once in self._at_once:
                pairs = fill(server, at_once, self._jobs(at_once), is_twin=TWIN in services)
                stories = {name: Story(one, name, pairs) for name, one in services.items()}
                for kind in (ACCEPT, APPROVE):
                    for name, story in stories.items():
                        told = story.accepted() if kind == ACCEPT else story.approved()
                        self._rounds.setdefault((kind, at_once, name), []).append(told)

    def report(self) -> str:
        """A table for each kind of request, level and service, and how they compare."""
        tables = [
            figures.table(f"workflows: {kind}, {at_once} under way; {name}", _rows(told))
            for (kind, at_once, name), told in self._rounds.items()
        ]
        if not process.is_installed():
            tables.append("the twin is left out: .venv-peers is not there (`make bench`)")
            return "\n\n".join(tables)
        tables.append(figures.table("workflows: the two compared, round by round", self._ratios()))
        return "\n\n".join(tables)

    def _jobs(self, at_once: int) -> int:
        """Jobs a client: a number of contracts that has enough milestones."""
        return max(2, self._count // at_once)

    def _ratios(self) -> Mapping[str, list[float]]:
        measures: Mapping[str, Callable[[Round], float]] = {
            "CPU, all": lambda one: one.cost(*figures.ALL),
            "CPU, app": lambda one: one.cost(APP),
            "CPU, PostgreSQL": lambda one: one.cost(POSTGRES),
            "p99": lambda one: one.answers.p99_s,
            "time a request": lambda one: 1 / one.answers.rate,
        }
        return {
            f"{kind}, {at_once} under way: {what} of the twin to Parley's": [
                measure(twin) / measure(parley)
                for twin, parley in zip(told, self._rounds[kind, at_once, PARLEY], strict=True)
            ]
            for (kind, at_once, name), told in self._rounds.items()
            if name == TWIN
            for what, measure in measures.items()
        }


class Story:
    """What the pairs do at one service. Its methods raise `rounds.FAILURES`."""

    def __init__(self, service: Instance, name: str, pairs: Sequence[Pair]) -> None:
        self._service = service
        self._schema = SCHEMAS[name]
        self._pairs = pairs

    def accepted(self) -> Round:
        """Every client accepts all proposals, one after the other."""
        return self._measured(
            {
                one.client: [
                    _request(f"proposals/{key}/accept", version=1) for key in one.proposals
                ]
                for one in self._pairs
            }
        )

    def approved(self) -> Round:
        """Contracts are accepted until there are enough milestones, which are then approved."""
        milestones = self._handed_in()
        return self._measured(
            {
                one.client: [
                    _request(f"milestones/{key}/approve") for key in milestones[one.client]
                ]
                for one in self._pairs
            }
        )

    def _handed_in(self) -> dict[Login, list[str]]:
        """Milestones that wait for their client."""
        begun = {one: one.proposals[: -(-len(one.proposals) // _APPROVED)] for one in self._pairs}
        contracts = self._of(_CONTRACTS, begun)
        self._ask(
            {
                one.freelancer: [_request(f"contracts/{key}/accept") for key in keys]
                for one, keys in contracts.items()
            }
        )
        milestones = self._of(_MILESTONES, contracts, _APPROVED)
        for pair, keys in milestones.items():
            if len(keys) < len(pair.proposals):
                raise BrokenRoundError(f"{len(keys)} milestones of {len(begun[pair])} contracts")
        chosen = {one: keys[: len(one.proposals)] for one, keys in milestones.items()}
        self._ask(
            {
                one.client: [_request(f"milestones/{key}/fund", {"wallet": True}) for key in keys]
                for one, keys in chosen.items()
            }
        )
        handed_in = {"description": "The second cut, with the music that you chose."}
        self._ask(
            {
                one.freelancer: [_request(f"milestones/{key}/submit", handed_in) for key in keys]
                for one, keys in chosen.items()
            }
        )
        return {one.client: keys for one, keys in chosen.items()}

    def _of(
        self, statement: str, above: Mapping[Pair, Sequence[str]], *arguments: int
    ) -> dict[Pair, list[str]]:
        """The ids of the rows below others, each pair's, in the order of the statement."""
        owners = {key: one for one, keys in above.items() for key in keys}

        async def read(connection: database.Connection) -> dict[Pair, list[str]]:
            found: dict[Pair, list[str]] = {one: [] for one in above}
            sql = statement.format(schema=self._schema)
            for row in await connection.fetch(sql, list(owners), *arguments):
                found[owners[row[1]]].append(row[0])
            return found

        return database.work(self._service, read)

    def _ask(self, wanted: Mapping[Login, Sequence[Request]]) -> None:
        with _askers(self._service, wanted) as askers:
            closed_loop.run_each(askers, len(next(iter(wanted.values()))))

    def _measured(self, wanted: Mapping[Login, Sequence[Request]]) -> Round:
        times = len(next(iter(wanted.values())))
        meter = CpuMeter(self._service.roots)
        with _askers(self._service, wanted) as askers:
            warm = max(1, times // _WARM_UP)
            closed_loop.run_each(askers, warm)
            before = meter.read()
            answers = closed_loop.run_each(askers, times - warm)
            return Round(answers, spent(before, meter.read()))


@contextlib.contextmanager
def _askers(
    service: Instance, wanted: Mapping[Login, Sequence[Request]]
) -> Iterator[Sequence[HttpAsker]]:
    """A connection for each person, with what they ask in turn."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                contextlib.closing(HttpAsker(service.http, one.token, iter(asked).__next__))
            )
            for one, asked in wanted.items()
        ]


def _request(
    path: str, body: Mapping[str, str | bool] | None = None, version: int | None = None
) -> Request:
    own = f"Idempotency-Key: {uuid.uuid4()}\r\n"
    if version is not None:
        own += f'If-Match: "{version}"\r\n'
    return "POST", f"/v1/{path}", dict(body or {}), own


def fill(server: Instance, count: int, jobs: int, *, is_twin: bool) -> list[Pair]:
    """So many clients with so many jobs each, and money."""
    clients, freelancers = database.people(server, count), database.people(server, count)
    (other,) = database.people(server, 1)
    given = {
        "{clients}": _array(clients),
        "{freelancers}": _array(freelancers),
        "{other}": f"'{other.user_id}'",
        "{jobs}": str(jobs),
    }
    sql = _FILL
    for name, value in given.items():
        sql = sql.replace(name, value)

    async def put(connection: database.Connection) -> dict[str, list[str]]:
        await connection.execute(sql)
        if is_twin:
            await connection.execute(_FILL_TWIN)
        rows = await connection.fetch("select client::text, proposal::text from offered")
        made: dict[str, list[str]] = {}
        for client, proposal in rows:
            made.setdefault(client, []).append(proposal)
        return made

    proposals = database.work(server, put)
    people = zip(clients, freelancers, strict=True)
    return [Pair(client, other, tuple(proposals[client.user_id])) for client, other in people]


def _array(people: Sequence[Login]) -> str:
    return "'{" + ",".join(one.user_id for one in people) + "}'"


def _rows(told: Sequence[Round]) -> dict[str, list[float]]:
    return {
        "requests/s": [one.answers.rate for one in told],
        "p50 ms": [one.answers.p50_s * _MILLI for one in told],
        "p99 ms": [one.answers.p99_s * _MILLI for one in told],
        **figures.costs(
            "a request", [one.cpu for one in told], [one.answers.count for one in told]
        ),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run it alone."""
    parser = rounds.parser("workflows", __doc__)
    parser.add_argument("--count", type=int, default=200, help="requests of each kind")
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 50], help="clients")
    given = parser.parse_args(argv)
    bench = Workflows(given.count, given.at_once)
    return rounds.run({"workflows": bench}, given.rounds, given.data_dir)


if __name__ == "__main__":
    sys.exit(main())
