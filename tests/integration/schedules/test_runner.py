"""What is done again and again: failures, pauses, what is asked for, and what an operator sees."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from protocol.errors import RequestError
from server.schedules.runner import Schedules
from server.schedules.schedule import Daily, Every, Outcome, Schedule
from server.telemetry.schedule_metrics import ScheduleMetrics
from storage.database.postgres import connect_pool
from storage.schedules import ScheduleStore
from tests.program import command


class World:
    """A runner whose schedules the test turns by hand."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", url: str) -> None:
        self.registry = CollectorRegistry()
        self.pool = pool
        self.schedules = Schedules(
            ScheduleStore(pool, url), ScheduleMetrics(self.registry), poll_s=0.02
        )
        self.done: list[str] = []

    def add(
        self,
        name: str,
        *,
        every_s: float = 3600,
        when: Daily | None = None,
        fails: Iterable[Exception] = (),
        outcome: Outcome | None = None,
        within_s: float = 10,
        work_s: float = 0,
    ) -> None:
        failures = iter(fails)

        async def run() -> Outcome:
            await asyncio.sleep(work_s)
            for failure in failures:
                raise failure
            self.done.append(name)
            return outcome or Outcome()

        self.schedules.add(Schedule(name, when or Every(every_s), run, within_s))

    async def turn(self) -> None:
        """Do once what is due."""
        for schedule in await self.schedules.due():
            await self.schedules.do(schedule)

    async def row(self, name: str):
        return await self.pool.fetchrow(
            "select extract(epoch from next_at - coalesce(last_ended_at, now()))::float8 as in_s,"
            " failures, last_result ->> 'error' as error, last_result from schedules"
            " where name = $1",
            name,
        )

    def figure(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


@pytest.fixture
async def world(database_url) -> AsyncIterator[World]:
    pool = await connect_pool(database_url, size=3, statement_timeout_ms=5000)
    yield World(pool, database_url)
    pool.terminate()


async def test_it_is_due_once_a_period(world):
    world.add("often")
    await world.turn()
    await world.turn()
    assert world.done == ["often"]
    assert (await world.row("often"))["in_s"] == pytest.approx(3600, abs=5)


async def test_what_is_daily_waits_for_its_hour(world):
    hour = await world.pool.fetchval("select extract(hour from now() + interval '2 hours')::int")
    world.add("nightly", when=Daily(hour))
    await world.turn()
    assert world.done == []
    assert 3600 < (await world.row("nightly"))["in_s"] <= 7200
    await world.pool.execute("update schedules set next_at = now()")
    await world.turn()
    assert world.done == ["nightly"]
    assert 3600 < (await world.row("nightly"))["in_s"] <= 7200


async def test_a_failure_is_kept_and_tried_again_after_growing_pauses(world):
    refusals = [RequestError.unavailable("the database"), ValueError("a fault"), OSError()]
    world.add("bad", fails=refusals)
    for number, (pause_s, error) in enumerate(
        [(1, "unavailable: the database"), (5, "ValueError: a fault"), (15, "OSError")], 1
    ):
        await world.turn()
        row = await world.row("bad")
        assert row["in_s"] == pytest.approx(pause_s, abs=0.9)
        assert error in row["error"]
        assert row["failures"] == number
        await world.pool.execute("update schedules set next_at = now()")
    await world.turn()
    assert world.done == ["bad"]
    row = await world.row("bad")
    assert (row["failures"], row["error"]) == (0, None)
    assert world.figure("parley_schedules_total", schedule="bad", outcome="failed") == 3
    assert world.figure("parley_schedules_total", schedule="bad", outcome="done") == 1
    assert world.figure("parley_schedule_failures", schedule="bad") == 3


async def test_a_run_that_takes_too_long_has_failed(world):
    world.add("slow", within_s=0.05, work_s=30)
    async with asyncio.timeout(10):
        await world.turn()
    assert (await world.row("slow"))["error"] == "TimeoutError"


async def test_a_run_that_has_more_to_do_goes_on_soon(world):
    world.add("long", outcome=Outcome({"rows": 5}, again_s=2))
    await world.turn()
    row = await world.row("long")
    assert row["in_s"] == pytest.approx(2, abs=0.9)
    assert '"rows": 5' in row["last_result"]


async def test_what_is_asked_for_during_a_run_is_done_once_more(world):
    async def run() -> Outcome:
        world.done.append("asked")
        await world.pool.execute("update schedules set next_at = clock_timestamp()")
        return Outcome()

    world.schedules.add(Schedule("asked", Every(3600), run, 10))
    await world.turn()
    assert (await world.row("asked"))["in_s"] < 0
    await world.turn()
    assert world.done == ["asked", "asked"]


async def test_who_loses_the_lock_ends_the_run(world, owner):
    world.add("cut", work_s=30)
    (schedule,) = await world.schedules.due()
    doing = asyncio.create_task(world.schedules.do(schedule))
    cut = 0
    async with asyncio.timeout(10):
        while not cut:
            await asyncio.sleep(0.05)
            cut = await owner.fetchval(
                "select count(pg_terminate_backend(l.pid)) from pg_locks l"
                " where l.locktype = 'advisory' and l.pid <> pg_backend_pid() and l.database ="
                " (select oid from pg_database where datname = current_database())"
            )
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await doing
    assert world.done == []
    assert [one.name for one in await world.schedules.due()] == ["cut"]


async def test_a_shorter_period_holds_at_once(world):
    world.add("often")
    await world.turn()
    world.schedules = Schedules(
        ScheduleStore(world.pool, ""), ScheduleMetrics(CollectorRegistry()), poll_s=0.02
    )
    world.add("often", every_s=60)
    await world.schedules.due()
    assert (await world.row("often"))["in_s"] < 70


async def test_other_work_goes_on_beside_a_long_run(world):
    world.add("long", work_s=30)
    world.add("short")
    running = asyncio.create_task(world.schedules.run())
    try:
        async with asyncio.timeout(10):
            while world.done != ["short"]:
                await asyncio.sleep(0.02)
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_an_operator_sees_them_and_asks_for_one(world, data_dir, database_url):
    async def schedules(*words: str):
        url = {"PARLEY_DATABASE_URL": database_url}
        return await command("schedules", *words, data_dir=data_dir, **url)

    assert (await schedules()).output == "no server has been here that knows of schedules\n"
    world.add("bad", fails=[ValueError("two\nlines")])
    world.add("good", outcome=Outcome({"rows": 3}))
    await world.turn()
    head, bad, good = (await schedules()).output.splitlines()
    assert head.split() == ["name", "next", "last", "ended", "failures", "last", "result"]
    assert bad.split()[0] == "bad"
    assert "  failed error=ValueError: two lines seconds=0" in bad
    assert "  done rows=3 seconds=0" in good
    await world.turn()
    assert world.done == ["good"]
    assert (await schedules("ask", "good")).output == "a running server does it now\n"
    await world.turn()
    assert world.done == ["good", "good"]
    missing = await schedules("ask", "nothing")
    assert (missing.code, missing.complaint) == (1, "no such schedule: nothing\n")
    assert (await schedules("ask")).code == 2
    assert (await schedules("list", "good")).code == 2
