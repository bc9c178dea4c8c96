"""The HTTP door of a process: its parts put together, listening."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping

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
from server.http.commands import Charge
from server.http.middleware import DoorRules
from storage.blobs import LocalBlobs
from storage.command_limiter import CommandLimiter
from storage.files import Files
from storage.health import Health

UNFINISHED_S = 86_400.0
"""An upload that was begun longer ago than this will not be finished."""
SHUTDOWN_S = 10.0


@contextlib.asynccontextmanager
async def http_door(
    settings: Settings,
    core: Core,
    people: People,
    table: Mapping[str, Command],
    is_draining: Callable[[], bool] = lambda: False,
) -> AsyncIterator[int]:
    """Listen as long as the block lasts; gives the port. Raises `OSError` when it is taken."""
    limits = settings.limits
    blobs = LocalBlobs(settings.files_dir)
    await blobs.sweep(UNFINISHED_S)
    core.metrics.watch_pool(core.pool.get_size, core.pool.get_idle_size)
    core.metrics.watch_connections(
        lambda: len(core.registry),
        lambda: sum(mailbox.waiting_bytes for mailbox in core.hub.mailboxes()),
    )
    parts = HttpParts(
        table=table,
        charge=charging(people.limiter),
        rules=DoorRules(
            people.sessions.authenticate, settings.allowed_origins, settings.trusted_proxies
        ),
        files=SharedFiles(Files(core.pool), blobs, core.links, limits),
        cursors=signer_of(settings),
        health=Health(core.pool, core.redis),
        metrics=core.metrics,
        limits=limits,
        routes=auth.routes(people.identity),
        rate=Rate(limits.commands_per_s, limits.commands_burst) if settings.rate_limits else None,
        is_draining=is_draining,
    )
    runner = web.AppRunner(
        build_http(parts), handle_signals=False, access_log=None, shutdown_timeout=SHUTDOWN_S
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.http_port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def charging(limiter: CommandLimiter) -> Charge:
    """The limit of a person's commands, as the door takes from it."""

    async def charge(caller: Caller, cost: float) -> float | None:
        wait_s = await limiter.take(caller.user_id, cost)
        if wait_s is not None:
            raise RequestError.rate_limited("commands", wait_s)
        return None

    return charge
