"""The marketplace's door and what it stands on."""

import contextlib
import ipaddress
from functools import lru_cache
from typing import Any
from uuid import UUID

import structlog
from aiohttp import hdrs, web

from handlers.caller import Caller
from handlers.notifications.push_devices import PushDeviceCommands
from handlers.public_names import PublicNames
from handlers.resources import RESOURCES, SHOWN
from handlers.workflows import WORKFLOWS
from server.areas import signer_of
from server.config import Settings
from server.core import Core
from server.http.commands import Charge
from server.http.resources.discovery import Discovery
from server.http.resources.paths import DoorParts, OwnAccount, ResourceDoor
from server.http.resources.push_devices import device_routes
from server.http.resources.query import QueryReader
from server.http.resources.saved_searches import SavedSearchReader
from server.http.resources.statements import Statements
from server.http.resources.texts import ResourceTexts
from server.http.resources.transitions import TransitionDoor
from server.http.route_helpers import CALLER, address_of
from server.outbox.cache_invalidation import CacheInvalidation
from storage.database.queries import load_queries
from storage.resources.cache import Bounds, RowCache
from storage.resources.cached_reads import CachedReads
from storage.resources.resource import Resource
from storage.resources.store import ResourceStore
from storage.resources.view_counts import View, Views, now
from storage.search.rebuild import RenewedColumns
from storage.workflows.actions import AvailableActions

log = structlog.get_logger()

VIEWED = {
    "gigs": "gig",
    "jobs": "job",
    "freelancer-profiles": "freelancer",
    "portfolio-items": "portfolio_item",
}
"""Resources whose single rows are counted when they are looked at."""
_HEADER_CHARS = 400
PRUNING = (
    load_queries("database/idempotency")["prune"],
    load_queries("resources/view_counts")["forget_searches"],
    load_queries("resources/view_counts")["forget_addresses"],
)
"""Statements that forget answered requests, old searches and addresses of viewers."""


class Marketplace:
    """Resources and discovery; `views.run` and `cache_invalidation.consumer.run` belong into the
    background.
    """

    def __init__(self, settings: Settings, core: Core, charge: Charge, account: OwnAccount) -> None:
        foundation = core.foundation
        self._pool = foundation.pool
        self._wake_domain = core.workflows.domain.wake
        self.views = Views(foundation.pool)
        store = ResourceStore(foundation.pool, SHOWN, {"provider": settings.provider})
        bounds = Bounds(
            settings.cache_bytes,
            settings.cache_copy_bytes,
            settings.cache_full_percent,
            settings.cache_questions,
        )
        cache = RowCache(foundation.cache_calls, foundation.metrics.looked_up, bounds)
        self.cache_invalidation = CacheInvalidation(
            foundation.pool,
            foundation.owner,
            cache,
            RESOURCES.values(),
            foundation.metrics.outbox_lag,
        )
        workflows = core.workflows
        queries = QueryReader(dict(SHOWN), signer_of(settings), settings.limits)
        self.searches = SavedSearchReader(queries, store)
        self._door = ResourceDoor(
            DoorParts(
                store,
                CachedReads(store, cache, SHOWN),
                cache,
                ResourceTexts(PublicNames(settings.reserved_names)),
                self._seen,
                self._changed,
                account,
                AvailableActions(foundation.pool, WORKFLOWS.values()),
                workflows.executor,
                WORKFLOWS,
                self.searches,
            ),
            queries,
            charge,
        )
        self._transitions = TransitionDoor(self._door)
        self._devices = PushDeviceCommands(core.push.devices, core.push.outbound.rules)
        self._statements = Statements(self._door)
        self._discovery = Discovery(self._door, self.views, RenewedColumns(foundation.pool))

    def routes(self) -> list[web.RouteDef]:
        """Every path of the marketplace."""
        return [
            *self._discovery.routes(),
            *self._statements.routes(),
            *self._transitions.routes(),
            *device_routes(self._door, self._devices),
            *self._door.routes(),
        ]

    async def _changed(self, resource: Resource, key: Any) -> None:
        if resource.machine is not None:
            self._wake_domain()
        await self.cache_invalidation.changed(resource, key)

    def _seen(self, resource: Resource, key: Any, request: web.Request) -> None:
        kind = VIEWED.get(resource.path)
        if kind is None or not isinstance(key, UUID):
            return
        caller = request.get(CALLER)
        viewer = caller.user_id if isinstance(caller, Caller) else None
        if viewer == key:
            return  # one's own profile
        agent, referrer = (_header(request, name) for name in (hdrs.USER_AGENT, hdrs.REFERER))
        self.views.seen(
            View(kind, key, viewer, _address(address_of(request)), agent, referrer, now())
        )


@lru_cache(4096)
def _address(client: str) -> str | None:
    with contextlib.suppress(ValueError):  # a Unix socket has no address
        return str(ipaddress.ip_address(client.partition("%")[0]))
    return None


def _header(request: web.Request, name: str) -> str | None:
    text = request.headers.get(name)
    # Bytes that are not UTF-8 come as lone surrogates, which no database takes.
    return None if text is None else text[:_HEADER_CHARS].encode("utf-8", "replace").decode()
