"""The doors of a process as its settings have them."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from protocol.limits import Limits
from server.config import Settings
from server.doors.budget import Deadlines, Room, SocketBudget
from server.doors.by_address import SocketsByAddress
from server.doors.descriptors import limit_in_force, room_for_sockets
from server.doors.hosts import AllowedHosts
from server.doors.origins import Origins
from server.doors.request_rates import RequestRates

log = structlog.get_logger()

SETTLED_S = 1.0
"""A WebSocket's handshake usually takes less."""
BURST = 10
"""How many times its limit an address may have for so long: its clients come back at once."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What both doors share, and what each counts by address."""

    budget: SocketBudget
    hosts: AllowedHosts
    origins: Origins
    http: SocketsByAddress
    handshakes: SocketsByAddress
    requests: RequestRates


def doors_of(settings: Settings, closed: Callable[[str], None]) -> Doors:
    """The doors, with nobody at them; `closed` hears why each socket is ended by a limit."""
    limits = settings.limits
    room = _room(settings, limits)
    log.info("sockets_limited", sockets=room.sockets, unauthenticated=room.unauthenticated)
    deadlines = Deadlines(
        settings.headers_timeout_s,
        settings.body_timeout_s,
        settings.idle_timeout_s,
        settings.answer_timeout_s,
    )
    budget = SocketBudget(room, deadlines, closed)
    handshakes = SocketsByAddress(budget, BURST * limits.unauthenticated_per_address)
    budget.each_sweep.append(
        lambda now: handshakes.trim(limits.unauthenticated_per_address, now - SETTLED_S)
    )
    hosts = AllowedHosts(settings.allowed_hosts, settings.host, settings.public_url)
    if hosts.is_open and not hosts.is_listed:
        log.warning("every_host_is_answered", host=settings.host, set="PARLEY_ALLOWED_HOSTS")
    return Doors(
        budget=budget,
        hosts=hosts,
        origins=Origins(settings.allowed_origins, settings.public_url),
        http=SocketsByAddress(budget, limits.http_per_address),
        handshakes=handshakes,
        requests=RequestRates(limits, enabled=settings.rate_limits),
    )


def _room(settings: Settings, limits: Limits) -> Room:
    sockets = room_for_sockets(
        limit_in_force(),
        pools=settings.database_pool + settings.redis_pool,
        is_cluster=settings.redis_cluster,
        spare=settings.spare_descriptors,
    )
    share = int(sockets * settings.unauthenticated_share)
    return Room(sockets, max(1, min(share, limits.unauthenticated)))
