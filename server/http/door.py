"""The HTTP door of a process: its parts put together, listening."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial

from aiohttp import web

from handlers.caller import Caller
from handlers.command import Command
from handlers.files.files import SharedFiles
from protocol.errors import RequestError
from protocol.tokenbucket import Rate
from server.areas import People, signer_of
from server.background import in_background
from server.config import Settings
from server.core import Core
from server.http import auth
from server.http.app import HttpParts, build_http
from server.http.commands import Charge
from server.http.middleware import DoorRules
from server.http.ops import own_figures
from server.http.resources.marketplace import Marketplace
from server.listening import BACKLOG, WorkerPlace
from server.telemetry.worker_metrics import Figures, shared
from storage.database.health import Health
from storage.files.blobs import LocalBlobs
from storage.files.files import Files
from storage.limits.command_limiter import CommandLimiter
from storage.outbox.figures import outbox_figures

UNFINISHED_S = 86_400.0
"""An upload that was begun longer ago than this will not be finished."""
SHUTDOWN_S = 10.0
"""Requests under way at the end are finished within this time."""
LINGER_S = 0.5
"""How long connections are kept after the door has closed, for requests that are on their way."""
_POLL_S = 0.02


class HttpDoor:
    """A listening door."""

    def __init__(self, runner: web.AppRunner) -> None:
        self._runner = runner
        self.port: int = runner.addresses[0][1]

    async def stop_accepting(self) -> None:
        """Accept no new connections; the answer to a request tells that its connection ends."""
        for site in self._runner.sites:
            await site.stop()

    async def emptied(self) -> None:
        """Wait until nobody is connected, but not for long."""
        server = self._runner.server
        assert server is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while server.connections:  # noqa: ASYNC110  # aiohttp has no event for it
                    await asyncio.sleep(_POLL_S)


@contextlib.asynccontextmanager
async def http_door(
    settings: Settings,
    core: Core,
    people: People,
    table: Mapping[str, Command],
    is_draining: Callable[[], bool] = lambda: False,
    place: WorkerPlace | None = None,
) -> AsyncIterator[HttpDoor]:
    """Listen as long as the block lasts. Raises `OSError` when the port is taken.

    A worker listens at the door of its place, and shares its figures with the others.
    """
    foundation, limits = core.foundation, settings.limits
    blobs = LocalBlobs(settings.files_dir)
    await blobs.sweep(UNFINISHED_S)
    foundation.metrics.watch_pool(foundation.pool.get_size, foundation.pool.get_idle_size)
    foundation.metrics.watch_connections(
        lambda: len(core.connections.registry),
        lambda: sum(mailbox.waiting_bytes for mailbox in core.delivery.hub.listeners.mailboxes()),
    )
    health = Health(foundation.pool, foundation.redis)
    async with contextlib.AsyncExitStack() as stack:
        charge = charging(people.limiter)
        market = Marketplace(settings, core, charge)
        consumers = (*core.outbox.consumers, market.cache_invalidation.consumer)
        outbox = partial(
            outbox_figures, foundation.pool, {one.name: one.kinds for one in consumers}
        )
        figures: Figures = partial(own_figures, outbox, foundation.metrics)
        if place is not None:
            figures = await stack.enter_async_context(shared(place.figures, place.worker, figures))
        await stack.enter_async_context(
            in_background(market.views.run, market.cache_invalidation.consumer.run, market.prune)
        )
        parts = HttpParts(
            table=table,
            charge=charge,
            rules=DoorRules(
                people.sessions.authenticate, settings.allowed_origins, settings.trusted_proxies
            ),
            files=SharedFiles(Files(foundation.pool), blobs, core.readers.links, limits),
            cursors=signer_of(settings),
            health=health,
            metrics=foundation.metrics,
            limits=limits,
            figures=figures,
            routes=[*auth.routes(people.identity), *market.routes()],
            rate=Rate(limits.commands_per_s, limits.commands_burst)
            if settings.rate_limits
            else None,
            is_draining=is_draining,
        )
        runner = web.AppRunner(
            build_http(parts), handle_signals=False, access_log=None, shutdown_timeout=SHUTDOWN_S
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await _site(runner, settings, place).start()
        door = HttpDoor(runner)
        stack.push_async_callback(door.emptied)
        stack.push_async_callback(door.stop_accepting)
        yield door


def _site(runner: web.AppRunner, settings: Settings, place: WorkerPlace | None) -> web.BaseSite:
    if place is not None:
        return web.SockSite(runner, place.http, backlog=BACKLOG)
    return web.TCPSite(runner, settings.host, settings.http_port, backlog=BACKLOG)


def charging(limiter: CommandLimiter) -> Charge:
    """The limit of a person's commands, as the door takes from it."""

    async def charge(caller: Caller, cost: float) -> float | None:
        wait_s = await limiter.take(caller.user_id, cost)
        if wait_s is not None:
            raise RequestError.rate_limited("commands", wait_s)
        return limiter.left(caller.user_id)

    return charge
