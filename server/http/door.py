"""The HTTP door of a process: its parts put together, listening."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from handlers.caller import Caller
from handlers.command import Command
from handlers.people.own_account import ShownAccount
from protocol.errors import RequestError
from protocol.tokenbucket import Rate
from server.areas import People, signer_of
from server.background import in_background
from server.config import Settings
from server.core import Core
from server.doors.compression import Compression
from server.doors.wiring import Doors
from server.http import auth, messaging, ops
from server.http.announcements import AnnouncementDoor
from server.http.app import HttpParts, body_bytes, build_http
from server.http.client_config import client_config_route
from server.http.commands import Charge
from server.http.connection import BodyBounds, BodyPace, HttpConnection, HttpSockets
from server.http.deliveries import deliveries_route
from server.http.files.parts import file_parts
from server.http.files.paths import UPLOADS
from server.http.mail import mail_routes
from server.http.middleware import DoorRules
from server.http.operations_door import operations_door
from server.http.resources.marketplace import PRUNING, Marketplace
from server.http.resources.moved_clock import clock_routes
from server.http.resources.provider_events import payment_routes
from server.listening import BACKLOG, SocketPort, WorkerPlace, listening
from server.notifications.search_alerts import SearchAlerts
from server.schedules import upkeep
from server.telemetry.kept_answer import KeptAnswer
from server.telemetry.worker_metrics import Figures, shared
from storage.database.health import Health
from storage.limits.command_limiter import CommandLimiter
from storage.notifications.announcements import Announcements
from storage.notifications.delivery_reader import DeliveryReader
from storage.outbox.figures import outbox_figures
from storage.workflows.clock import WorkflowClock

SHUTDOWN_S = 10.0
"""Requests under way at the end are finished within this time."""
LINGER_S = 0.5
"""How long connections are kept after the door has closed, for requests that are on their way."""
_POLL_S = 0.02


class HttpDoor:
    """A listening door."""

    def __init__(self, runner: web.BaseRunner, server: asyncio.Server) -> None:
        self._runner = runner
        self._server = server
        self.port: int = server.sockets[0].getsockname()[1]

    async def stop_accepting(self) -> None:
        """Accept no new connections; the answer to a request tells that its connection ends."""
        self._server.close()

    async def emptied(self) -> None:
        """Wait until nobody is connected, but not for long."""
        server = self._runner.server
        assert server is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while server.connections:  # noqa: ASYNC110  # aiohttp has no event for it
                    await asyncio.sleep(_POLL_S)


@dataclass(frozen=True, slots=True)
class HttpDoors:
    """What the HTTP door of a process is opened with.

    `ws_port` is where the other door listens, or is to. `is_draining` tells whether the process
    takes its leave; a worker has a place among others.
    """

    settings: Settings
    core: Core
    doors: Doors
    ws_port: SocketPort
    is_draining: Callable[[], bool] = lambda: False
    place: WorkerPlace | None = None


@contextlib.asynccontextmanager
async def http_door(
    given: HttpDoors, people: People, table: Mapping[str, Command]
) -> AsyncIterator[HttpDoor]:
    """Listen as long as the block lasts. Raises `NotListeningError` when a port is taken.

    A worker listens at the door of its place, and shares its figures with the others.
    """
    settings, core = given.settings, given.core
    foundation, limits = core.foundation, settings.limits
    files = await file_parts(settings, core)
    foundation.metrics.watch_pool(foundation.pool.get_size, foundation.pool.get_idle_size)
    foundation.metrics.watch_connections(
        lambda: len(core.connections.registry),
        lambda: sum(mailbox.waiting_bytes for mailbox in core.delivery.hub.listeners.mailboxes()),
        lambda: given.doors.budget.unauthenticated,
    )
    own = ShownAccount(people.identity.me, core.mail.suppressions)
    async with contextlib.AsyncExitStack() as stack:
        charge = charging(people.limiter)
        market = Marketplace(settings, core, charge, own.me)
        probes = await stack.enter_async_context(_probes(given, market))
        await stack.enter_async_context(
            in_background(
                market.views.run,
                market.cache_invalidation.consumer.run,
            )
        )
        alerts = SearchAlerts(
            foundation.pool,
            market.searches.searchables,
            market.searches.read,
            core.outbox.relay.wake,
        )
        core.schedules.add(
            alerts.schedule(),
            upkeep.files(files.sweep.turn),
            upkeep.requests(foundation.pool, PRUNING),
        )
        is_apart = settings.metrics_port is not None
        parts = HttpParts(
            table=table,
            charge=charge,
            rules=DoorRules(
                people.sessions.authenticate,
                given.doors.origins,
                settings.trusted_proxies,
                given.doors.hosts,
                given.doors.requests,
                Compression(settings.compress_above_bytes, settings.compress_in_thread_above_bytes),
            ),
            files=files.files,
            cursors=signer_of(settings),
            metrics=foundation.metrics,
            acted=core.activity.acted,
            limits=limits,
            probes=None if is_apart else probes,
            routes=[
                *auth.routes(people.identity, own),
                *mail_routes(core.mail),
                messaging.unread_route(core.outbox.unread.totals),
                client_config_route(
                    settings, core.push.vapid.public_key, lambda: given.ws_port.number
                ),
                deliveries_route(DeliveryReader(foundation.pool, settings.deliveries_kept_days)),
                *market.routes(),
                *payment_routes(core.workflows.local),
                *AnnouncementDoor(Announcements(foundation.pool)).routes(),
                *(clock_routes(WorkflowClock(foundation.pool)) if settings.test_clock else ()),
            ],
            rate=Rate(limits.commands_per_s, limits.commands_burst)
            if settings.rate_limits
            else None,
            public_url=settings.public_url,
            is_draining=given.is_draining,
        )
        if is_apart:
            await stack.enter_async_context(operations_door(settings, probes, given.place))
        runner = web.AppRunner(
            build_http(parts),
            handle_signals=False,
            access_log=None,
            shutdown_timeout=SHUTDOWN_S,
            # Nothing is inflated: a body with a Content-Encoding is refused.
            auto_decompress=False,
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        door = HttpDoor(runner, await _listening(given, runner.server))
        stack.push_async_callback(door.emptied)
        stack.push_async_callback(door.stop_accepting)
        yield door


async def _listening(given: HttpDoors, manager: web.Server | None) -> asyncio.Server:
    """Listen with connections that are counted and have deadlines."""
    assert manager is not None
    settings, place = given.settings, given.place
    sockets = HttpSockets(
        given.doors.budget,
        given.doors.http,
        BodyPace(settings.body_timeout_s, settings.body_total_s, settings.limits.body_bytes_per_s),
        BodyBounds(body_bytes(settings.limits), {UPLOADS: settings.limits.file_bytes}),
        settings.trusted_proxies,
    )
    loop = asyncio.get_running_loop()

    def connection() -> HttpConnection:
        return HttpConnection(sockets, manager, loop=loop, access_log=None)

    if place is not None:
        return await loop.create_server(connection, sock=place.http, backlog=BACKLOG)
    host, port = settings.host, settings.http_port
    with listening(host, port, "PARLEY_HTTP_PORT"):
        return await loop.create_server(connection, host, port, backlog=BACKLOG)


@contextlib.asynccontextmanager
async def _probes(given: HttpDoors, market: Marketplace) -> AsyncIterator[ops.Probes]:
    """Health and figures, each made at most once in a while however often they are asked for."""
    core = given.core
    foundation = core.foundation
    consumers = (
        *core.outbox.consumers,
        *core.workflows.consumers,
        market.cache_invalidation.consumer,
    )
    outbox = partial(outbox_figures, foundation.pool, {one.name: one.kinds for one in consumers})
    kept_s = given.settings.probes_kept_s
    figures: Figures = KeptAnswer(partial(ops.own_figures, outbox, foundation.metrics), kept_s).get
    health = KeptAnswer(Health(foundation.pool, foundation.redis).check, kept_s).get
    async with contextlib.AsyncExitStack() as stack:
        if given.place is not None:
            everybodys = await stack.enter_async_context(
                shared(given.place.figures, given.place.worker, figures)
            )
            figures = KeptAnswer(everybodys, kept_s).get
        yield ops.Probes(health, figures, given.is_draining)


def charging(limiter: CommandLimiter) -> Charge:
    """The limit of a person's commands, as the door takes from it."""

    async def charge(caller: Caller, cost: float) -> float | None:
        wait_s = await limiter.take(caller.user_id, cost)
        if wait_s is not None:
            raise RequestError.rate_limited("commands", wait_s)
        return limiter.left(caller.user_id)

    return charge
