"""The WebSocket server: the handshake, its limits, and a session for each connection."""

import asyncio
import http
import random
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import NegotiationError
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from protocol.codec import CODECS, JSON
from protocol.errors import DRAINING, TOO_MANY_CONNECTIONS
from protocol.limits import Limits
from server.connection.frame_budget import UNLIMITED, Allowance
from server.connection.heartbeat import Heartbeat
from server.connection.socket import Allowances
from server.doors.wiring import Doors
from server.listening import BACKLOG
from server.ws.arrival import Arrival
from server.ws.client_address import Network, client_address
from server.ws.door_socket import DoorSocket
from server.ws.session import Session, SessionParts
from storage.limits.open_sockets import OpenSockets

log = structlog.get_logger()

PATH = "/v1/ws"
CLOSE_S = 2.0
REJOIN_MS = 10
"""A draining node closes one client each interval, or faster to stay within its time."""
IN_FLIGHT_S = 5.0
"""Commands under way when a client is closed are answered within this time."""
CLOSED_S = 5.0
"""After a drain, sockets that do not close within this time are given up."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may connect."""

    trusted_proxies: Sequence[Network]
    sockets: OpenSockets
    allowances: Allowances
    doors: Doors


class Gateway:
    """Accepts WebSocket connections until closed."""

    def __init__(
        self,
        parts: SessionParts,
        admission: Admission,
        *,
        silence_s: float,
        drain_s: float,
        closed: Callable[[int | None], None] = lambda _code: None,
    ) -> None:
        self._parts = parts
        self._trusted_proxies = tuple(admission.trusted_proxies)
        self._heartbeat = Heartbeat(parts.heartbeat_s, silence_s)
        self.beat = self._heartbeat.run
        self._drain_ms = int(drain_s * 1000)
        self._closed = closed
        self._sockets = admission.sockets
        self._doors = admission.doors
        self._new_socket = partial(
            DoorSocket, self._doors, self._trusted_proxies, allowances=admission.allowances
        )
        self._sessions: set[Session] = set()
        self._server: Server | None = None
        self.is_draining = False

    async def open(self, host: str, port: int, door: socket.socket | None = None) -> int:
        """Listen at an address, or on a socket that is bound already; returns the port."""
        parts = self._parts
        self._server = await serve(
            self._serve,
            host if door is None else None,
            port if door is None else None,
            sock=door,
            process_request=self._check,
            select_subprotocol=_select,
            compression=None,
            server_header=None,
            max_size=parts.limits.frame_bytes,
            max_queue=parts.limits.in_flight,
            write_limit=parts.limits.queue_bytes,
            # One task pings all connections (server/connection/heartbeat.py).
            ping_interval=None,
            create_connection=self._new_socket,  # type: ignore[arg-type]  # it is only called
            open_timeout=parts.hello_timeout_s,
            close_timeout=CLOSE_S,
            backlog=BACKLOG,
        )
        bound: int = next(iter(self._server.sockets)).getsockname()[1]
        return bound

    def stop_accepting(self) -> None:
        """Accept no new connections; open ones stay open until `drain`."""
        assert self._server is not None
        self.is_draining = True
        self._server.close(close_connections=False)

    async def drain(self) -> None:
        """Tell each client a time to leave, and close those that stay longer with 4005.

        The times differ. Until its time a client is served as before, so one that moves to another
        node by then misses nothing and does not wait.
        """
        assert self._server is not None
        if not self.is_draining:
            self.stop_accepting()
        clients = [session for session in self._sessions if session.is_open]
        random.shuffle(clients)
        times_ms = departures_ms(len(clients), self._drain_ms)
        log.info("draining", connections=len(clients), seconds=max(times_ms, default=0) / 1000)
        async with asyncio.TaskGroup() as group:
            for session, after_ms in zip(clients, times_ms, strict=True):
                group.create_task(session.drain(after_ms, IN_FLIGHT_S))
        for session in self._sessions:
            session.end(DRAINING)
        try:
            async with asyncio.timeout(CLOSED_S):
                await self._server.wait_closed()
        except TimeoutError:
            log.warning("connections_slow_to_close", connections=len(self._sessions))

    def _check(self, socket: ServerConnection, request: Request) -> Response | None:
        """Refuse a handshake: a wrong Host or path, a token in the URL, an origin not allowed."""
        named = request.headers.get_all("Host")
        if len(named) > 1 or not all(map(self._doors.hosts.allows, named)):
            return socket.respond(
                http.HTTPStatus.MISDIRECTED_REQUEST, "Host: not a name of this server\n"
            )
        if request.path.partition("?")[0] != PATH:
            return socket.respond(http.HTTPStatus.NOT_FOUND, "no such path\n")
        if "token=" in request.path:
            return socket.respond(http.HTTPStatus.BAD_REQUEST, "tokens never travel in a URL\n")
        origin = request.headers.get("Origin")
        if origin is not None and not self._doors.origins.allow(origin, "".join(named)):
            return socket.respond(
                http.HTTPStatus.FORBIDDEN, "Origin: not allowed (PARLEY_ALLOWED_ORIGINS)\n"
            )
        return None

    async def _serve(self, socket: ServerConnection) -> None:
        assert isinstance(socket, DoorSocket)
        socket.shook_hands()
        address = self._address_of(socket)
        place = await self._sockets.enter(address)
        if place is None:
            await socket.close(TOO_MANY_CONNECTIONS.code, TOO_MANY_CONNECTIONS.reason)
            return
        if self.is_draining:
            place.leave()
            await socket.close(DRAINING.code, DRAINING.reason)
            return
        codec = CODECS.get(socket.subprotocol or "", JSON)
        arrival = Arrival(address, _bearer(socket), (place.said_hello, socket.said_hello))
        session = Session(socket, codec, arrival, self._parts)
        socket.forget_handshake()
        self._sessions.add(session)
        self._heartbeat.add(socket)
        started = asyncio.get_running_loop().time()
        try:
            await session.run()
        finally:
            self._sessions.discard(session)
            self._heartbeat.remove(socket)
            place.leave()
            refused = socket.refused_with
            code = refused.code if refused else session.close_code or socket.close_code
            self._closed(code)
            log.info(
                "connection_closed",
                connection=session.connection_id,
                code=code,
                seconds=round(asyncio.get_running_loop().time() - started, 3),
            )

    def _address_of(self, socket: ServerConnection) -> str:
        address: str = socket.remote_address[0]
        assert socket.request is not None
        forwarded = ",".join(socket.request.headers.get_all("X-Forwarded-For")) or None
        return client_address(address, forwarded, self._trusted_proxies)


def allowances_of(limits: Limits, *, rate_limits: bool) -> Allowances:
    """What a peer may send a second. Without rate limits only who has not said hello is bounded."""
    # No client is closed for what its commands are granted.
    frames = max(limits.frames_per_s, limits.commands_per_s + limits.commands_burst)
    return Allowances(
        Allowance(limits.frames_per_s_before_hello, limits.frame_bytes_per_s_before_hello),
        Allowance(frames, limits.frame_bytes_per_s) if rate_limits else UNLIMITED,
    )


def departures_ms(count: int, drain_ms: int) -> list[int]:
    """The time for each client to leave: evenly spread, so that other nodes are not flooded."""
    step_ms = min(REJOIN_MS, drain_ms / max(1, count))
    return [int(number * step_ms) for number in range(1, count + 1)]


def _select(_socket: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """The first known format offered; JSON if none is offered; refused if none is known."""
    if not offered:
        return None
    for subprotocol in offered:
        if subprotocol in CODECS:
            return subprotocol
    raise NegotiationError("no subprotocol offered is known: " + ", ".join(CODECS))


def _bearer(socket: ServerConnection) -> str | None:
    assert socket.request is not None
    scheme, _, token = socket.request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
