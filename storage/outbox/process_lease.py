"""The lease of a process on its outbox rows, and the timeline of PostgreSQL that it writes to.

A lease is an advisory lock of a connection of its own: PostgreSQL releases it as soon as the
process dies, and relays of other processes take its rows at once. A live process that has lost the
connection may lose its rows early; they are then published twice, and nothing is lost.
"""

import asyncio
from uuid import UUID

import asyncpg
import structlog

from storage.database.postgres import UNAVAILABLE, connect, losses_told
from storage.database.queries import load_queries

log = structlog.get_logger()
_SQL = load_queries("outbox/rows")

CHECK_S = 5.0
REOPEN_S = 0.5
CALL_MS = 5_000
KEEPALIVE = {
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
"""PostgreSQL notices a machine that vanished after some 11 s."""

UNKNOWN = "0"
"""The timeline if PostgreSQL does not report it: it is a standby, or access is denied."""


class ProcessLease:
    """Held after `open`; `run` opens it again whenever its connection is lost."""

    def __init__(self, dsn: str, owner: UUID) -> None:
        self._dsn = dsn
        self.owner = owner
        self._connection: asyncpg.Connection | None = None
        self._lost = asyncio.Event()
        self.timeline = UNKNOWN
        """PostgreSQL's timeline when the connection was opened."""

    async def open(self) -> None:
        """Connect and take the lease. Raises one of `UNAVAILABLE`."""
        with losses_told():
            connection = await connect(self._dsn, CALL_MS, **KEEPALIVE)
            self._lost.clear()
            connection.add_termination_listener(lambda _connection: self._lost.set())
            self._connection = connection
            await connection.execute(_SQL["hold_lease"], self.owner)
            self.timeline = await _timeline(connection)

    async def run(self) -> None:
        """Keep it until cancelled."""
        is_told = False
        while True:
            try:
                await self._check()
            except UNAVAILABLE as error:
                if not is_told:
                    # Of an outage one line is enough, however often it is tried.
                    log.warning("lease_lost", reason=type(error).__name__)
                is_told = True
                self.close()
                await asyncio.sleep(REOPEN_S)
            else:
                if is_told:
                    log.info("lease_held_again")
                is_told = False

    def close(self) -> None:
        """Release it without waiting."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _check(self) -> None:
        if self._connection is None or self._connection.is_closed():
            await self.open()
        try:
            async with asyncio.timeout(CHECK_S):
                await self._lost.wait()
        except TimeoutError:
            assert self._connection is not None
            with losses_told():
                await self._connection.execute("SELECT 1")
        else:
            self.close()


async def _timeline(connection: asyncpg.Connection) -> str:
    try:
        return str(await connection.fetchval(_SQL["timeline"]))
    except UNAVAILABLE:
        raise
    except asyncpg.PostgresError:
        return UNKNOWN
