"""History: pages of 50 messages from a conversation of 100,000 over a year, wherever in it.

    python -m loadtests.bench.history [--messages 100000] [--seconds 5] [--rounds 3]

Over WebSockets, each with one page under way: the newest, some of the middle, the oldest, and some
that lie across two months, which are two partitions. Pages of one kind differ from each other.
"""

import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import orjson

from loadtests.bench import figures, rounds
from loadtests.bench.drivers import closed_loop, parley
from loadtests.bench.drivers.closed_loop import Answers
from loadtests.bench.target import database
from loadtests.bench.target.accounts import Login
from loadtests.bench.target.cpu import CpuMeter, spent
from loadtests.bench.target.instance import Instance

_PAGE = 50
_WARM_UP_S = 1.0
_FILL = (Path(__file__).parent / "sql" / "history.sql").read_text(encoding="utf-8")
_MILLI = 1e3


class Filled(msgspec.Struct, frozen=True):
    """The conversation, and the first seq of each month that has a whole page before it."""

    conversation_id: str
    messages: int
    months: list[int]


class Round(msgspec.Struct, frozen=True):
    """One kind of page, asked for some seconds; CPU in seconds by group."""

    answers: Answers
    cpu: dict[str, float]


class History:
    """Readers of a long conversation."""

    def __init__(self, messages: int = 100_000, seconds: float = 5.0, connections: int = 4) -> None:
        self.sockets = connections
        self._messages = messages
        self._seconds = seconds
        self._rounds: dict[str, list[Round]] = {}
        self._filled: Filled | None = None
        self._people: list[Login] = []

    def round(self, server: Instance) -> None:
        """Fill a conversation the first time, and ask for every kind of page."""
        if self._filled is None:
            self._people = database.people(server, self.sockets)
            self._filled = fill(server, self._people, self._messages)
        filled = self._filled
        meter = CpuMeter(server.roots)
        readers = [_Reader(server.ws, one, filled.conversation_id) for one in self._people]
        try:
            for name, position in positions(filled).items():
                for reader in readers:
                    reader.position = position
                closed_loop.run(readers, min(_WARM_UP_S, self._seconds))
                before = meter.read()
                answers = closed_loop.run(readers, self._seconds)
                cpu = spent(before, meter.read())
                self._rounds.setdefault(name, []).append(Round(answers, cpu))
        finally:
            for reader in readers:
                reader.close()

    def report(self) -> str:
        """A table for each kind of page."""
        title = (
            f"history: pages of {_PAGE} of {self._messages:,} messages, {self.sockets} under way"
        )
        return "\n\n".join(
            figures.table(f"{title}; {name}", _rows(told)) for name, told in self._rounds.items()
        )


def positions(filled: Filled) -> dict[str, Callable[[], int]]:
    """Where pages of each kind end: a `before_seq`, another one each time."""
    last, middle = filled.messages, filled.messages // 2
    near = max(1, filled.messages // 10)
    return {
        "newest": lambda: last + 1,
        "middle": lambda: middle + random.randrange(near),
        "oldest": lambda: _PAGE + 1 + random.randrange(min(near, last - _PAGE) or 1),
        "across months": lambda: random.choice(filled.months) + _PAGE // 2,
    }


def fill(server: Instance, people: Sequence[Login], messages: int) -> Filled:
    """A conversation of these people with so many messages."""
    ids = ",".join(one.user_id for one in people)
    sql = _FILL.replace("{people}", f"'{{{ids}}}'").replace("{messages}", str(messages))

    async def put(connection: database.Connection) -> Filled:
        await connection.execute(sql)
        await connection.execute("vacuum analyze messages")
        conversation_id = await connection.fetchval("select id::text from made")
        months = await connection.fetch(
            "select first_seq from conversation_months where conversation_id = $1::uuid "
            "order by month offset 1",
            conversation_id,
        )
        whole = [row[0] for row in months if row[0] > _PAGE]
        return Filled(conversation_id, messages, whole)

    return database.work(server, put)


class _Reader:
    """One connection that asks for pages of one conversation."""

    def __init__(self, ws_url: str, login: Login, conversation_id: str) -> None:
        self._connection = parley.connect(ws_url, login.token)
        self._connection.set_blocking(None)
        self._conversation_id = conversation_id
        self._command = 1
        self.position: Callable[[], int] = lambda: 1

    def fileno(self) -> int:
        return self._connection.fileno()

    def ask(self) -> None:
        self._command += 1
        d = {
            "conversation_id": self._conversation_id,
            "before_seq": self.position(),
            "limit": _PAGE,
        }
        ask = {"id": self._command, "op": "message.history", "d": d}
        self._connection.send(orjson.dumps(ask))

    def is_answered(self) -> bool:
        for payload in self._connection.receive():
            if payload.startswith(parley.REPLY):
                found = payload.count(b'"seq":')
                if parley.command_id_of(payload) != self._command or found != _PAGE:
                    raise rounds.BrokenRoundError(f"a page of {found} messages, not {_PAGE}")
                return True
        return False

    def close(self) -> None:
        self._connection.close()


def _rows(told: Sequence[Round]) -> dict[str, list[float]]:
    return {
        "pages/s": [one.answers.rate for one in told],
        "p50 ms": [one.answers.p50_s * _MILLI for one in told],
        "p99 ms": [one.answers.p99_s * _MILLI for one in told],
        **figures.costs("a page", [one.cpu for one in told], [one.answers.count for one in told]),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run it alone."""
    parser = rounds.parser("history", __doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="for each kind of page")
    parser.add_argument("--connections", type=int, default=4, help="with one page under way each")
    given = parser.parse_args(argv)
    history = History(given.messages, given.seconds, given.connections)
    return rounds.run({"history": history}, given.rounds, given.data_dir)


if __name__ == "__main__":
    sys.exit(main())
