"""A TCP proxy that does to connections what networks do: delay, stall, cut, reset mid-frame."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Self, cast

Address = tuple[str, int]

CONNECT_S = 2.0
SMALL_BUFFER_BYTES = 16_384
SEGMENT_BYTES = 1_400
"""As on a real network: on the loopback interface segments of 64 KB make buffers of megabytes."""
_LINGER_NOT = struct.pack("ii", 1, 0)


class Way(Enum):
    """The two directions of a connection."""

    FORTH = "to the server"
    BACK = "to the client"


class _End(asyncio.Protocol):
    """One of the two sockets of a link; what comes in goes out at the other."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: _End | None = None
        self.delay_s = 0.0
        self.left: int | None = None
        """Bytes that are still passed on before the connection is reset."""
        self._stops: set[str] = set()
        self._late: deque[tuple[float, bytes]] = deque()
        self._early: list[bytes] = []
        """What came before there was another end; uvloop reads at once, told to pause or not."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not of asyncio's classes.
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self.other is None:
            self._early.append(data)
        elif self.delay_s or self._late:
            loop = asyncio.get_running_loop()
            due = loop.time() + self.delay_s
            self._late.append((due, data))
            loop.call_at(due, self._pass_late)
        else:
            self._pass(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's name
        self._pass_rest()
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.stop("its peer is full")

    def resume_writing(self) -> None:
        if self.other is not None:
            self.other.go("its peer is full")

    def join(self, other: "_End") -> None:
        """From now on what comes in goes out at the other end."""
        self.other = other
        early, self._early = self._early, []
        for data in early:
            self._pass(data)

    def stop(self, reason: str) -> None:
        """Reads no more until each reason has gone: the sender's window fills."""
        self._stops.add(reason)
        self._look()

    def go(self, reason: str) -> None:
        """This reason is no more."""
        self._stops.discard(reason)
        self._look()

    def abort(self, *, reset: bool = False) -> None:
        """Ends this socket at once; with `reset` the peer gets a RST."""
        if self.transport is None:
            return
        if reset and (opened := self.transport.get_extra_info("socket")) is not None:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self._late.clear()
        self.transport.abort()

    def _look(self) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        if self._stops:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def _pass(self, data: bytes) -> None:
        assert self.other is not None
        target = self.other.transport
        if target is None or target.is_closing():
            return
        if self.left is None:
            target.write(data)
            return
        target.write(data[: self.left])
        self.left -= len(data)
        if self.left <= 0:
            self.abort(reset=True)
            self.other.abort(reset=True)

    def _pass_late(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._late and self._late[0][0] <= now + 0.001:
            self._pass(self._late.popleft()[1])

    def _pass_rest(self) -> None:
        while self._late:
            self._pass(self._late.popleft()[1])


class Link:
    """One connection through the proxy."""

    def __init__(self, near: _End, far: _End, backend: Address) -> None:
        self.backend = backend
        self._ends = {Way.FORTH: near, Way.BACK: far}
        near.join(far)
        far.join(near)

    @property
    def is_open(self) -> bool:
        """Whether both sides are there."""
        return all(
            end.transport is not None and not end.transport.is_closing()
            for end in self._ends.values()
        )

    def stop(self, way: Way) -> None:
        """Passes nothing on; what is sent waits where it is."""
        self._ends[way].stop("stalled")

    def go(self, way: Way) -> None:
        """Passes on again."""
        self._ends[way].go("stalled")

    def delay(self, way: Way, seconds: float) -> None:
        """What is sent from now on comes so much later."""
        self._ends[way].delay_s = seconds

    def reset_after(self, way: Way, count: int) -> None:
        """So many bytes more are passed on, then both sides get a RST: most likely mid-frame."""
        self._ends[way].left = count

    def spare(self) -> None:
        """It is not to be reset after all."""
        for end in self._ends.values():
            end.left = None

    def cut(self, *, reset: bool = False) -> None:
        """Ends it now; what was stalled or delayed is lost."""
        for end in self._ends.values():
            end.abort(reset=reset)


class Proxy:
    """Listens on a port of its own and connects each client to the first backend that answers."""

    def __init__(self, backends: Callable[[], Sequence[Address]], *, slim: bool = False) -> None:
        """`slim`: the socket towards the backend buffers little, so that stalls are felt there."""
        self.port = 0
        self.links: set[Link] = set()
        self._backends = backends
        self._slim = slim
        self._stopped: set[Way] = set()
        self._delays: dict[Way, float] = {}
        self._is_refusing = False
        self._server: asyncio.Server | None = None
        self._dialling: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Accepted(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._dialling):
            task.cancel()
        await asyncio.gather(*self._dialling, return_exceptions=True)
        self.cut()

    def stop(self, way: Way) -> None:
        """Stalls every link, also those to come."""
        self._stopped.add(way)
        for link in self.links:
            link.stop(way)

    def go(self, way: Way) -> None:
        """Ends the stall."""
        self._stopped.discard(way)
        for link in self.links:
            link.go(way)

    def delay(self, way: Way, seconds: float) -> None:
        """Delays every link, also those to come."""
        self._delays[way] = seconds
        for link in self.links:
            link.delay(way, seconds)

    def refuse(self, *, on: bool) -> None:
        """While on, whoever connects is turned away."""
        self._is_refusing = on

    def cut(self, *, reset: bool = False) -> None:
        """Ends every link."""
        for link in list(self.links):
            link.cut(reset=reset)

    def accepted(self, near: _End) -> None:
        """A client has connected."""
        task = asyncio.create_task(self._connect(near))
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)

    async def _connect(self, near: _End) -> None:
        far, backend = (None, ("", 0)) if self._is_refusing else await self._dial()
        if far is None or near.transport is None or near.transport.is_closing():
            near.abort(reset=True)
            if far is not None:
                far.abort()
            return
        link = Link(near, far, backend)
        self.links = {other for other in self.links if other.is_open} | {link}
        for way in self._stopped:
            link.stop(way)
        for way, seconds in self._delays.items():
            link.delay(way, seconds)

    async def _dial(self) -> tuple[_End | None, Address]:
        loop = asyncio.get_running_loop()
        for host, port in self._backends():
            opened = socket.socket()
            opened.setblocking(False)  # noqa: FBT003  # the socket module's own signature
            if self._slim:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT_BYTES)
            try:
                async with asyncio.timeout(CONNECT_S):
                    await loop.sock_connect(opened, (host, port))
                    _, far = await loop.create_connection(_End, sock=opened)
            except (OSError, TimeoutError):
                opened.close()
                continue
            except asyncio.CancelledError:
                opened.close()
                raise
            return far, (host, port)
        return None, ("", 0)


class _Accepted(_End):
    """The end towards the client."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__()
        self._proxy = proxy

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._proxy.accepted(self)
