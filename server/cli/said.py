"""What commands for operators have in common: one connection, what is told, and tables."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg

from server.config import Settings
from server.processes.serve import database_of
from storage.database.installation.checks import reaching
from storage.database.postgres import UNAVAILABLE, connect

_CALL_MS = 30_000


@dataclass(frozen=True, slots=True)
class Said:
    """What a person is told, and the exit code."""

    text: str
    code: int = 0


async def on_database(
    settings: Settings, do: Callable[[asyncpg.Connection], Awaitable[Said]]
) -> Said:
    """Do it on the database that the settings name, or on that in the data directory.

    Raises `NoDatabaseError` where there is none, `NotInstalledError` where it does not answer.
    """
    async with database_of(settings) as database:
        try:
            with reaching(database.server, "PARLEY_DATABASE_URL"):
                connection = await connect(database.server, _CALL_MS)
            try:
                return await do(connection)
            finally:
                await connection.close()
        except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
            return Said("the schema is of an older version: run parley migrate", 1)
        except UNAVAILABLE as error:
            return Said(f"PostgreSQL does not answer: {type(error).__name__}: {error}", 1)
        except asyncpg.PostgresError as error:
            return Said(f"PostgreSQL refuses: {error}", 1)


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Lines of cells, each column as wide as its widest cell."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def seen(email: str) -> str:
    """An address whose every character is seen, so that two of them can be told apart."""
    return email.encode("ascii", "backslashreplace").decode()
