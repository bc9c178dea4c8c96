"""Whether the servers that Parley stands on answer, within a bounded time."""

import asyncio
from collections.abc import Awaitable
from typing import Any, NamedTuple, cast

import asyncpg
import redis.asyncio
import redis.exceptions

from storage.database.installation.acting import ServiceLostError
from storage.database.installation.checks import lacking
from storage.database.partition_plan import NAMES, TABLES, ahead
from storage.database.postgres import UNAVAILABLE, losses_told
from storage.database.queries import load_queries

_UPKEEP = load_queries("database/partitions")


class Partitions(NamedTuple):
    """How far the partitions reach that take rows.

    `months_ahead` counts the whole months of messages after this one, `short` names the tables that
    want upkeep.
    """

    months_ahead: int
    short: tuple[str, ...] = ()


class HealthReport(NamedTuple):
    """What answered. `partitions` is None when PostgreSQL did not.

    `lacking` has a line for each extension, role or right that the database has lost; with
    `is_service_lost` it is the service's, without which nothing goes.
    """

    partitions: Partitions | None
    is_redis_there: bool
    lacking: tuple[str, ...] = ()
    is_service_lost: bool = False


class Health:
    """Asks both servers at once, each for at most `timeout_s`."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        client: redis.asyncio.Redis,
        timeout_s: float = 1.0,
    ) -> None:
        self._pool = pool
        self._redis = client
        self._timeout_s = timeout_s

    async def check(self) -> HealthReport:
        """What answers now; raises nothing."""
        of_database, is_redis_there = await asyncio.gather(
            self._of_database(), self._is_redis_there()
        )
        return of_database._replace(is_redis_there=is_redis_there)

    async def _of_database(self) -> HealthReport:
        """The report but for Redis."""
        try:
            with losses_told():
                async with asyncio.timeout(self._timeout_s), self._pool.acquire() as connection:
                    partitions, lacks = await _partitions(connection), await lacking(connection)
        except ServiceLostError as error:
            return HealthReport(
                None, is_redis_there=False, lacking=(str(error),), is_service_lost=True
            )
        except (*UNAVAILABLE, asyncpg.PostgresError):
            return HealthReport(None, is_redis_there=False)
        return HealthReport(
            partitions,
            is_redis_there=False,
            lacking=lacks.said(),
            is_service_lost=lacks.stops_everything,
        )

    async def _is_redis_there(self) -> bool:
        try:
            async with asyncio.timeout(self._timeout_s):
                await cast("Awaitable[Any]", self._redis.ping())
        except (OSError, TimeoutError, redis.exceptions.RedisError):
            return False
        return True


async def _partitions(connection: Any) -> Partitions:
    parents = await connection.fetch(_UPKEEP["parents"], NAMES)
    rows = await connection.fetch(_UPKEEP["partitions"], NAMES)
    attached = {row["name"] for row in rows if not row["is_pending"]}
    there = {parent["name"]: parent["now"] for parent in parents}
    reach = {
        table.table: ahead(table, attached, there[table.table])
        for table in TABLES
        if table.table in there
    }
    return Partitions(
        months_ahead=reach.get("messages", -1),
        short=tuple(table.table for table in TABLES if reach.get(table.table, -1) < table.least),
    )
