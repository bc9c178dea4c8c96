"""Another process of the instance under test, to be killed the hard way."""

import asyncio
import contextlib
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from server.config import Settings
from tests.app import Person
from tests.wire import Format, Wire, open_wire

ROOT = Path(__file__).parents[2]
UP_S = 60.0
SERVE = """
import json, pkgutil, sys
from server.cli.command_line import main

for name, value in json.loads(sys.argv.pop(1)).items():
    module, _, constant = name.rpartition(".")
    is_name = isinstance(value, str)
    setattr(sys.modules[module], constant, pkgutil.resolve_name(value) if is_name else value)
sys.exit(main())
"""
"""`parley` with other values of some constants, by their full names; a text names an object."""


class Process:
    """A `parley serve` of its own; `kill` ends it without a word."""

    def __init__(
        self, process: asyncio.subprocess.Process, ws_port: int, http_url: str = ""
    ) -> None:
        self.http_url = http_url
        self._process = process
        self._ws_port = ws_port
        self._wires: list[Wire] = []

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    async def open(self, form: Format = "json", **options: Any) -> Wire:
        """A connection that has not said hello."""
        wire = await open_wire(self._ws_port, form, **options)
        self._wires.append(wire)
        return wire

    async def connect(self, person: Person, **options: Any) -> Wire:
        """A connection of this person."""
        wire = await self.open(**options)
        wire.hello = await wire.ask("hello", token=person.token)
        return wire

    async def ended(self) -> int:
        """Its exit code, once it has ended by itself; of a signal, its number below zero."""
        async with asyncio.timeout(UP_S):
            return await self._process.wait()

    async def kill(self) -> None:
        """It is gone, and so are its connections."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()
        await asyncio.gather(*(wire.close() for wire in self._wires))


@contextlib.asynccontextmanager
async def process_like(
    settings: Settings, constants: Mapping[str, float | str], **limits: int
) -> AsyncIterator[Process]:
    """A process on the same servers as one with these settings."""
    async with process_after("", settings, constants, **limits) as process:
        yield process


@contextlib.asynccontextmanager
async def process_after(
    script: str, settings: Settings, constants: Mapping[str, float | str], **limits: int
) -> AsyncIterator[Process]:
    """The same of a process that runs some Python before it serves."""
    own = {f"PARLEY_LIMIT_{name.upper()}": str(most) for name, most in limits.items()}
    async with process_with(own, settings, constants, script) as process:
        yield process


@contextlib.asynccontextmanager
async def process_with(
    variables: Mapping[str, str],
    settings: Settings,
    constants: Mapping[str, float | str],
    script: str = "",
) -> AsyncIterator[Process]:
    """The same of a process with variables of its own."""
    assert settings.secret_key is not None
    assert settings.provider_secret is not None
    own = {
        "PARLEY_DATABASE_URL": str(settings.database_url),
        "PARLEY_REDIS_URL": str(settings.redis_url),
        "PARLEY_DATA_DIR": str(settings.data_dir),
        "PARLEY_SECRET_KEY": settings.secret_key.get_secret_value(),
        "PARLEY_PROVIDER_SECRET": settings.provider_secret.get_secret_value(),
        "PARLEY_HTTP_PORT": "0",
        "PARLEY_WS_PORT": "0",
        "PARLEY_DATABASE_POOL": "4",
        "PARLEY_PROVIDER": settings.provider,
        "PARLEY_ALLOW_PLAY_MONEY": "1",
        "PARLEY_TEST_CLOCK": str(int(settings.test_clock)),
        "PARLEY_TRUSTED_PROXIES": ",".join(map(str, settings.trusted_proxies)),
    }
    own |= variables
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", script + SERVE, json.dumps(constants), "serve"),
        cwd=ROOT,
        env={name: text for name, text in os.environ.items() if not name.startswith("PARLEY_")}
        | own,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    welcome = ""
    other = Process(process, 0)
    try:
        async with asyncio.timeout(UP_S):
            while "Ctrl-C ends it." not in welcome:
                line = await process.stdout.readline()
                assert line, f"it ended instead of serving:\n{welcome}"
                welcome += line.decode()
        found = re.search(r"ws://[^:]+:(\d+)/", welcome)
        http = re.search(r"http://[^:]+:\d+", welcome)
        assert found is not None and http is not None
        other = Process(process, int(found[1]), http[0])
        yield other
    finally:
        await other.kill()
