"""A storm: thousands of connections are cut at once and go on from the log, beside live traffic.

    python -m loadtests.bench.storm [--connections 5000] [--rounds 3]

Groups of 32 people; in each one speaks while the others are cut off, so that everybody has missed a
message. Reported are the time until all have resumed and have it, what the server spent, the
transactions of PostgreSQL beside those of a quiet second, and the latency of live pairs meanwhile.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import select
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import orjson

from loadtests.bench import accounts, figures, instance, parley
from loadtests.bench.cpu import CpuMeter, spent
from loadtests.bench.instance import APP, POSTGRES, REDIS, Instance
from loadtests.bench.turns import StalledError, Turns
from loadtests.bench.wire import Connection

_GROUP = 31
_LIVE_PAIRS = 20
_QUIET_S = 3.0
_PATIENCE_S = 120.0
_HEADERS = {"Sec-WebSocket-Protocol": "parley.v1.json"}
_AT_ONCE = 400
"""Connections under way at a time: what the server's backlog takes without refusing."""


class Seat(msgspec.Struct):
    """One connection, and where it goes on from."""

    login: accounts.Login
    room: str
    connection: Connection | None = None
    epoch: str = ""
    offset: str = ""
    rev: int = 0
    missed: int = -1
    is_resumed: bool = False
    waits: str = ""


class Round(msgspec.Struct, frozen=True):
    """One storm: seconds until all had resumed, and what it cost."""

    seconds: float
    resumed: int
    cpu: dict[str, float]
    transactions: float
    quiet_transactions: float
    live_p99_ms: float
    quiet_p99_ms: float


def main(argv: Sequence[str] | None = None) -> int:
    """Run the storms and print their table."""
    parser = argparse.ArgumentParser(prog="loadtests.bench.storm", description=__doc__)
    parser.add_argument("--connections", type=int, default=5_000)
    parser.add_argument("--per-user", type=int, default=4, help="connections of each person")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data-dir", type=Path, help="where to keep the accounts for the next run")
    given = parser.parse_args(argv)
    with instance.started(given.data_dir) as server:
        storm = Storm(server, given.connections, given.per_user)
        storm.seat()
        rounds = [storm.round() for _ in range(given.rounds)]
        storm.close()
    print(_report(given.connections, rounds))
    return 0 if all(one.resumed == given.connections for one in rounds) else 1


class Storm:
    """The people of a storm, seated at a server."""

    def __init__(self, server: Instance, connections: int, per_user: int) -> None:
        self._server = server
        self._meter = CpuMeter(server.roots)
        people = -(-connections // per_user)
        groups = -(-people // _GROUP)
        logins = accounts.logins(
            server.http,
            people + groups + 2 * _LIVE_PAIRS,
            server.data_dir / "bench_logins.json",
            for_s=1_800.0,
        )
        self._live, logins = logins[: 2 * _LIVE_PAIRS], logins[2 * _LIVE_PAIRS :]
        self._speakers, self._people = logins[:groups], logins[groups : groups + people]
        self._per_user = per_user
        self._count = connections
        self._seats: list[Seat] = []
        self._rooms: list[tuple[Connection, str]] = []
        self._poll = select.epoll()
        self._words = 0

    def seat(self) -> None:
        """Make the groups, and connect everybody."""
        for number, speaker in enumerate(self._speakers):
            members = self._people[number * _GROUP : (number + 1) * _GROUP]
            connection = parley.connect(self._server.ws, speaker.token)
            made = parley.ask(
                connection,
                "conversation.create",
                {"type": "group", "participant_ids": [one.user_id for one in members]},
                2,
            )
            room = made["conversation"]["id"]
            self._rooms.append((connection, room))
            for member in members:
                self._seats += [Seat(member, room) for _ in range(self._per_user)]
        del self._seats[self._count :]
        self._speak()
        self._open(self._seats)

    def round(self) -> Round:
        """Cut all, let a message be said in each group, and have all come back."""
        live = Live(self._server.ws, self._live)
        quiet = asyncio.run(self._transactions(_QUIET_S))
        quiet_p99 = live.p99_ms()
        for seat in self._seats:
            assert seat.connection is not None
            seat.connection.cut()
        self._speak()
        before = self._meter.read()
        transactions = asyncio.run(self._transactions(0.0))
        live.p99_ms()
        began = time.perf_counter()
        self._open(self._seats)
        seconds = time.perf_counter() - began
        cpu = spent(before, self._meter.read())
        live_p99 = live.p99_ms()
        used = asyncio.run(self._transactions(0.0)) - transactions
        live.end()
        return Round(
            seconds=seconds,
            resumed=sum(seat.is_resumed and seat.missed > 0 for seat in self._seats),
            cpu=cpu,
            transactions=used,
            quiet_transactions=quiet / _QUIET_S * seconds,
            live_p99_ms=live_p99,
            quiet_p99_ms=quiet_p99,
        )

    def close(self) -> None:
        """End all connections."""
        for connection, _room in self._rooms:
            connection.close()
        for seat in self._seats:
            if seat.connection is not None:
                seat.connection.close()

    def _speak(self) -> None:
        for connection, room in self._rooms:
            self._words += 1
            parley.ask(
                connection,
                "message.send",
                {
                    "conversation_id": room,
                    "client_id": f"00000000-0000-4000-8000-{self._words:012x}",
                    "content": "Is anybody there?",
                },
                self._words + 2,
            )

    def _open(self, seats: Sequence[Seat]) -> None:
        """Connect these, a bounded number at a time, until each has its hello and what it missed.

        Raises `TimeoutError`.
        """
        waiting = list(reversed(seats))
        under_way: dict[int, Seat] = {}
        deadline = time.monotonic() + _PATIENCE_S
        while waiting or under_way:
            while waiting and len(under_way) < _AT_ONCE:
                seat = waiting.pop()
                seat.connection = Connection.begin(self._server.ws)
                seat.waits = "connect"
                under_way[seat.connection.fileno()] = seat
                self._poll.register(seat.connection.fileno(), select.EPOLLOUT)
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(under_way) + len(waiting)} did not come back")
            for descriptor, _events in self._poll.poll(1.0):
                if self._advance(under_way[descriptor]):
                    self._poll.unregister(descriptor)
                    del under_way[descriptor]

    def _advance(self, seat: Seat) -> bool:
        """One step of a connection; True when it is where it should be."""
        connection = seat.connection
        assert connection is not None
        if seat.waits == "connect":
            connection.begin_handshake(self._server.ws, _HEADERS)
            self._poll.modify(connection.fileno(), select.EPOLLIN)
            seat.waits = "upgrade"
            return False
        if seat.waits == "upgrade":
            if connection.end_handshake():
                connection.send(_hello(seat))
                seat.waits = "hello"
            return False
        for payload in connection.receive():
            self._take(seat, orjson.loads(payload))
        return seat.waits == ""

    def _take(self, seat: Seat, told: dict[str, Any]) -> None:
        if "re" in told:
            d = told["d"]
            seat.epoch, seat.offset = d["epoch"], d["offset"]
            seat.is_resumed, seat.missed = d["resumed"], d["missed"]
            seat.waits = "events" if seat.missed else ""
        elif "at" in told:
            seat.offset = told["at"]
            seat.rev = max(seat.rev, told["d"].get("rev", 0))
            if seat.waits == "events":
                seat.waits = ""

    async def _transactions(self, over_s: float) -> float:
        """Transactions of PostgreSQL so far, or in the next `over_s` seconds."""
        url = orjson.loads((self._server.data_dir / "servers.json").read_bytes())["database_url"]
        connection = await asyncpg.connect(url, timeout=10)
        try:
            before = await connection.fetchval(_TRANSACTIONS)
            if not over_s:
                return float(before)
            await asyncio.sleep(over_s)
            await connection.execute("select pg_stat_clear_snapshot()")
            return float(await connection.fetchval(_TRANSACTIONS) - before)
        finally:
            await connection.close(timeout=10)


_TRANSACTIONS = """
select xact_commit + xact_rollback from pg_stat_database where datname = current_database()
"""


def _hello(seat: Seat) -> bytes:
    d: dict[str, Any] = {"token": seat.login.token}
    if seat.epoch:
        d["resume"] = {"epoch": seat.epoch, "offset": seat.offset}
        if seat.rev:
            d["resume"]["revs"] = {seat.room: seat.rev}
    return orjson.dumps({"id": 1, "op": "hello", "d": d})


class Live:
    """Pairs that go on talking in a process of their own; asked now and then for their p99."""

    def __init__(self, ws_url: str, logins: Sequence[accounts.Login]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_talk, args=(ws_url, list(logins), theirs))
        self._process.start()
        self._pipe.recv()

    def p99_ms(self) -> float:
        """Send to received since the last time it was asked."""
        self._pipe.send("p99")
        answer: float = self._pipe.recv()
        return answer

    def end(self) -> None:
        """Stop talking."""
        self._pipe.send("end")
        self._process.join(30.0)


def _talk(ws_url: str, logins: Sequence[accounts.Login], pipe: Pipe) -> None:
    turns = Turns()
    for one, other in zip(logins[::2], logins[1::2], strict=True):
        first, second = parley.connect(ws_url, one.token), parley.connect(ws_url, other.token)
        turns.add((first, second), *parley.direct_conversation(first, other.user_id))
    turns.begin()
    turns.run(0.5)
    pipe.send("ready")
    latencies: list[float] = []
    while True:
        # That nothing arrives for a moment is a latency, which shows when it does.
        with contextlib.suppress(StalledError):
            latencies += turns.run(0.1).to_received
        if not pipe.poll():
            continue
        if pipe.recv() == "end":
            turns.close()
            return
        pipe.send(figures.quantile(latencies, 0.99) * 1e3)
        latencies = []


def _report(connections: int, rounds: Sequence[Round]) -> str:
    rows = {
        "all resumed, s": [one.seconds for one in rounds],
        "resumed with what they missed": [float(one.resumed) for one in rounds],
        **{
            f"CPU ms a connection: {group}": [one.cpu[group] / connections * 1e3 for one in rounds]
            for group in (APP, REDIS, POSTGRES)
        },
        "transactions of PostgreSQL": [one.transactions for one in rounds],
        "of which live pairs and polling": [one.quiet_transactions for one in rounds],
        "live pairs, p99 ms meanwhile": [one.live_p99_ms for one in rounds],
        "live pairs, p99 ms before": [one.quiet_p99_ms for one in rounds],
    }
    return figures.table(f"{connections} connections cut at once", rows)


if __name__ == "__main__":
    sys.exit(main())
