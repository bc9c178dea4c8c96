"""A door for operators' programs alone: `/metrics`, `/healthz` and `/readyz` on their own port."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from aiohttp import web

from server.background import in_background
from server.config import Settings
from server.doors.budget import Deadlines, Room, SocketBudget
from server.doors.by_address import SocketsByAddress
from server.http import ops
from server.http.connection import BodyBounds, BodyPace, HttpConnection, HttpSockets
from server.http.route_helpers import tell_of_end
from server.listening import WorkerPlace, listening

SOCKETS = 32
"""Connections that may be open here; they are part of the spare descriptors."""
BACKLOG = 32


@contextlib.asynccontextmanager
async def operations_door(
    settings: Settings, probes: ops.Probes, place: WorkerPlace | None
) -> AsyncIterator[int]:
    """Listen as long as the block lasts; gives the port. Raises `NotListeningError`.

    Every worker listens on the same port, and the kernel chooses which of them answers.
    """
    app = web.Application(client_max_size=1)
    app.add_routes(ops.routes(probes))
    app.on_response_prepare.append(_unnamed)
    runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=1.0)
    budget = SocketBudget(
        Room(SOCKETS, SOCKETS),
        Deadlines(
            settings.headers_timeout_s,
            settings.body_timeout_s,
            settings.idle_timeout_s,
            settings.answer_timeout_s,
        ),
    )
    pace = BodyPace(settings.body_timeout_s, settings.body_total_s, 1)
    sockets = HttpSockets(budget, SocketsByAddress(budget, SOCKETS), pace, BodyBounds(0))
    async with contextlib.AsyncExitStack() as stack:
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await stack.enter_async_context(in_background(budget.run))
        host, port = settings.metrics_host, settings.metrics_port or 0
        with listening(host, port, "PARLEY_METRICS_PORT", "PARLEY_METRICS_HOST"):
            server = await asyncio.get_running_loop().create_server(
                _connections(sockets, runner),
                host,
                port,
                backlog=BACKLOG,
                reuse_port=None if place is None else True,
            )
        stack.callback(server.close)
        yield server.sockets[0].getsockname()[1]


def _connections(sockets: HttpSockets, runner: web.AppRunner) -> Callable[[], HttpConnection]:
    manager = runner.server
    assert manager is not None
    loop = asyncio.get_running_loop()
    return lambda: HttpConnection(sockets, manager, loop=loop, access_log=None)


async def _unnamed(request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "parley"
    tell_of_end(request, response)
