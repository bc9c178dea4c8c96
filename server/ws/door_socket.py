"""A WebSocket connection that is counted from its first moment, before its handshake."""

import asyncio
from collections.abc import Sequence
from typing import Any

from server.connection.socket import Socket
from server.doors.budget import HeldSocket, Wait
from server.doors.wiring import Doors
from server.ws.client_address import Network, is_trusted


class DoorSocket(Socket):
    """Held to the limits of sockets without a login until it has said hello."""

    __slots__ = ("_doors", "_held", "_is_known", "_trusted_proxies")

    def __init__(
        self, doors: Doors, trusted_proxies: Sequence[Network], *args: Any, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._doors = doors
        self._trusted_proxies = trusted_proxies
        self._held: HeldSocket | None = None
        self._is_known = False

    def shook_hands(self) -> None:
        """From now on the limits of `storage/limits/open_sockets.py` count it by its address."""
        if self._held is not None:
            self._doors.handshakes.remove(self._held)
            self._held.waits(Wait.HELLO)

    def said_hello(self) -> None:
        """It has a login; repeated calls do nothing."""
        super().said_hello()
        held, self._held = self._held, None
        if held is not None:
            self._doors.budget.logged_in(held)
            self._is_known = True

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the socket; it may be closed at once."""
        super().connection_made(transport)
        held = self._held = self._doors.budget.enter(self)
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if isinstance(peer, tuple) else None
        if address is None or is_trusted(address, self._trusted_proxies):
            return
        if held.is_here:
            self._doors.handshakes.add(held, address)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        held, self._held = self._held, None
        if held is not None:
            self._doors.handshakes.remove(held)
            held.leave()
        elif self._is_known:
            self._is_known = False
            self._doors.budget.logged_in_left()
        super().connection_lost(exc)

    # What the budget calls.

    def overdue(self, _wait: Wait) -> str | None:
        """The handshake has taken too long."""
        self.transport.abort()
        return "headers"

    def give_way(self) -> None:
        """Another has more need of the place."""
        self.transport.abort()
