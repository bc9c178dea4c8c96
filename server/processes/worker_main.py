"""One of several processes on the same ports, which a supervisor starts.

Its standard input is a socket to the supervisor, over which it gets its assignment. It may wait for
that with everything imported: a spare process replaces a dead one in a tenth of a second.
"""

import asyncio
import signal
import socket
import sys

import structlog
import uvloop

from server import app, config
from server.doors.descriptors import raise_limit
from server.listening import WorkerPlace
from server.processes import assignment, failures
from server.processes.process import collect_less
from server.telemetry import logging_setup

log = structlog.get_logger()


def main() -> int:
    """Serve until SIGTERM or the supervisor's end; the exit code."""
    with socket.socket(fileno=sys.stdin.fileno()) as control:
        given = assignment.take(control)
        if given is None:
            return 0
        told, place = given
        try:
            settings = config.checked(told.settings)
        except config.ConfigurationError as error:
            sys.stderr.write(f"{error}\n")
            return 2
        logging_setup.set_up(settings.log_format, settings.log_level)
        structlog.contextvars.bind_contextvars(worker=place.worker)
        raise_limit()
        try:
            uvloop.run(_work(settings, place, control))
        except Exception as error:  # any error: the supervisor replaces the worker
            if reason := failures.expected(error, settings):
                log.error("worker_failed", reason=reason)  # noqa: TRY400 - nobody's fault
            else:
                log.exception("worker_failed")
            return 1
    return 0


async def _work(settings: config.Settings, place: WorkerPlace, control: socket.socket) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Signals may come from both a service manager and the supervisor: repeated ones do nothing.
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, ended.set)

    def hear() -> None:
        if not assignment.answer(control):
            log.warning("supervisor_gone")
            loop.remove_reader(control)
            ended.set()

    loop.add_reader(control, hear)
    async with app.running(settings, place):
        collect_less()
        control.send(assignment.READY + assignment.ALIVE)
        await ended.wait()
        log.info("worker_ending")
