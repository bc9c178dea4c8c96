"""One WebSocket of one person, by the library's own client under gevent.

Locust has patched the standard library before this is imported: threads, here and in the library,
are greenlets. One of ours reads; replies go to who asked, events to a callback.
"""

import contextlib
import itertools
import socket
import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import orjson
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

_TIMEOUT_S = 10.0
_JSON = Subprotocol("parley.v1.json")
_names = itertools.count(1)

Event = dict[str, Any]
OnEvent = Callable[["Device", Event, float], None]
"""Told of each event with the time it was read, in seconds of `time.perf_counter`."""


class DeviceError(Exception):
    """A command was refused, or not answered, or the connection has ended."""


class Device:
    """A connection that can be lost and opened again; it goes on from what it has seen."""

    def __init__(self, ws_url: str, on_event: OnEvent) -> None:
        self.name = f"device {next(_names)}"
        self.ended = "it was not opened"
        self._ws_url = ws_url
        self._on_event = on_event
        self._ids = itertools.count(1)
        self._asked: dict[int, Future[Event]] = {}
        self._connection: ClientConnection | None = None
        self._resume: dict[str, Any] = {}
        self._revs: dict[str, int] = {}

    @property
    def is_open(self) -> bool:
        """Whether commands can be sent."""
        return not self.ended

    def open(self, token: str) -> Event:
        """Connect and say hello, resuming if it was open before; the reply's `d`.

        Raises `DeviceError`.
        """
        try:
            self._connection = connect(
                self._ws_url,
                subprotocols=[_JSON],
                compression=None,
                open_timeout=_TIMEOUT_S,
                ping_interval=None,
                close_timeout=1.0,
                max_size=None,
            )
        except (OSError, InvalidHandshake, TimeoutError) as error:
            raise DeviceError(f"connecting: {error}") from error
        self.ended = ""
        threading.Thread(target=self._read, args=(self._connection,), daemon=True).start()
        d: dict[str, Any] = {"token": token, "client": {"name": "load"}}
        if self._resume:
            d["resume"] = self._resume | {"revs": self._revs}
        told = self.ask("hello", d)
        self._resume = {"epoch": told["epoch"], "offset": told["offset"]}
        return told

    def ask(self, op: str, d: dict[str, Any]) -> Event:
        """Send a command and wait for its reply's `d`. Raises `DeviceError`."""
        if self.ended or self._connection is None:
            raise DeviceError(f"the connection has ended: {self.ended}")
        number = next(self._ids)
        waiting: Future[Event] = Future()
        self._asked[number] = waiting
        try:
            self._connection.send(orjson.dumps({"id": number, "op": op, "d": d}).decode())
            reply = waiting.result(_TIMEOUT_S)
        except TimeoutError:
            raise DeviceError(f"no reply within {_TIMEOUT_S:g} s") from None
        except ConnectionClosed as error:
            raise DeviceError(f"the connection has ended: {error}") from error
        finally:
            self._asked.pop(number, None)
        if "error" in reply:
            refusal = reply["error"]
            raise DeviceError(f"{refusal['code']}: {refusal['message']}")
        answer: Event = reply["d"]
        return answer

    def cut(self) -> None:
        """End the connection by a reset, as a network that fails does."""
        if self._connection is not None:
            self.ended = "it was cut"
            raw = self._connection.socket
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                raw.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the connection in good order."""
        self.ended = self.ended or "it was closed"
        if self._connection is not None:
            self._connection.close()

    def _read(self, connection: ClientConnection) -> None:
        why = "the server closed it"
        try:
            for payload in connection:
                self._take(orjson.loads(payload), time.perf_counter())
        except ConnectionClosed as error:
            why = str(error)
        if connection is self._connection:
            self.ended = self.ended or why
            for waiting in list(self._asked.values()):
                waiting.set_exception(DeviceError(f"the connection has ended: {why}"))

    def _take(self, told: Event, now: float) -> None:
        if "re" in told:
            waiting = self._asked.get(told["re"])
            if waiting is not None:
                waiting.set_result(told)
            return
        if "at" in told:
            self._resume["offset"] = told["at"]
        d = told["d"]
        if "rev" in d:
            conversation_id = (d.get("message") or d).get("conversation_id")
            if conversation_id is not None:
                self._revs[conversation_id] = d["rev"]
        self._on_event(self, told, now)
