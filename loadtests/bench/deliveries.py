"""Deliveries: e-mails that all are due at once, until the last of them is recorded as sent.

    python -m loadtests.bench.deliveries [--mails 10000] [--rounds 3]

Each person is told of one thing, by a mail of their own into the server's folder of mails: what is
measured is the queue, the judgement, the words and the composing, and no mail server. Storing the
notifications, which queues the mails, is measured by itself.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from loadtests.bench import figures, rounds
from loadtests.bench.target import database, jobs
from loadtests.bench.target.cpu import CpuMeter, spent
from loadtests.bench.target.database import Connection
from loadtests.bench.target.instance import Instance

_LOOK_S = 0.5
_WITHIN_S = 1_800.0
_AT_ONCE = 500
"""Notifications of one call, as the consumers of the outbox store them."""

_NOW = "select clock_timestamp()"
_DUE = """
update notification_deliveries set next_attempt_at = now()
where next_attempt_at is not null and group_key like 'job.changed:%' and created_at >= $1
"""
_STATES = """
select count(next_attempt_at) as open, count(*) filter (where status = 'sent') as sent
from notification_deliveries where group_key like 'job.changed:%' and created_at >= $1
"""


class Round(msgspec.Struct, frozen=True):
    """One time that all were stored and sent; CPU in seconds, by group, of sending."""

    store_s: float
    send_s: float
    cpu: dict[str, float]


class Deliveries:
    """A mail to each of many people."""

    def __init__(self, mails: int = 10_000) -> None:
        self.sockets = 0
        self._mails = mails
        self._rounds: list[Round] = []

    def round(self, server: Instance) -> None:
        """Store what all are told of, and wait until all mails are sent.

        Raises `BrokenRoundError` for one that is not, `TimeoutError`.
        """
        people = [one.user_id for one in database.people(server, self._mails)]
        of = jobs.put(server, -(-self._mails // jobs.PEOPLE))
        told = [jobs.change(one, of[n // jobs.PEOPLE], 1) for n, one in enumerate(people)]
        self._rounds.append(
            database.work(server, lambda connection: _told(connection, server, told))
        )

    def report(self) -> str:
        """Mails a second, and the CPU of each."""
        rows = {
            "sent, a second": [self._mails / one.send_s for one in self._rounds],
            "stored and queued, a second": [self._mails / one.store_s for one in self._rounds],
        }
        rows |= figures.costs(
            "a mail", [one.cpu for one in self._rounds], [float(self._mails) for _ in self._rounds]
        )
        return figures.table(f"deliveries: {self._mails:,} mails that are due at once", rows)


async def _told(connection: Connection, server: Instance, told: Sequence[dict[str, Any]]) -> Round:
    texts = [
        jobs.written(told[start : start + _AT_ONCE]) for start in range(0, len(told), _AT_ONCE)
    ]
    since, began = await connection.fetchval(_NOW), time.perf_counter()
    for text in texts:
        await jobs.store(connection, text)
    store_s = time.perf_counter() - began
    meter = CpuMeter(server.roots)
    cpu, began = meter.read(), time.perf_counter()
    await connection.execute(_DUE, since)
    is_open, sent = len(told), 0
    while is_open:
        if time.perf_counter() - began > _WITHIN_S:
            raise TimeoutError(f"{is_open} mails are not sent")
        await asyncio.sleep(_LOOK_S)
        (row,) = await connection.fetch(_STATES, since)
        is_open, sent = row["open"], row["sent"]
    send_s = time.perf_counter() - began
    cpu = spent(cpu, meter.read())
    if sent != len(told):
        raise rounds.BrokenRoundError(f"of {len(told)} mails {sent} were sent")
    return Round(store_s, send_s, cpu)


def main(argv: Sequence[str] | None = None) -> int:
    """Run it alone."""
    parser = rounds.parser("deliveries", __doc__)
    parser.add_argument("--mails", type=int, default=10_000)
    given = parser.parse_args(argv)
    return rounds.run({"deliveries": Deliveries(given.mails)}, given.rounds, given.data_dir)


if __name__ == "__main__":
    sys.exit(main())
