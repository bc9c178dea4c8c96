"""Notifications: 50,000 to 5,000 people who are connected, until the last has reached its socket.

    python -m loadtests.bench.notifications [--people 5000] [--each 10] [--per-s 1000] [--rounds 3]

They tell of changes of jobs, ten people of each, and are stored as the consumers of the outbox
store them: some in a call, with the e-mails that they queue, which fall due later. First at a
steady pace, then as many again as fast as one connection stores them. One that does not arrive,
arrives twice, or reaches somebody else breaks the round.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec
import orjson

from loadtests.bench import figures, rounds
from loadtests.bench.drivers.crowd import Crowd, Seat
from loadtests.bench.drivers.dialect import number_behind
from loadtests.bench.drivers.turns import without_collector
from loadtests.bench.target import database, jobs
from loadtests.bench.target.accounts import Login
from loadtests.bench.target.cpu import CpuMeter, spent
from loadtests.bench.target.database import Connection
from loadtests.bench.target.instance import Instance

_AT_ONCE = 500
"""Notifications of one call as fast as it goes, as announcements store them."""
_CALLS_PER_S = 20
"""At a steady pace there are so many calls, of fewer notifications each."""
_CONNECTING = 100
_LISTEN_S = 0.1
_SILENT_S = 20.0
"""After so long without any the rest is lost."""
_DOUBLED_S = 1.0
"""How long the last one is followed by listening for one that comes again."""

_CREATED = b'{"ev":"notification.created"'
_NUMBER = b'"version":'
_NO_NUMBER = -1
_READ = orjson.dumps({"id": 2, "op": "notification.read", "d": {"up_to": "9000-01-01T00:00:00Z"}})

_MAILS_LATER = "update platform_settings set value = '86400' where key = 'mail_wait_seconds'"


class Call(msgspec.Struct, frozen=True):
    """When a call was to be made, and when what it stored was committed."""

    due: float
    stored: float


class Told(msgspec.Struct, frozen=True):
    """All notifications told once: latencies and times in seconds, CPU by group."""

    to_received: Sequence[float]
    """From the commit that stored each."""
    from_due: Sequence[float]
    store_s: float
    seconds: float
    cpu: dict[str, float]


class Notifications:
    """A crowd of whom everybody is told some things."""

    def __init__(self, people: int = 5_000, each: int = 10, per_s: float = 1_000.0) -> None:
        self.sockets = people + 1
        self._people = people
        self._count = people * each
        self._per_s = per_s
        self._paced: list[Told] = []
        self._fast: list[Told] = []

    def round(self, server: Instance) -> None:
        """Connect everybody and tell them all twice. Raises `BrokenRoundError`."""
        *people, waker = database.people(server, self.sockets)
        database.work(server, lambda connection: connection.execute(_MAILS_LATER))
        crowd = Crowd(server.ws, at_once=_CONNECTING)
        seats = [Seat(login) for login in (*people, waker)]
        try:
            crowd.open(seats)
            at_once = max(1, round(self._per_s / _CALLS_PER_S))
            with without_collector():
                self._paced.append(self._tell(server, crowd, seats, at_once, at_once / self._per_s))
                self._fast.append(self._tell(server, crowd, seats, _AT_ONCE, 0.0))
        finally:
            crowd.close()

    def report(self) -> str:
        """A table of each of the two."""
        of = f"notifications: {self._count:,} to {self._people:,} people who are connected"
        paced = figures.table(f"{of}, {self._per_s:g} a second", _rows(self._paced))
        return f"{paced}\n\n" + figures.table(f"{of}, as fast as it goes", _rows(self._fast))

    def _tell(
        self, server: Instance, crowd: Crowd, seats: Sequence[Seat], at_once: int, every_s: float
    ) -> Told:
        """Store all, `at_once` in a call and a call every so many seconds, until all are heard."""
        texts = self._texts(server, seats, at_once)
        waker = seats[-1].connection
        assert waker is not None
        arrivals = Arrivals([seat.login for seat in seats[:-1]], self._count)
        meter = CpuMeter(server.roots)
        with ThreadPoolExecutor(1) as beside:
            before = meter.read()
            work = beside.submit(
                database.work,
                server,
                lambda c: _stored(c, texts, every_s, lambda: waker.send(_READ)),
            )
            _listened(crowd, arrivals, work)
            cpu = spent(before, meter.read())
            calls = work.result()
        crowd.listen(_DOUBLED_S, arrivals.take)
        arrivals.check()
        began = calls[0].due
        of = [calls[number // at_once] for number in range(self._count)]
        pairs = list(zip(arrivals.at, of, strict=True))
        return Told(
            to_received=[at - call.stored for at, call in pairs],
            from_due=[at - call.due for at, call in pairs],
            store_s=calls[-1].stored - began,
            seconds=max(arrivals.at) - began,
            cpu=cpu,
        )

    def _texts(self, server: Instance, seats: Sequence[Seat], at_once: int) -> list[str]:
        """What the calls store; each has one more notification, for who wakes the relay."""
        *people, waker = [seat.login.user_id for seat in seats]
        of = jobs.put(server, -(-self._count // jobs.PEOPLE))
        told = [
            jobs.change(people[number % len(people)], of[number // jobs.PEOPLE], number)
            for number in range(self._count)
        ]
        return [
            jobs.written(
                [
                    *told[start : start + at_once],
                    jobs.change(waker, of[start // jobs.PEOPLE], _NO_NUMBER),
                ]
            )
            for start in range(0, self._count, at_once)
        ]


class Arrivals:
    """What has arrived, by number: the i-th of the people is told of i, i and all of them, ..."""

    def __init__(self, people: Sequence[Login], count: int) -> None:
        self.at = [0.0] * count
        self.arrived = 0
        self._doubled = 0
        self._astray = 0
        self._place = {login.user_id: number for number, login in enumerate(people)}

    def take(self, seat: Seat, payload: bytes) -> None:
        """A frame that has come to somebody's socket."""
        if not payload.startswith(_CREATED):
            return
        number = number_behind(_NUMBER, payload)
        if number == _NO_NUMBER:
            return
        self.arrived += 1
        if self.at[number]:
            self._doubled += 1
        elif self._place[seat.login.user_id] != number % len(self._place):
            self._astray += 1
        self.at[number] = time.perf_counter()

    @property
    def is_whole(self) -> bool:
        """Whether as many have arrived as there are."""
        return self.arrived >= len(self.at)

    def check(self) -> None:
        """Raise `BrokenRoundError` unless each has arrived once, where it belongs."""
        lost = self.at.count(0.0)
        if lost or self._doubled or self._astray:
            raise rounds.BrokenRoundError(
                f"of {len(self.at)} notifications {lost} were lost, {self._doubled} came twice,"
                f" {self._astray} to somebody else"
            )


async def _stored(
    connection: Connection, texts: Sequence[str], every_s: float, wake: Callable[[], None]
) -> list[Call]:
    """Make the calls.

    The consumers wake the relay of their process when they have stored something. So does reading:
    who was told one more reads it.
    """
    calls = []
    began = time.perf_counter()
    for number, text in enumerate(texts):
        due = began + number * every_s
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        due = due if every_s else time.perf_counter()
        await jobs.store(connection, text)
        calls.append(Call(due, time.perf_counter()))
        wake()
    return calls


def _listened(crowd: Crowd, arrivals: Arrivals, work: "Future[list[Call]]") -> None:
    """Listen until all have arrived, or none does any more. Raises what storing them raised."""
    heard, silent_since = 0, time.monotonic()
    while not arrivals.is_whole:
        crowd.listen(_LISTEN_S, arrivals.take)
        if arrivals.arrived > heard:
            heard, silent_since = arrivals.arrived, time.monotonic()
        elif work.done() and work.exception() is not None:
            break
        elif time.monotonic() - silent_since > _SILENT_S:
            arrivals.check()
    work.result()


def _rows(told: Sequence[Told]) -> dict[str, list[float]]:
    rows = {
        "received/s": [len(one.to_received) / one.seconds for one in told],
        "stored/s": [len(one.to_received) / one.store_s for one in told],
    }
    latencies: dict[str, Callable[[Told], Sequence[float]]] = {
        "stored to received": lambda one: one.to_received,
        "due to received": lambda one: one.from_due,
    }
    for name, of in latencies.items():
        for said, share in (("p50", 0.5), ("p99", 0.99), ("most", 1.0)):
            rows[f"{name}, {said} ms"] = [figures.quantile(of(one), share) * 1e3 for one in told]
    return rows | figures.costs(
        "a notification", [one.cpu for one in told], [len(one.to_received) for one in told]
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run it alone."""
    parser = rounds.parser("notifications", __doc__)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--each", type=int, default=10, help="notifications of each of them")
    parser.add_argument("--per-s", type=float, default=1_000.0, help="at a steady pace")
    given = parser.parse_args(argv)
    bench = Notifications(given.people, given.each, given.per_s)
    return rounds.run({"notifications": bench}, given.rounds, given.data_dir)


if __name__ == "__main__":
    sys.exit(main())
