"""What an outsider does to a server's doors: sockets held open, floods of frames, requests.

Each attack is told the time every so often and does its share up to then, so that its rate is bound
and its process costs next to nothing. An address of its own serves few sockets, as limits are of an
address: on Linux all of 127.0.0.0/8 is this machine.
"""

import base64
import contextlib
import gzip
import itertools
import secrets
import select
import socket
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from loadtests.bench.drivers.wire import frame

_RECV_BYTES = 65_536
_CONNECT_S = 2.0
_ANSWER_S = 5.0
_PER_ADDRESS = 90
"""Sockets of one address: below what a server grants one, so that the count is what is tried."""
_FLOOD_BYTES_PER_S = 1e6
_GZIP_BOMB_BYTES = 1 << 26


class Doors(msgspec.Struct, frozen=True):
    """Where the server listens."""

    http: tuple[str, int]
    ws: tuple[str, int]

    @classmethod
    def of(cls, http_url: str, ws_url: str) -> "Doors":
        """Those of these two URLs."""
        http, ws = urlsplit(http_url), urlsplit(ws_url)
        return cls((http.hostname or "", http.port or 80), (ws.hostname or "", ws.port or 80))


class Attack(Protocol):
    """Something that is done to a server until it is ended."""

    def step(self, now: float) -> None:
        """Do what is due by this time, in seconds of a clock that does not go back."""

    def end(self) -> None:
        """Let go of all sockets."""


class Held:
    """Sockets that say `opening`, then nothing or `drip` every second; closed ones come back."""

    def __init__(
        self,
        door: tuple[str, int],
        count: int,
        opening: bytes = b"",
        drip: bytes = b"",
        opened_per_s: float = 200.0,
    ) -> None:
        self._door = door
        self._count = count
        self._opening = opening
        self._drip = drip
        self._pace = _Pace(opened_per_s)
        self._drips = _Pace(1.0)
        self._sources = sources(10)
        self._open: dict[int, socket.socket] = {}
        self._poll = select.poll()

    def step(self, now: float) -> None:
        """Open what is missing, drop what was closed."""
        for descriptor, _ in self._poll.poll(0):
            if _is_closed(self._open[descriptor]):
                self._poll.unregister(descriptor)
                self._open.pop(descriptor).close()
        for _ in range(min(self._pace.due(now), self._count - len(self._open))):
            self._add()
        if self._drip and self._drips.due(now):
            for one in self._open.values():
                with contextlib.suppress(OSError):
                    one.send(self._drip)

    def end(self) -> None:
        """Let go of all sockets."""
        for one in self._open.values():
            one.close()

    def _add(self) -> None:
        with contextlib.suppress(OSError):
            opened = _connected(self._door, next(self._sources))
            opened.settimeout(0.0)
            self._open[opened.fileno()] = opened
            self._poll.register(opened.fileno(), select.POLLIN | select.POLLHUP)
            opened.send(self._opening)


class Flood:
    """WebSockets that repeat some frames at a rate, all together; closed ones come back."""

    def __init__(
        self,
        door: tuple[str, int],
        frames: bytes,
        bytes_per_s: float,
        *,
        first: bytes = b"",
        count: int = 4,
        opened_per_s: float = 20.0,
    ) -> None:
        self._door = door
        self._frames = frames
        self._first = first
        self._count = count
        self._opened = _Pace(opened_per_s)
        self._sent = _Pace(bytes_per_s / len(frames) / count, most=bytes_per_s)
        self._sources = sources(40, per_address=2)
        self._open: list[socket.socket] = []

    def step(self, now: float) -> None:
        """Open what is missing, send what is due."""
        for _ in range(min(self._opened.due(now), self._count - len(self._open))):
            with contextlib.suppress(OSError):
                self._open.append(self._shake_hands())
        flood = self._frames * self._sent.due(now)
        self._open = [one for one in self._open if self._goes_on(one, flood)]

    def end(self) -> None:
        """Let go of all sockets."""
        for one in self._open:
            one.close()

    def _goes_on(self, one: socket.socket, flood: bytes) -> bool:
        try:
            # What the server does not take now is not sent: the rate is the most there is.
            with contextlib.suppress(BlockingIOError):
                one.send(flood)
            if not _is_closed(one):
                return True
        except OSError:
            pass
        one.close()
        return False

    def _shake_hands(self) -> socket.socket:
        opened = _connected(self._door, next(self._sources))
        try:
            opened.sendall(UPGRADE)
            if b" 101 " not in opened.recv(_RECV_BYTES):
                raise ConnectionError("the handshake was refused")
            opened.sendall(self._first)
        except OSError:
            opened.close()
            raise
        opened.settimeout(0.0)
        return opened


class Requests:
    """Requests at a rate, each on a connection of its own whose answer nobody reads."""

    def __init__(self, door: tuple[str, int], made: Iterator[bytes], per_s: float) -> None:
        self._door = door
        self._made = made
        self._pace = _Pace(per_s)
        self._sources = sources(100)
        self._open: list[tuple[float, socket.socket]] = []

    def step(self, now: float) -> None:
        """Send what is due, and forget what was answered or takes too long."""
        for _ in range(self._pace.due(now)):
            with contextlib.suppress(OSError):
                opened = _connected(self._door, next(self._sources))
                self._open.append((now, opened))
                opened.sendall(next(self._made))
                opened.settimeout(0.0)
        kept = []
        for began, one in self._open:
            if now - began > _ANSWER_S or _is_closed(one):
                one.close()
            else:
                kept.append((began, one))
        self._open = kept

    def end(self) -> None:
        """Let go of all sockets."""
        for _, one in self._open:
            one.close()


class _Pace:
    """How many are due by now at a rate, and at most so many at once after a pause."""

    def __init__(self, per_s: float, most: float = 1_000.0) -> None:
        self._per_s = per_s
        self._most = most
        self._at: float | None = None
        self._left = 1.0

    def due(self, now: float) -> int:
        """So many since the last time."""
        if self._at is not None:
            self._left = min(self._most, self._left + (now - self._at) * self._per_s)
        self._at = now
        whole = int(self._left)
        self._left -= whole
        return whole


def sources(block: int, *, per_address: int = _PER_ADDRESS) -> Iterator[str]:
    """Addresses to come from, so many times each: 127.BLOCK.0.1 and on."""
    for number in itertools.count():
        which = number // per_address % 60_000
        yield f"127.{block}.{which // 250}.{which % 250 + 1}"


def _connected(door: tuple[str, int], source: str) -> socket.socket:
    opened = socket.create_connection(door, _CONNECT_S, source_address=(source, 0))
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


def _is_closed(one: socket.socket) -> bool:
    """Read what came, and drop it."""
    try:
        return not one.recv(_RECV_BYTES)
    except BlockingIOError:
        return False
    except OSError:
        return True


# The attacks.

UPGRADE = (
    b"GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_FIN = 0x80
_TEXT, _PING, _PONG, _CONT = 1, 9, 10, 0
PING = frame(b"", _FIN | _PING)
LONG_PING = frame(b"x" * 125, _FIN | _PING)
PONG = frame(b"x", _FIN | _PONG)
FRAGMENT = frame(b"", _CONT)
SHORT_FRAGMENT = frame(b" ", _CONT)
BEGINNING = frame(b" ", _TEXT)
JUNK = frame(b"[")

# A gigabyte of zeros as brotli, 809 bytes; these repeat themselves and are deflated in their turn.
_BROTLI = zlib.decompress(
    base64.b85decode(
        "c-lMv|9?G$3d5s~4n^<(|NQ@-zk$U;My%o8U;F?6|1(Zt=s3)DVekLv|Nq-F2r(2!FzovN|Ih#b><&x{"
        "eB2J-|IG)gV(?%%lF0bt-v7`4|I0IQHdyE|-2Gku@Be>h1xA5()&<r7&qFQQz)&)3$*3hm(Gq(A@n^2y"
    )
)
_GZIP = gzip.compress(bytes(_GZIP_BOMB_BYTES), 9)


def bomb(coding: str) -> bytes:
    """A login whose small body unfolds to far more: `br` to 1 GiB, `gzip` to 64 MiB."""
    body = {"br": _BROTLI, "gzip": _GZIP}[coding]
    return _post("/v1/auth/login", body, f"Content-Encoding: {coding}\r\n")


def junk_tokens() -> Iterator[bytes]:
    """Requests with a new token each, that looks as ours do."""
    while True:
        token = secrets.token_urlsafe(32)
        yield (
            f"GET /v1/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
            "Connection: close\r\n\r\n"
        ).encode()


HALF_HEADERS = b"GET /v1/gigs HTTP/1.1\r\nHost: localhost\r\n"
HEADER = b"X-A: b\r\n"
HALF_BODY = (
    b"POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 10000\r\n\r\n{"
)


def _post(path: str, body: bytes, headers: str = "") -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{headers}Connection: close\r\n\r\n"
    )
    return head.encode() + body


class Scene(msgspec.Struct, frozen=True):
    """Whom an attack meets. `token` is that of an attacker who has logged in."""

    doors: Doors
    token: str
    scale: float = 1.0
    """What all rates and counts are multiplied by."""

    def held(self, door: tuple[str, int], count: int, opening: bytes, drip: bytes = b"") -> Held:
        """So many sockets, held open."""
        return Held(door, int(count * self.scale), opening, drip)

    def asked(self, made: Iterator[bytes], per_s: float) -> Requests:
        """So many requests a second."""
        return Requests(self.doors.http, made, per_s * self.scale)

    def flood(self, frames: bytes, first: bytes = b"", *, opened_per_s: float = 20.0) -> Flood:
        """A megabyte a second."""
        rate = _FLOOD_BYTES_PER_S * self.scale
        return Flood(self.doors.ws, frames, rate, first=first, opened_per_s=opened_per_s)

    def flood_of_a_person(self, frames: bytes, first: bytes = b"") -> Flood:
        """The same after a valid hello."""
        hello = frame(b'{"id":1,"op":"hello","d":{"token":"%b"}}' % self.token.encode())
        return self.flood(frames, hello + first, opened_per_s=5.0)


ATTACKS: Mapping[str, Callable[[Scene], Attack]] = {
    "brotli bombs": lambda scene: scene.asked(itertools.repeat(bomb("br")), 1.0),
    "gzip bombs": lambda scene: scene.asked(itertools.repeat(bomb("gzip")), 2.0),
    "silent HTTP sockets": lambda scene: scene.held(scene.doors.http, 1_100, b""),
    "half-sent headers": lambda scene: scene.held(scene.doors.http, 300, HALF_HEADERS, HEADER),
    "half-sent bodies": lambda scene: scene.held(scene.doors.http, 300, HALF_BODY, b" "),
    "raw WebSocket sockets": lambda scene: scene.held(scene.doors.ws, 300, UPGRADE[:40]),
    "pings before hello": lambda scene: scene.flood(PING),
    "long pings before hello": lambda scene: scene.flood(LONG_PING),
    "pongs before hello": lambda scene: scene.flood(PONG),
    "empty fragments before hello": lambda scene: scene.flood(FRAGMENT, BEGINNING),
    "fragments of a byte before hello": lambda scene: scene.flood(SHORT_FRAGMENT, BEGINNING),
    "junk before hello": lambda scene: scene.flood(JUNK),
    "pings after hello": lambda scene: scene.flood_of_a_person(PING),
    "empty fragments after hello": lambda scene: scene.flood_of_a_person(FRAGMENT, BEGINNING),
    "junk after hello": lambda scene: scene.flood_of_a_person(JUNK),
    "junk tokens": lambda scene: scene.asked(junk_tokens(), 100.0),
}
