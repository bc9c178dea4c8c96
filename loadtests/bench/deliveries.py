"""Deliveries: e-mails that all are due at once, until the last of them is recorded as sent.

    python -m loadtests.bench.deliveries [--mails 10000] [--rounds 3]

Each person is told of one thing, by a mail of their own into the server's folder of mails: what is
measured is the queue, the judgement, the words and the composing, and no mail server. Storing the
notifications, which queues the mails, is measured by itself.
"""

import sys
import time
from collections.abc import Sequence

import msgspec

from loadtests.bench import figures, rounds
from loadtests.bench.target import database
from loadtests.bench.target.cpu import CpuMeter, spent
from loadtests.bench.target.database import Connection
from loadtests.bench.target.instance import Instance

_LOOK_S = 0.25
_WITHIN_S = 1_800.0
_AT_ONCE = 500
"""Notifications of one call, as the consumers of the outbox store them."""

_STORE = """
select notify_users((
    select jsonb_agg(jsonb_build_object(
        'user_id', u, 'type', 'contract.funded', 'category', 'contract',
        'subject_type', 'contracts', 'subject_id', gen_random_uuid()))
    from unnest($1::uuid[]) u))
"""
_DUE = "update notification_deliveries set next_attempt_at = now() where status = 'pending'"
_LEFT = "select count(*) from notification_deliveries where status <> 'sent'"


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
        """Store what all are told of, and wait until all mails are sent."""
        people = [one.user_id for one in database.people(server, self._mails)]
        store_s = database.work(server, lambda connection: _stored(connection, people))
        meter = CpuMeter(server.roots)
        cpu, began = meter.read(), time.perf_counter()
        database.work(server, lambda connection: connection.execute(_DUE))
        while database.work(server, lambda connection: connection.fetchval(_LEFT)):
            if time.perf_counter() - began > _WITHIN_S:
                raise TimeoutError("the mails are not sent")
            time.sleep(_LOOK_S)
        send_s = time.perf_counter() - began
        self._rounds.append(Round(store_s, send_s, spent(cpu, meter.read())))

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


async def _stored(connection: Connection, people: Sequence[str]) -> float:
    began = time.perf_counter()
    for start in range(0, len(people), _AT_ONCE):
        await connection.execute(_STORE, people[start : start + _AT_ONCE])
    return time.perf_counter() - began


def main(argv: Sequence[str] | None = None) -> int:
    """Run it alone."""
    parser = rounds.parser("deliveries", __doc__)
    parser.add_argument("--mails", type=int, default=10_000)
    given = parser.parse_args(argv)
    return rounds.run({"deliveries": Deliveries(given.mails)}, given.rounds, given.data_dir)


if __name__ == "__main__":
    sys.exit(main())
