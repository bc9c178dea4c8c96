"""The ledger's night: days that are over are summed, and all of it is checked.

One process at a time does it, the others find the lock taken. What is wrong stands in the log, a
line each, and in the figures until the next night.
"""

import asyncio
import datetime as dt
from collections.abc import Callable

import asyncpg
import structlog

from storage.database.postgres import UNAVAILABLE, connect
from storage.ledger import checking
from storage.ledger.checking import Finding

log = structlog.get_logger()

HOUR = 3
"""Of the day, in UTC, at which it begins."""
_CALL_MS = 600_000


class LedgerUpkeep:
    """Sums and checks the ledger once a day. `tell` gets what each check has found."""

    def __init__(self, dsn: str, tell: Callable[[str, int], None]) -> None:
        self._dsn = dsn
        self._tell = tell

    async def run(self) -> None:
        """Do it every night; what fails is logged and done the next night."""
        while True:
            await asyncio.sleep(seconds_until_night(dt.datetime.now(dt.UTC)))
            try:
                await self.once()
            except (*UNAVAILABLE, asyncpg.PostgresError) as error:
                log.warning("ledger_not_checked", reason=type(error).__name__)

    async def once(self) -> list[Finding] | None:
        """Do it now; None where another process is at it."""
        connection = await connect(self._dsn, _CALL_MS)
        try:
            if not await checking.take_turn(connection):
                return None
            now = await checking.clock(connection)
            await checking.close_days(connection, now)
            found = await checking.find(connection, now)
        finally:
            await connection.close()
        for check in checking.CHECKS:
            self._tell(check, sum(one.check == check for one in found))
        for one in found:
            log.error("ledger_not_clean", check=one.check, finding=one.text)
        if not found:
            log.info("ledger_clean")
        return found


def seconds_until_night(now: dt.datetime) -> float:
    """How long until it is `HOUR` next."""
    night = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if night <= now:
        night += dt.timedelta(days=1)
    return (night - now).total_seconds()
