"""The HTTP door of a process: its parts put together, and listening."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

from aiohttp import web

from handlers.caller import Caller
from handlers.command import Command
from handlers.files import SharedFiles
from protocol.errors import RequestError
from protocol.tokenbucket import Rate
from server.areas import People, signer_of
from server.config import Settings
from server.core import Core
from server.http import auth
from server.http.app import HttpParts, build_http
from server.http.middleware import DoorRules
from storage.blobs import LocalBlobs
from storage.command_limiter import CommandLimiter
from storage.files import Files
from storage.health import Health

SHUTDOWN_S = 5.0
BACKLOG = 1024


@contextlib.asynccontextmanager
async def http_door(
    settings: Settings, core: Core, people: People, table: Mapping[str, Command]
) -> AsyncIterator[int]:
    """Listen as long as the block lasts; the port listened on."""
    runner = web.AppRunner(
        build_http(_parts(settings, core, people, table)),
        access_log=None,
        shutdown_timeout=SHUTDOWN_S,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.http_port, backlog=BACKLOG)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        async with asyncio.timeout(2 * SHUTDOWN_S):
            await runner.cleanup()


def _parts(
    settings: Settings, core: Core, people: People, table: Mapping[str, Command]
) -> HttpParts:
    limits = settings.limits
    rate = Rate(limits.commands_per_s, limits.commands_burst)
    return HttpParts(
        table=table,
        charge=_Charge(people.limiter),
        rules=DoorRules(
            people.sessions.authenticate, settings.allowed_origins, settings.trusted_proxies
        ),
        files=SharedFiles(Files(core.pool), LocalBlobs(settings.files_dir), core.links, limits),
        cursors=signer_of(settings),
        health=Health(core.pool, core.redis),
        metrics=core.metrics,
        limits=limits,
        routes=auth.routes(people.identity),
        rate=rate if settings.rate_limits else None,
    )


class _Charge:
    """Takes from the bucket that a person's sockets take from."""

    def __init__(self, limiter: CommandLimiter) -> None:
        self._limiter = limiter

    async def __call__(self, caller: Caller, cost: float) -> float | None:
        retry_after_s = await self._limiter.take(caller.user_id, cost)
        if retry_after_s is not None:
            raise RequestError.rate_limited("commands", retry_after_s)
        return None
