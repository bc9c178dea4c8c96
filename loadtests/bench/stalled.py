"""Readers that take nothing, beside live pairs: what they cost the others, and the server's memory.

    python -m loadtests.bench.stalled [--stalled 500] [--seconds 30] [--rounds 2]

Everybody who is stalled is in a group in which somebody speaks. Who takes nothing does not learn of
being closed either, so that each is closed once. A small PARLEY_LIMIT_QUEUE_BYTES makes it sooner.
Each round has the same pairs and speakers twice: without the stalled, and with them.
"""

import argparse
import itertools
import socket
import sys
import time
import urllib.request
import uuid
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from loadtests.bench import figures
from loadtests.bench.drivers import parley
from loadtests.bench.drivers.live import Live
from loadtests.bench.drivers.wire import Connection
from loadtests.bench.target import accounts, instance
from loadtests.bench.target.instance import APP, Instance

_GROUP = 31
_PAIRS = 50
_CONTENT = "長" * 4_000
"""12 KB: what fills queues soonest."""
_BUFFER_BYTES = 16_384
_SEGMENT_BYTES = 1_400
"""The kernel keeps little of what is not read, so that it is the server who has to."""
_TIMEOUT_S = 10.0
_HEADERS = {"Sec-WebSocket-Protocol": "parley.v1.json"}
_MB = 1 << 20


class Phase(msgspec.Struct, frozen=True):
    """What was measured over some seconds."""

    p99_ms: float
    memory_mb: float
    """The most that the app's process had."""
    closed: int
    """Stalled connections that the server ended as too slow."""
    spoken: int


class Bench:
    """The people of a run, seated at a server."""

    def __init__(self, server: Instance, stalled: int) -> None:
        self._server = server
        groups = -(-stalled // _GROUP)
        logins = accounts.logins(
            server.http,
            2 * _PAIRS + groups + stalled,
            server.data_dir / "bench_logins.json",
            for_s=1_800.0,
        )
        self._pairs, rest = logins[: 2 * _PAIRS], logins[2 * _PAIRS :]
        speakers, self._members = rest[:groups], rest[groups:]
        self._rooms = [
            self._room(speaker, self._members[number * _GROUP : (number + 1) * _GROUP])
            for number, speaker in enumerate(speakers)
        ]
        self._stalled: list[Connection] = []
        self._ids = itertools.count(10)

    def phase(self, seconds: float, rate: float, *, is_stalling: bool) -> Phase:
        """The pairs talk, and so many messages a second are said in the groups."""
        for login in self._members if is_stalling else ():
            self._stall(login)
        live = Live(self._server.ws, self._pairs)
        live.p99_ms()
        closed, spoken, memory = self._closed(), 0, 0.0
        began = time.perf_counter()
        while (now := time.perf_counter() - began) < seconds:
            if spoken < now * rate:
                self._speak(*self._rooms[spoken % len(self._rooms)])
                spoken += 1
            else:
                time.sleep(0.001)
            memory = max(memory, _memory_mb(self._server.roots[APP]))
        p99_ms = live.p99_ms()
        live.end()
        closed = self._closed() - closed
        for connection in self._stalled:
            connection.cut()
        self._stalled.clear()
        return Phase(p99_ms, memory, closed, spoken)

    def _room(
        self, speaker: accounts.Login, members: Sequence[accounts.Login]
    ) -> tuple[Connection, str]:
        connection = parley.connect(self._server.ws, speaker.token)
        ids = [member.user_id for member in members]
        d = {"type": "group", "participant_ids": ids}
        made = parley.ask(connection, "conversation.create", d, 2)
        return connection, made["conversation"]["id"]

    def _speak(self, speaker: Connection, room: str) -> None:
        d = {"conversation_id": room, "client_id": str(uuid.uuid4()), "content": _CONTENT}
        parley.ask(speaker, "message.send", d, next(self._ids))

    def _stall(self, login: accounts.Login) -> None:
        connection = _narrow(self._server.ws)
        parley.ask(connection, "hello", {"token": login.token}, 1)
        self._stalled.append(connection)

    def _closed(self) -> int:
        """How many the server has ended as too slow."""
        with urllib.request.urlopen(f"{self._server.http}/metrics", timeout=_TIMEOUT_S) as answer:  # noqa: S310  # our own server's address
            for line in answer.read().splitlines():
                if line.startswith(b'parley_closes_total{code="4004"}'):
                    return int(float(line.split()[1]))
        return 0


def _narrow(ws_url: str) -> Connection:
    parts = urlsplit(ws_url)
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT_BYTES)
    opened.settimeout(_TIMEOUT_S)
    opened.connect((parts.hostname or "", parts.port or 80))
    connection = Connection(opened)
    connection.begin_handshake(ws_url, _HEADERS)
    while not connection.end_handshake():
        pass
    return connection


def _memory_mb(pid: int) -> float:
    """Of the app's process alone, not its PostgreSQL and Valkey: what it has resident."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / _MB


def main(argv: Sequence[str] | None = None) -> int:
    """Run the rounds and print their table."""
    parser = argparse.ArgumentParser(prog="loadtests.bench.stalled", description=__doc__)
    parser.add_argument("--stalled", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each half of a round")
    parser.add_argument("--rate", type=float, default=100.0, help="messages/s in the groups")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--data-dir", type=Path, help="where to keep the accounts for the next run")
    given = parser.parse_args(argv)
    with instance.started(given.data_dir) as server:
        bench = Bench(server, given.stalled)
        rounds = [
            [bench.phase(given.seconds, given.rate, is_stalling=on) for on in (False, True)]
            for _ in range(given.rounds)
        ]
    print(_report(given.stalled, rounds))
    return 0


def _report(stalled: int, rounds: Sequence[Sequence[Phase]]) -> str:
    rows: dict[str, list[float]] = {}
    for number, name in enumerate(("without", "with")):
        phases = [phases[number] for phases in rounds]
        rows |= {
            f"{name} them: live pairs, p99 ms": [one.p99_ms for one in phases],
            f"{name} them: the app's memory, most MB": [one.memory_mb for one in phases],
            f"{name} them: said in the groups": [float(one.spoken) for one in phases],
        }
    rows["of them closed with 4004"] = [float(phases[1].closed) for phases in rounds]
    return figures.table(f"{stalled} stalled readers beside {_PAIRS} live pairs", rows)


if __name__ == "__main__":
    sys.exit(main())
