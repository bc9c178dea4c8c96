"""A connection for tests that hides nothing: frames in both formats, as they go over the wire."""

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgpack  # type: ignore[import-untyped]  # it ships no types
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

Format = Literal["json", "msgpack"]
FORMATS: tuple[Format, Format] = ("json", "msgpack")
WAIT_S = 10.0


class Refused(Exception):
    """A command was answered with an error, which is `body`."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(f"{body['code']}: {body['message']}")
        self.body = body
        self.code: str = body["code"]


def pack(form: Format, value: Any) -> str | bytes:
    """A value as a frame of this format."""
    return orjson.dumps(value).decode() if form == "json" else msgpack.packb(value)


def unpack(form: Format, frame: str | bytes) -> Any:
    """A frame as a value; a frame of the other kind fails the test."""
    assert isinstance(frame, str) == (form == "json")
    return orjson.loads(frame) if form == "json" else msgpack.unpackb(frame)


class Wire:
    """One WebSocket connection. It reads all the time; what came waits to be asked for.

    `frames` holds all that came, decoded, in order. Waits raise `TimeoutError` after `WAIT_S`, and
    `ConnectionClosed` when the server has closed.
    """

    def __init__(self, socket: ClientConnection, form: Format) -> None:
        self.socket = socket
        self.form = form
        self.frames: list[dict[str, Any]] = []
        self.events: deque[dict[str, Any]] = deque()
        self.hello: dict[str, Any] = {}
        self._ids = itertools.count(1)
        self._replies: dict[int | None, deque[dict[str, Any]]] = {}
        self._news = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Close from this side."""
        await self.socket.close()
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader

    async def ask(self, op: str, d: Mapping[str, Any] | None = None, **fields: Any) -> Any:
        """The `d` of the reply. Raises `Refused`."""
        return await self.answer(await self.tell(op, d, **fields))

    async def refusal(self, op: str, d: Mapping[str, Any] | None = None, **fields: Any) -> Any:
        """The `error` of the reply to a command that must be refused."""
        reply = await self.reply(await self.tell(op, d, **fields))
        assert "error" in reply, f"{op} was not refused: {reply}"
        return reply["error"]

    async def tell(self, op: str, d: Mapping[str, Any] | None = None, **fields: Any) -> int:
        """Send a command and wait for nothing; its id."""
        command_id = next(self._ids)
        d = {name: _plain(value) for name, value in {**(d or {}), **fields}.items()}
        await self.send({"id": command_id, "op": op, "d": d})
        return command_id

    async def answer(self, command_id: int) -> Any:
        """The `d` of the reply to this command. Raises `Refused`."""
        reply = await self.reply(command_id)
        if "error" in reply:
            raise Refused(reply["error"])
        return reply["d"]

    async def reply(self, command_id: int | None, timeout_s: float = WAIT_S) -> dict[str, Any]:
        """The next whole reply to this id; None is that of frames that were not understood."""
        found: deque[dict[str, Any]] = await self._until(
            lambda: self._replies.get(command_id), timeout_s
        )
        return found.popleft()

    async def expect(
        self,
        ev: str,
        timeout_s: float = WAIT_S,
        where: Callable[[dict[str, Any]], bool] = lambda _d: True,
    ) -> dict[str, Any]:
        """The next event of this name whose `d` satisfies `where`, whole, taken out of `events`."""

        def found() -> dict[str, Any] | None:
            return next((e for e in self.events if e["ev"] == ev and where(e["d"])), None)

        event: dict[str, Any] = await self._until(found, timeout_s)
        self.events.remove(event)
        return event

    async def shown(self, where: Callable[[dict[str, Any]], bool]) -> None:
        """Return when some frame, of now or before, satisfies `where`."""
        await self._until(lambda: any(where(frame) for frame in self.frames))

    async def flushed(self) -> None:
        """Return when all that the server wrote to this connection before now has come."""
        await self.ask("ping")

    async def send(self, value: Any) -> None:
        """Send a value as a frame of this connection's format."""
        await self.send_frame(pack(self.form, value))

    async def send_frame(self, frame: str | bytes) -> None:
        """Send a frame as it is: text for str, binary for bytes."""
        await self.socket.send(frame)

    async def closed(self, timeout_s: float = WAIT_S) -> int | None:
        """The code with which the server closes."""
        async with asyncio.timeout(timeout_s):
            await asyncio.wait([self._reader])
            await self.socket.wait_closed()
        return self.socket.close_code

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in self.socket:
                value = unpack(self.form, frame)
                self.frames.append(value)
                if "ev" in value:
                    self.events.append(value)
                else:
                    self._replies.setdefault(value["re"], deque()).append(value)
                self._news.set()
        self._news.set()

    async def _until(self, look: Callable[[], Any], timeout_s: float = WAIT_S) -> Any:
        async with asyncio.timeout(timeout_s):
            while not (found := look()):
                if self._reader.done():
                    self._reader.result()
                    await self.socket.recv()  # raises what ended the connection
                self._news.clear()
                await self._news.wait()
        return found


async def open_wire(port: int, form: Format | None, **options: Any) -> Wire:
    """A connection that has not said hello; no `form` offers no subprotocol and speaks JSON."""
    subprotocols = None if form is None else [Subprotocol(f"parley.v1.{form}")]
    settings: dict[str, Any] = {
        "subprotocols": subprotocols,
        "compression": None,
        "max_size": None,
        "ping_interval": None,
        "proxy": None,
        "open_timeout": WAIT_S,
        "close_timeout": 1,
    }
    socket = await connect(f"ws://127.0.0.1:{port}/v1/ws", **settings | options)
    return Wire(socket, form or "json")


def _plain(value: Any) -> Any:
    """Ids may be given as UUIDs."""
    match value:
        case None | bool() | int() | float() | str() | bytes():
            return value
        case list() | tuple():
            return [_plain(item) for item in value]
        case dict():
            return {_plain(name): _plain(item) for name, item in value.items()}
        case _:
            return str(value)
