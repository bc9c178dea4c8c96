"""`parley demo [--url HTTP --ws WS]`: plays both stories; what failed is told with its step."""

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

import aiohttp
import uvloop

from client.connection.addresses import door
from client.errors import ClientError
from server.cli import output
from server.cli.demo import casting, closing, gig_story, instance, job_story
from server.cli.demo.casting import Login
from server.cli.demo.person import DemoError
from server.cli.demo.stage import Place, Stage
from server.cli.one_line import Parser
from server.cli.said import Said
from server.telemetry import logging_setup
from storage.embedded.processes import ServerFailedError
from storage.people.passwords import SAMPLE_PASSWORD

Tell = Callable[[str], None]

_SECURE = {"http": "ws", "https": "wss"}


def run(argv: Sequence[str]) -> Said:
    """Play; nothing more to tell if everything came as the stories have it."""
    options = _parser().parse_args(argv)
    # What the instance logs is no part of what is shown, but its faults are.
    logging_setup.set_up("console", "error")
    if options.url is None:
        playing = on_own_instance(output.tell)
    else:
        playing = on_server(options.url, _ws_url(options), options.password, output.tell)
    try:
        fault = uvloop.run(playing)
    except ServerFailedError as error:
        fault = str(error)
    except asyncio.CancelledError:
        fault = "ended by a signal"
    return Said("") if fault is None else Said(f"parley demo: {fault}", 1)


async def on_server(http_url: str, ws_url: str, password: str, tell: Tell) -> str | None:
    """Play with the sample people of a server that runs; what was not as it should be."""
    place = Place(http_url.rstrip("/"), ws_url, is_own=False)
    return await _fault_of(_played(place, tell, casting.sample_logins(password)))


async def on_own_instance(tell: Tell) -> str | None:
    """Play on an instance that is gone afterwards; what was not as it should be."""
    # Ended by a signal too, it takes its servers down.
    playing = asyncio.current_task()
    assert playing is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)
    tell("An instance of its own is started, in a temporary directory.\n")
    async with instance.running() as (served, settings):
        assert settings.database_url is not None
        http_url = f"http://127.0.0.1:{served.http_port}"
        await casting.make_people(http_url, settings.database_url, tell)
        place = Place(http_url, f"ws://127.0.0.1:{served.ws_port}/v1/ws", is_own=True)
        # Not raised through the instance, whose tasks would make groups of it.
        return await _fault_of(_played(place, tell, casting.OWN))


async def _fault_of(playing: Awaitable[None]) -> str | None:
    try:
        await playing
    except (DemoError, ClientError, aiohttp.ClientError, TimeoutError) as error:
        return str(error) or type(error).__name__
    return None


async def _played(place: Place, tell: Tell, logins: Sequence[Login]) -> None:
    async with casting.cast(place, tell, logins) as stage:
        if place.is_own:
            await casting.begin_month(stage)
        await _play(stage)


async def _play(stage: Stage) -> None:
    terms = await casting.terms_of(stage)
    await job_story.play(stage, terms)
    await gig_story.play(stage, terms)
    stage.see_nothing_more()
    await closing.show(stage)


def _ws_url(options: argparse.Namespace) -> str:
    """As told, else the door of the same host, at 8765 where the other has a port."""
    if options.ws is not None:
        return str(options.ws)
    parts = urlsplit(options.url)
    port = "" if parts.port is None else ":8765"
    return f"{_SECURE.get(parts.scheme, 'ws')}://{parts.hostname}{port}/v1/ws"


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="parley demo",
        description="Play a job and the order of a gig, with two people's sockets open: on an "
        "instance of its own, whose clock it moves, or on a server with its sample people.",
    )
    parser.add_argument(
        "--url",
        type=door("http", "https", has_path=False),
        help="the HTTP door of a server that runs, http://127.0.0.1:8080",
    )
    parser.add_argument(
        "--ws", type=door("ws", "wss"), help="its WebSocket door (unset: of the same host)"
    )
    parser.add_argument(
        "--password", default=SAMPLE_PASSWORD, help="of its sample people (%(default)s)"
    )
    return parser
