"""A whole process, built in order and taken down in reverse."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial

import structlog

from handlers.table import Areas, command_table
from server.areas import People, areas_of, people_of
from server.background import (
    fill_rows,
    in_background,
    poll_revoked,
    rebuild_search,
    settle,
)
from server.config import Settings
from server.connection.mailbox import WriteTurn
from server.connection.user_budgets import UserBudgets
from server.core import Core, opened
from server.doors.wiring import Doors, doors_of
from server.http.door import HttpDoor, HttpDoors, http_door
from server.listening import SocketPort, WorkerPlace, listening
from server.notifications.deliverer import Deliverer
from server.schedules import upkeep
from server.schedules.schedule import Schedule
from server.ws.dispatch import Dispatcher
from server.ws.gateway import Admission, Gateway, allowances_of
from server.ws.session import SessionParts
from storage.database.backfills import Backfills
from storage.messages.reaction_merge import ReactionMerge
from storage.search.rebuild import SearchRebuild

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class App:
    """A running process: where its two doors listen."""

    ws_port: int
    http_port: int
    core: Core


@contextlib.asynccontextmanager
async def running(settings: Settings, place: WorkerPlace | None = None) -> AsyncIterator[App]:
    """Serve as long as the block lasts. `settings` hold both URLs and the secret key.

    A worker has a place among others, hence doors of its own.

    Raises what asyncpg raises when PostgreSQL is not there, `NotListeningError` for a port that is
    taken; Redis may come later.
    """
    async with opened(settings) as core, contextlib.AsyncExitStack() as stack:
        people = people_of(settings, core)
        stack.callback(people.passwords.close)
        areas = areas_of(settings, core)
        table = command_table(areas)
        reactions = ReactionMerge(core.foundation.pool, core.writers.changes)
        end_sessions = core.delivery.hub.end_sessions
        core.schedules.add(
            upkeep.sessions(people.sessions.prune),
            upkeep.emails(people.accounts.fill_emails),
            *_partitions(settings),
        )
        await stack.enter_async_context(
            in_background(
                partial(poll_revoked, people.sessions.revoked_since, end_sessions),
                partial(fill_rows, Backfills(core.foundation.pool, {"reactions": reactions.step})),
                partial(
                    rebuild_search,
                    SearchRebuild(core.foundation.pool, settings.search_rebuild_rows),
                    settings.search_rebuild_share,
                ),
                *core.runs,
            )
        )
        stack.push_async_callback(core.deliverer.stop)
        # All that is stored goes out: what waits to be published, what the outbox holds, its rows.
        stack.push_async_callback(
            settle,
            partial(core.bus.publisher.publish_and_wait, ()),
            core.outbox.relay.publish_waiting,
            core.bus.published.sweep,
        )
        doors = doors_of(settings, core.foundation.metrics.socket_closed)
        dispatcher = Dispatcher(table, core.foundation.metrics.command, core.activity.acted)
        gateway = _gateway(settings, core, people, areas, (dispatcher, doors))
        await stack.enter_async_context(in_background(gateway.beat, doors.budget.run))
        port = SocketPort(settings.ws_port if place is None else place.ws.getsockname()[1])
        given = HttpDoors(settings, core, doors, port, lambda: gateway.is_draining, place)
        http = await stack.enter_async_context(http_door(given, people, table))
        doors.origins.http_port = http.port
        door = None if place is None else place.ws
        with listening(settings.host, settings.ws_port, "PARLEY_WS_PORT"):
            port.number = await gateway.open(settings.host, settings.ws_port, door)
        stack.push_async_callback(_leave, gateway, http, core.deliverer)
        yield App(port.number, http.port, core)


def _partitions(settings: Settings) -> Iterator[Schedule]:
    """The upkeep of partitions, where the owner's login is known; else it is an operator's."""
    if settings.owner_database_url is not None:
        yield upkeep.partitions(settings.owner_database_url)
    else:
        log.info("partitions_left_to_operator")


def _gateway(
    settings: Settings, core: Core, people: People, areas: Areas, own: tuple[Dispatcher, Doors]
) -> Gateway:
    dispatcher, doors = own
    hub, metrics, connections = core.delivery.hub, core.foundation.metrics, core.connections
    parts = SessionParts(
        authenticate=people.sessions.authenticate,
        unread=core.outbox.unread.totals,
        dispatcher=dispatcher,
        limiter=people.limiter,
        registry=connections.registry,
        limits=settings.limits,
        user_budgets=UserBudgets(
            settings.limits.user_frame_bytes_per_s if settings.rate_limits else None
        ),
        heartbeat_s=settings.heartbeat_s,
        hello_timeout_s=settings.hello_timeout_s,
        resumer=core.delivery.resumer,
        finished=hub.finished,
        turn=WriteTurn(),
        refused_send=hub.refused_send,
        resumed=metrics.resumed,
        on_end=(areas.typing.ended,),
    )
    return Gateway(
        parts,
        Admission(
            settings.trusted_proxies,
            connections.sockets,
            allowances_of(settings.limits, rate_limits=settings.rate_limits),
            doors,
        ),
        silence_s=settings.silence_s,
        drain_s=settings.drain_s,
        closed=metrics.closed,
    )


async def _leave(gateway: Gateway, http: HttpDoor, deliverer: Deliverer) -> None:
    """Tell that we go, let nobody in any more, and send away who is here; meanwhile what is being
    delivered comes to its end.
    """
    gateway.stop_accepting()
    await http.stop_accepting()
    await asyncio.gather(gateway.drain(), deliverer.stop())
