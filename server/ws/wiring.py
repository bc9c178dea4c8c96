"""Who is connected, and how many may be: what every connection is entered into."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from server.bus import Bus
from server.delivery.hub import Hub
from server.foundation import Foundation
from server.ws.registry import Registry
from storage.limits.open_sockets import OpenSockets


@dataclass(frozen=True, slots=True)
class Connections:
    """Connections by user, and sockets by address."""

    registry: Registry
    sockets: OpenSockets

    @property
    def runs(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """Their background tasks."""
        return self.registry.sweep, self.registry.run, self.sockets.run


def connections_of(foundation: Foundation, bus: Bus, hub: Hub) -> Connections:
    """The connections of a process, none as yet."""
    limits = foundation.settings.limits
    return Connections(
        registry=Registry(hub, bus.presence, limits.connections_per_user),
        sockets=OpenSockets(
            foundation.redis_calls,
            limits.connections_per_address,
            limits.unauthenticated_per_address,
        ),
    )
