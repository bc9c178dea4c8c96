"""`parley postgres`: a program of the embedded PostgreSQL, on the database in the data directory.

A dump of it takes a `pg_dump` of its version, its address and its password; all three are at hand
here only.
"""

import argparse
import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from server.cli.said import Said
from server.config import Settings
from storage.embedded import data_directory
from storage.embedded.postgres import program

WRONG_USE = 2


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", flags: argparse.ArgumentParser
) -> None:
    """Add `postgres` to a command line; `flags` are those that every command has."""
    meaning = "run pg_dump, pg_restore, psql, … of the embedded PostgreSQL on its database"
    parser = commands.add_parser(
        "postgres", help=meaning, description=meaning, parents=[flags], allow_abbrev=False
    )
    parser.add_argument("program", help="its name, as in PostgreSQL's bin directory")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what it is given")


async def run(settings: Settings, name: str, arguments: Sequence[str]) -> Said:
    """Run it to its end, with this process' input and output; its exit code.

    PostgreSQL runs meanwhile, unless `parley serve` runs it already; in a new directory it is made.
    """
    if settings.database_url:
        return Said(
            "PARLEY_DATABASE_URL names your own server: use the programs of its version", WRONG_USE
        )
    executable = program(name)
    if Path(name).name != name or not executable.exists():
        return Said(f"{name}: not a program of PostgreSQL's, such as pg_dump", WRONG_USE)
    async with data_directory.database_running(settings.data_dir) as servers:
        if servers.owner_database_url is None:
            return Said("the instance there uses a database elsewhere", WRONG_USE)
        process = await asyncio.create_subprocess_exec(
            executable, *arguments, env={**os.environ, **_variables(servers.owner_database_url)}
        )
        # Ctrl-C is the program's: psql ends a query by it.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            code = await process.wait()
        finally:
            signal.signal(signal.SIGINT, before)
        return Said("", code if code >= 0 else 128 - code)


def _variables(url: str) -> dict[str, str]:
    """What PostgreSQL's programs find a database by."""
    parts = urlsplit(url)
    return {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.strip("/"),
    }
