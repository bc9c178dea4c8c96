"""Whether the clock of workflows may be as it is, asked once at a start."""

from server.config import Settings
from storage.database.postgres import connect
from storage.workflows.clock import told_clock

_CALL_MS = 5_000


class ClockMovedError(RuntimeError):
    """A test has moved the clock; the message is one line that says what to do."""


async def check(settings: Settings) -> None:
    """Look at the clock, unless it may be moved. Raises `ClockMovedError`."""
    if settings.test_clock:
        return
    assert settings.database_url is not None
    connection = await connect(settings.database_url, _CALL_MS)
    try:
        moved = await told_clock(connection)
    finally:
        await connection.close()
    if moved.ahead_s:
        raise ClockMovedError(
            f"a test has moved the clock of this database by {moved.ahead_s:.0f} s: set "
            "PARLEY_TEST_CLOCK=1 for it, or PARLEY_DATABASE_URL or PARLEY_DATA_DIR for another"
        )
