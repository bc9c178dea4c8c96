"""The schema of a migrated database, as text; run as a module it writes storage/schema.sql."""

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from server.processes import migration
from server.processes.migration import Database
from storage.database.lock_retries import WAIT_S
from storage.embedded import data_directory
from storage.embedded.postgres import program

SCHEMA = Path(__file__).parents[1] / "storage" / "schema.sql"

_HEADER = """\
-- The schema as migrations and declarations leave it: to read, not to run. Dated partitions are
-- left out. `make schema` writes it; a test holds it to them.

"""
# What pg_dump says of itself and of the session that would restore, and nothing of the schema.
_NOISE = re.compile(
    r"^(--|-- (Name|Dumped|PostgreSQL database).*|SET \w+ = .*;|SELECT pg_catalog\.set_config.*|"
    r"\\(un)?restrict .*)$\n?",
    re.MULTILINE,
)


async def dump(dsn: str) -> str:
    """The schema of a database, in pg_dump's order, without what changes from run to run."""
    process = await asyncio.create_subprocess_exec(
        program("pg_dump"),
        "--schema-only",
        "--no-owner",
        "--exclude-table=alembic_version",
        "--exclude-table=*_[0-9][0-9][0-9][0-9]_[0-9][0-9]",
        dsn,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(50):
        output, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return _HEADER + re.sub(r"\n{2,}", "\n\n", _NOISE.sub("", output.decode())).strip() + "\n"


async def _write() -> None:
    with tempfile.TemporaryDirectory(prefix="parley-schema-") as directory:
        async with data_directory.running(Path(directory), valkey=False, durable=False) as servers:
            assert servers.database_url is not None
            assert servers.owner_database_url is not None
            database = Database(servers.database_url, servers.owner_database_url)
            await migration.bring_up(database, WAIT_S)
            SCHEMA.write_text(await dump(database.changing))
    sys.stdout.write(f"{SCHEMA} written\n")


if __name__ == "__main__":
    asyncio.run(_write())
