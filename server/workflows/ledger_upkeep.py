"""The ledger's night: days that are over are summed, and all of it is checked.

What is wrong stands in the log, a line each, and in the figures until the next night.
"""

from collections.abc import Callable

import structlog

from server.schedules.schedule import Daily, NotDoneError, Outcome, Schedule
from storage.database.postgres import connect, losses_told
from storage.ledger import checking
from storage.ledger.checking import Finding

log = structlog.get_logger()

_CALL_MS = 600_000
_WITHIN_S = 4 * 3600.0
"""Every check of a large ledger, one after the other."""


class LedgerUpkeep:
    """Sums and checks the ledger once a day. `tell` gets what each check has found."""

    def __init__(self, dsn: str, tell: Callable[[str, int], None]) -> None:
        self._dsn = dsn
        self._tell = tell

    def schedule(self, hour: int) -> Schedule:
        """Every day at this hour of UTC."""
        return Schedule("ledger_check", Daily(hour), self._run, _WITHIN_S)

    async def _run(self) -> Outcome:
        found = await self.once()
        if found is None:
            raise NotDoneError("another process is at the ledger")
        return Outcome({"findings": len(found)})

    async def once(self) -> list[Finding] | None:
        """Do it now; None where another process is at it."""
        with losses_told():
            connection = await connect(self._dsn, _CALL_MS)
            try:
                # A process of the version before knows this lock alone.
                if not await checking.take_turn(connection):
                    return None
                now = await checking.clock(connection)
                await checking.close_days(connection, now)
                found = await checking.find(connection, now)
            finally:
                connection.terminate()
        for check in checking.CHECKS:
            self._tell(check, sum(one.check == check for one in found))
        for one in found:
            log.error("ledger_not_clean", check=one.check, finding=one.text)
        if not found:
            log.info("ledger_clean")
        return found
