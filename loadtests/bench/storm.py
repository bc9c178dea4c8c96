"""A storm: 2,000 connections are cut at once, come back and go on from the log.

    python -m loadtests.bench.storm [--connections 2000] [--per-user 4] [--rounds 3]

Groups of 32 people; in each one speaks while the others are cut off, so that everybody has missed a
message. Each round has two storms. In the first nobody else is there; told are the time until all
have resumed and have what they missed, what the server spent on it, and the transactions of
PostgreSQL beyond a quiet server's. The second comes beside live pairs; their latency is told.
"""

import contextlib
import sys
import time
from collections.abc import Sequence
from typing import Self

import msgspec

from loadtests.bench import figures, rounds
from loadtests.bench.drivers import parley
from loadtests.bench.drivers.crowd import Crowd, Seat
from loadtests.bench.drivers.live import Live
from loadtests.bench.target import database
from loadtests.bench.target.accounts import Login
from loadtests.bench.target.cpu import CpuMeter, spent
from loadtests.bench.target.instance import Instance

_GROUP = 31
_LIVE_PAIRS = 20
_QUIET_S = 5.0
_TOLD_S = 11.0
"""PostgreSQL's processes tell what they counted within 10 s."""


class Round(msgspec.Struct, frozen=True):
    """Two storms: seconds until all had resumed, what the first cost, whom the second held up."""

    alone_s: float
    cpu: dict[str, float]
    transactions: float
    beside_s: float
    live_p99_ms: float
    quiet_p99_ms: float


class Storm:
    """People in groups who are cut off together."""

    def __init__(self, connections: int = 2_000, per_user: int = 4) -> None:
        self._connections = connections
        self._per_user = per_user
        self._rounds: list[Round] = []
        people = -(-connections // per_user)
        self.sockets = connections + -(-people // _GROUP) + 2 * _LIVE_PAIRS

    def round(self, server: Instance) -> None:
        """Seat everybody, and let two storms come."""
        live = database.people(server, 2 * _LIVE_PAIRS)
        with Seated(server, self._connections, self._per_user) as seated:
            alone_s, cpu, transactions = _alone(server, seated)
            with Live(server.ws, live) as pairs:
                pairs.p99_ms()
                seated.crowd.hold(_QUIET_S)
                quiet_p99_ms = pairs.p99_ms()
                seated.cut()
                beside_s = seated.come_back()
                live_p99_ms = pairs.p99_ms()
        self._rounds.append(Round(alone_s, cpu, transactions, beside_s, live_p99_ms, quiet_p99_ms))

    def report(self) -> str:
        """Seconds, CPU a connection, transactions, latency of the others."""
        told = self._rounds
        counts = [self._connections for _ in told]
        rows = {
            "all resumed, s": [one.alone_s for one in told],
            **figures.costs("a connection", [one.cpu for one in told], counts),
            "transactions beyond a quiet server's": [one.transactions for one in told],
            "all resumed beside live pairs, s": [one.beside_s for one in told],
            "live pairs meanwhile, p99 ms": [one.live_p99_ms for one in told],
            "live pairs before, p99 ms": [one.quiet_p99_ms for one in told],
        }
        return figures.table(f"storm: {self._connections:,} connections cut at once", rows)


class Seated:
    """The connections, and somebody in each group who stays and speaks."""

    def __init__(self, server: Instance, connections: int, per_user: int) -> None:
        self.crowd = Crowd(server.ws)
        self.seats: list[Seat] = []
        self._ws_url = server.ws
        self._command = 2
        self._speakers: list[tuple[Login, str, parley.Commands]] = []
        people = database.people(server, -(-connections // per_user))
        speakers = database.people(server, -(-len(people) // _GROUP))
        for number, speaker in enumerate(speakers):
            members = people[number * _GROUP : (number + 1) * _GROUP]
            room = self._make_room(speaker, members)
            self.seats += [Seat(member, room) for member in members for _ in range(per_user)]
        del self.seats[connections:]
        revs = self._speak()
        for seat in self.seats:
            # As a client has it that has synced.
            seat.rev = revs[seat.room]
        self.crowd.open(self.seats)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.crowd.close()

    def cut(self) -> None:
        """Cut everybody off, and let a message be said in each group."""
        self.crowd.cut()
        for seat in self.seats:
            seat.is_told = False
        self._speak()

    def come_back(self) -> float:
        """Seconds until all have resumed and have what they missed. Raises `BrokenRoundError`."""
        began = time.perf_counter()
        self.crowd.open(self.seats)
        seconds = time.perf_counter() - began
        resumed = sum(seat.is_resumed for seat in self.seats)
        told = sum(seat.is_told for seat in self.seats)
        if min(resumed, told) < len(self.seats):
            raise rounds.BrokenRoundError(
                f"of {len(self.seats)} {resumed} resumed, {told} were told what they had missed"
            )
        return seconds

    def _make_room(self, speaker: Login, members: Sequence[Login]) -> str:
        ids = [member.user_id for member in members]
        with contextlib.closing(parley.connect(self._ws_url, speaker.token)) as connection:
            d = {"type": "group", "participant_ids": ids}
            made = parley.ask(connection, "conversation.create", d, self._command)["conversation"]
        room: str = made["id"]
        self._speakers.append((speaker, room, parley.Commands(room)))
        return room

    def _speak(self) -> dict[str, int]:
        """Have a message said in each room; the rooms' revs then."""
        # Nobody reads for the speakers between times: they come for a word and go.
        self._command += 1
        revs = {}
        for speaker, room, commands in self._speakers:
            with contextlib.closing(parley.connect(self._ws_url, speaker.token)) as connection:
                revs[room] = parley.say(connection, commands, self._command)
        return revs


def _alone(server: Instance, seated: Seated) -> tuple[float, dict[str, float], float]:
    """A storm and nothing else: seconds, CPU, transactions beyond those of a quiet server."""
    meter = CpuMeter(server.roots)
    seated.cut()
    time.sleep(_TOLD_S)
    counted, since = database.transactions(server), time.perf_counter()
    time.sleep(_TOLD_S)
    at_rest, then = database.transactions(server), time.perf_counter()
    before = meter.read()
    seconds = seated.come_back()
    cpu = spent(before, meter.read())
    seated.crowd.hold(_TOLD_S)
    used, now = database.transactions(server) - at_rest, time.perf_counter()
    quiet = (at_rest - counted) / (then - since) * (now - then)
    return seconds, cpu, used - quiet


def main(argv: Sequence[str] | None = None) -> int:
    """Run it alone."""
    parser = rounds.parser("storm", __doc__)
    parser.add_argument("--connections", type=int, default=2_000)
    parser.add_argument("--per-user", type=int, default=4, help="connections of each person")
    given = parser.parse_args(argv)
    storm = Storm(given.connections, given.per_user)
    return rounds.run({"storm": storm}, given.rounds, given.data_dir)


if __name__ == "__main__":
    sys.exit(main())
