"""A process of its own that does one schedule: `python -m … URL PERIOD_S WORK_S`.

Each run writes its beginning and its end into the table `seen`, which the test has made.
"""

import asyncio
import os
import sys

from prometheus_client import CollectorRegistry

from server.schedules.runner import Schedules
from server.schedules.schedule import Every, Outcome, Schedule
from server.telemetry.schedule_metrics import ScheduleMetrics
from storage.database.postgres import connect_pool
from storage.schedules import ScheduleStore

NAME = "of_the_test"


async def main(url: str, period_s: float, work_s: float) -> None:
    """Until it is killed."""
    pool = await connect_pool(url, size=2, statement_timeout_ms=5000)

    async def work() -> Outcome:
        await pool.execute("insert into seen (pid, what) values ($1, 'begins')", os.getpid())
        await asyncio.sleep(work_s)
        await pool.execute("insert into seen (pid, what) values ($1, 'ends')", os.getpid())
        return Outcome({"pid": os.getpid()})

    store = ScheduleStore(pool, url)
    schedules = Schedules(store, ScheduleMetrics(CollectorRegistry()), poll_s=0.02)
    schedules.add(Schedule(NAME, Every(period_s), work, within_s=60))
    await schedules.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3])))
