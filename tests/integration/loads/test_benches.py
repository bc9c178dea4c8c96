"""The benchmarks at their smallest: what they put into the tables is what the server reads."""

import asyncio
import contextlib
import os

import orjson
import pytest

from loadtests.bench import rounds
from loadtests.bench.deliveries import Deliveries
from loadtests.bench.drivers import closed_loop
from loadtests.bench.drivers.http_asker import HttpAsker, StatusError
from loadtests.bench.first import OUTCOMES, First, outcome
from loadtests.bench.history import History
from loadtests.bench.idle import Idle
from loadtests.bench.notifications import Notifications
from loadtests.bench.rest import Rest
from loadtests.bench.storm import Seated
from loadtests.bench.sync import Sync
from loadtests.bench.target import database
from loadtests.bench.target.instance import APP, POSTGRES, REDIS, Instance
from loadtests.bench.workflows import Workflows

CASES = ("created", "quiet", "later", "edited", "active")
ROOM = {"unauthenticated_per_address": 1_000, "connections_per_address": 1_000}


@pytest.fixture
async def server(serve, tmp_path, owner_database_url, embedded_servers):
    """The test's app as a benchmark finds a server; drivers run in threads beside it."""
    # Some process has to stand for servers that are not ours.
    pids = (embedded_servers.postgres_pid or os.getppid(), embedded_servers.valkey_pid or 1)
    addresses = {"owner_database_url": owner_database_url}
    (tmp_path / "servers.json").write_bytes(orjson.dumps(addresses))
    async with serve(limits=ROOM) as served:
        yield Instance(
            f"http://127.0.0.1:{served.app.http_port}",
            f"ws://127.0.0.1:{served.app.ws_port}/v1/ws",
            tmp_path,
            {APP: os.getpid(), POSTGRES: pids[0], REDIS: pids[1]},
        )


def told(report: str, name: str) -> float:
    """The median of a figure."""
    line = next(line for line in report.splitlines() if line.startswith(name))
    return float(line.removeprefix(name).split()[0].replace(",", ""))


@pytest.mark.parametrize(
    ("bench", "rate"),
    [
        (History(300, seconds=0.1, connections=2), "pages/s"),
        (Rest(seconds=0.1, connections=2), "requests/s"),
        (Workflows(4, (1, 2)), "requests/s"),
        (Sync(20, 2), "to all, ms"),
        (Idle(5, seconds=0.2, settle_s=0.1), "connected, a second"),
        (Notifications(12, 2, per_s=200.0), "received/s"),
        (Deliveries(12), "sent, a second"),
    ],
    ids=["history", "rest", "workflows", "sync", "idle", "notifications", "deliveries"],
)
async def test_a_round_has_figures(server, bench, rate):
    await asyncio.to_thread(bench.round, server)
    assert told(bench.report(), rate) > 0


async def test_each_first_message_is_timed_and_the_change_before_it_told(server):
    first = First(3, quiet_s=0.1)
    await asyncio.to_thread(first.round, server)
    tables = first.report().split("\n\n")
    assert [table.splitlines()[0].split("; ")[-1] for table in tables] == list(CASES)
    assert all(told(table, "p50 ms") > 0 for table in tables)
    for name in ("created", "edited", "active"):
        table = tables[CASES.index(name)]
        counts = {one: told(table, f"the change told {one}") for one in OUTCOMES}
        assert sum(counts.values()) == 3
        assert counts["after the message"] == counts["not at all"] == 0


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        (["message.updated", "message.created"], "before the message"),
        (["message.created", "message.updated"], "after the message"),
        (["message.created", "resync"], "by resync"),
        (["presence.changed", "message.created"], "not at all"),
    ],
)
def test_the_bench_of_first_messages_sees_how_a_change_was_told(heard, expected):
    assert outcome(heard, "message.updated") == expected


async def test_a_page_that_is_not_whole_ends_the_round(server):
    with pytest.raises(rounds.BrokenRoundError, match="a page of 20 messages"):
        await asyncio.to_thread(History(20, seconds=0.1, connections=1).round, server)


async def test_who_is_cut_off_comes_back_with_what_was_missed(server):
    def storm() -> float:
        with Seated(server, connections=3, per_user=2) as seated:
            seated.cut()
            return seated.come_back()

    assert await asyncio.to_thread(storm) > 0


async def test_who_cannot_resume_breaks_the_storm(server):
    def storm() -> None:
        with Seated(server, connections=2, per_user=1) as seated:
            seated.cut()
            seated.seats[0].epoch = "another"
            seated.come_back()

    with pytest.raises(rounds.BrokenRoundError, match="of 2 1 resumed, 1 were told"):
        await asyncio.to_thread(storm)


async def test_an_error_is_no_answer(server):
    def ask() -> None:
        (person,) = database.people(server, 1)
        asker = HttpAsker(server.http, person.token, lambda: ("GET", "/v1/nothing", None))
        with contextlib.closing(asker):
            closed_loop.run([asker], 0.1)

    with pytest.raises(StatusError, match="404"):
        await asyncio.to_thread(ask)
