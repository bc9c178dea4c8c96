"""`parley serve`: the servers it stands on, the schema, the first start's data, then the app."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import structlog
import uvloop

from server import app, seed
from server.config import Settings
from storage import embedded, migrate

log = structlog.get_logger()


def run(settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM, then end everything in reverse order; the exit code.

    A second signal does not wait for clients to be sent away.
    """
    try:
        uvloop.run(_serve(settings))
    except asyncio.CancelledError:
        return 1
    return 0


@contextlib.asynccontextmanager
async def standing_on(settings: Settings, *, shared: bool = False) -> AsyncIterator[Settings]:
    """The settings with both URLs filled in: those named, else of our own servers, run meanwhile.

    `shared=True` uses our own servers of another process that runs on the same data directory,
    instead of raising `DirectoryBusyError`.
    """
    if settings.database_url and settings.redis_url:
        yield settings
        return
    async with contextlib.AsyncExitStack() as stack:
        try:
            servers = await stack.enter_async_context(
                embedded.running(
                    settings.data_dir,
                    postgres=settings.database_url is None,
                    valkey=settings.redis_url is None,
                )
            )
        except embedded.DirectoryBusyError:
            others = embedded.addresses_of(settings.data_dir) if shared else None
            if others is None:
                raise
            servers = others
        yield settings.model_copy(
            update={
                "database_url": settings.database_url or servers.database_url,
                "redis_url": settings.redis_url or servers.redis_url,
            }
        )


async def _serve(settings: Settings) -> None:
    ended = _end_on_signals()
    own_data = settings.data_dir if settings.database_url is None else None
    async with standing_on(settings.with_secret_key()) as ready:
        assert ready.database_url is not None
        await migrate.upgrade(ready.database_url)
        if own_data is not None:
            await seed.seed(ready.database_url)
        async with app.running(ready) as running:
            log.info("serving", ws_port=running.ws_port, http_port=running.http_port)
            print(_welcome(ready, running, own_data), flush=True)
            _collect_less()
            await ended.wait()
            log.info("ending")
    log.info("ended")


def _collect_less() -> None:
    """Leave what start-up made out of garbage collection, and look at the rest less often.

    A busy process makes hundreds of thousands of objects a second, nearly all freed by their
    counts: at Python's thresholds the collector takes a seventh of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _end_on_signals() -> asyncio.Event:
    """An event that the first SIGINT or SIGTERM sets; the second cancels the task that asked."""
    ended = asyncio.Event()
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()

    def end() -> None:
        if ended.is_set() and task is not None:
            task.cancel()
        ended.set()

    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, end)
    return ended


def _welcome(settings: Settings, running: app.App, own_data: Path | None) -> str:
    """What a person needs to go on from here."""
    websocket = f"ws://{settings.host}:{running.ws_port}/v1/ws"
    http = f"http://{settings.host}:{running.http_port}"
    lines = ["", "Parley is up.", f"  WebSocket   {websocket}", f"  HTTP        {http}/v1"]
    if own_data is not None:
        first, second = seed.ACCOUNTS[:2]
        chat = f".venv/bin/parley chat --url {websocket} --http-url {http}"
        login = f'{{"email": "{first.email}", "password": "{first.password}"}}'
        lines += [
            f"  Data        {own_data.resolve()} (PostgreSQL and Valkey of its own)",
            "Chat, in two more terminals:",
            f"  {chat} --email {first.email} --password {first.password}",
            f"  {chat} --email {second.email} --password {second.password}",
            "Or by hand:",
            f"  curl -s {http}/v1/auth/login -H 'Content-Type: application/json' -d '{login}'",
        ]
    return "\n".join([*lines, "Ctrl-C ends it.", ""])
