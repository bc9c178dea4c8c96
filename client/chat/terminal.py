"""`parley chat`: a terminal client. With a terminal it edits lines; with a pipe it reads them."""

import argparse
import asyncio
import getpass
import io
import logging
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlsplit

import aiohttp
import structlog
from prompt_toolkit import PromptSession
from prompt_toolkit.patch_stdout import patch_stdout

from client.chat.links import Links
from client.chat.room import Room
from client.chat.text import cut, safe
from client.connection.addresses import door
from client.connection.connection import Dial
from client.connection.credentials import Credentials
from client.connection.frames import JSON, MSGPACK
from client.connection.http import Api, Grant
from client.errors import ClientError
from client.session import Session

PASSWORD = "PARLEY_CHAT_PASSWORD"  # noqa: S105  # the name of the variable
READY_S = 15.0
TYPING_EVERY_S = 3.0
SETTLE_S = 0.3
"""After the last line of a pipe: the time for what it caused to be shown."""
PROMPT = "> "
TITLE_COLUMNS = 40
"""Of the line at the bottom, so that what follows is seen too."""


@dataclass(slots=True)
class Keys:
    """When the user last changed the line, and when others were last told."""

    pressed_at: float = 0.0
    told_at: float = 0.0


def main(argv: list[str]) -> int:
    """Runs the chat; returns 0, or 1 when there is no login or the session ended by itself."""
    options = _parser().parse_args(argv)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that is not UTF-8 is shown what it lacks as an escape.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return asyncio.run(_run(options))
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        # Whoever reads has enough; Python would try once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


class _Parser(argparse.ArgumentParser):
    """Tells wrong use in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="parley chat", description="Chat in a terminal.")
    parser.add_argument(
        "--url", type=door("ws", "wss"), default=Dial().url, help="the WebSocket door (%(default)s)"
    )
    parser.add_argument(
        "--http-url",
        type=door("http", "https"),
        help="the HTTP door (unset: of the same host, at 8080 where --url has a port)",
    )
    parser.add_argument("--email", help="log in with this address")
    parser.add_argument("--password", help=f"or in {PASSWORD}; asked for otherwise")
    parser.add_argument("--register", metavar="NAME", help="make the account first, with this name")
    parser.add_argument("--token", help="an access token instead of a login")
    parser.add_argument("--msgpack", action="store_true", help="speak MessagePack instead of JSON")
    parser.add_argument(
        "--stay",
        type=float,
        default=0.0,
        metavar="S",
        help="with a pipe: listen on so many seconds",
    )
    return parser


async def _run(options: argparse.Namespace) -> int:
    http_url = options.http_url or _http_url(options.url)
    async with Api(http_url) as api:
        try:
            credentials = await _log_in(options, api)
        except (ClientError, aiohttp.ClientError, TimeoutError) as error:
            _complain(f"no login: {error}")
            return 1
        dial = Dial(options.url, MSGPACK if options.msgpack else JSON)
        async with Session(credentials, dial) as session:
            try:
                await session.ready(READY_S)
                return await _chat(session, Links(session, http_url), options.stay)
            except TimeoutError:
                _complain(f"no connection to {options.url} within {READY_S:.0f} s")
            except ClientError as error:
                _complain(str(error))
            return 1


def _http_url(url: str) -> str:
    parts = urlsplit(url)
    # Without a port it is a proxy's, which has one origin for both doors.
    port = "" if parts.port is None else ":8080"
    host = parts.netloc.rpartition("@")[2].removesuffix(f":{parts.port}")
    return f"{'https' if parts.scheme == 'wss' else 'http'}://{host}{port}"


async def _log_in(options: argparse.Namespace, api: Api) -> Credentials:
    if options.token is not None:
        return Credentials(api, token=options.token)
    if options.email is None:
        raise ClientError("--email or --token is needed")
    password = options.password or os.environ.get(PASSWORD)
    if password is None and sys.stdin.isatty():
        password = await asyncio.to_thread(getpass.getpass)
    if not password:
        raise ClientError(f"--password or {PASSWORD} is needed")
    grant: Grant
    if options.register is not None:
        grant = await api.register(options.email, password, options.register)
    else:
        grant = await api.login(options.email, password)
    return Credentials(api, grant=grant, login=(options.email, password))


async def _chat(session: Session, links: Links, stay_s: float) -> int:
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    keys = Keys()
    async with AsyncExitStack() as stack:
        stack.enter_context(patch_stdout(raw=False) if is_terminal else nullcontext())
        room = Room(session, links, _print)
        changes = session.changes()
        listener = asyncio.create_task(room.listen(changes))
        stack.push_async_callback(_reap, listener)
        if is_terminal:
            teller = asyncio.create_task(_tell_typing(session, room, keys))
            stack.push_async_callback(_reap, teller)
        _print(f"connected as {session.state.me}; /help lists the commands")
        await room.enter("/list")
        lines = _typed(session, room, keys) if is_terminal else _piped()
        talker = asyncio.create_task(_talk(room, lines))
        stack.push_async_callback(_reap, talker)
        await asyncio.wait([listener, talker], return_when=asyncio.FIRST_COMPLETED)
        if listener.done():
            await listener
            _complain("the session has ended")
            return 1
        await talker
        if not is_terminal:
            await asyncio.wait([listener], timeout=max(SETTLE_S, stay_s))
    return 0


async def _talk(room: Room, lines: AsyncIterator[str]) -> None:
    async for line in lines:
        if not await room.enter(line):
            return


async def _typed(session: Session, room: Room, keys: Keys) -> AsyncIterator[str]:
    """Lines from a terminal, with editing; what comes in meanwhile appears above the line."""

    def status() -> str:
        state = session.state
        link = "" if session.is_connected else " · offline"
        typing = state.ephemeral.typing_in(room.place or "", time.monotonic())
        where = cut(room.where(), TITLE_COLUMNS) or "no conversation open"
        return f" {where} · {state.unread_messages} unread{link}" + (" · typing…" if typing else "")

    def pressed(_: object) -> None:
        keys.pressed_at = time.monotonic()

    prompt: PromptSession[str] = PromptSession(
        erase_when_done=True, bottom_toolbar=status, refresh_interval=1.0
    )
    prompt.default_buffer.on_text_changed += pressed
    while True:
        try:
            yield await prompt.prompt_async(PROMPT)
        except (EOFError, KeyboardInterrupt):
            return


async def _tell_typing(session: Session, room: Room, keys: Keys) -> None:
    """Tells the open conversation that the user types, every few seconds while it goes on."""
    while True:
        await asyncio.sleep(0.5)
        now = time.monotonic()
        if room.place is None or now - keys.pressed_at > 1.0:
            continue
        if now - keys.told_at >= TYPING_EVERY_S and session.is_connected:
            keys.told_at = now
            try:
                await session.typing(room.place)
            except ClientError:
                continue  # others are not told; nothing is lost


async def _piped() -> AsyncIterator[str]:
    """Lines from a pipe or a file, read beside the loop."""
    lines: asyncio.Queue[str | None] = asyncio.Queue(64)
    loop = asyncio.get_running_loop()

    def put(line: str | None) -> None:
        asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()

    def read() -> None:
        for line in sys.stdin:
            put(line)
        put(None)

    # A daemon: a pipe that stays open must not keep a chat alive that has ended.
    threading.Thread(target=_unless_closed(read), daemon=True).start()
    while (line := await lines.get()) is not None:
        yield line


def _unless_closed(read: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            read()
        except RuntimeError:
            return  # the loop is closed: nobody reads the lines any more

    return run


async def _reap(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _complain(reason: str) -> None:
    sys.stderr.write(f"parley chat: {safe(reason)}\n")
