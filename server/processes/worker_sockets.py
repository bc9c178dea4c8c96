"""Workers as the supervisor keeps them: each has a listening socket for each of the two ports.

The kernel distributes new connections over the sockets of a port. The sockets stay open while
processes are replaced, so a worker's new process gets the connections that were queued for it.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from server.listening import address_of, bound, listening
from server.processes.backoff import Backoff
from server.processes.worker_process import WorkerProcess


@dataclass(slots=True, eq=False)
class SupervisedWorker:
    """A worker's name and sockets, and the process that serves them now; `changing` is held while
    the process is replaced.
    """

    name: str
    ws: socket.socket
    http: socket.socket
    process: WorkerProcess | None = None
    backoff: Backoff = field(default_factory=Backoff)
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def refuse(self) -> None:
        """Accept no connections until a process listens again: other workers get them."""
        for door in (self.ws, self.http):
            # Linux stops listening and keeps the address; other systems do not support this.
            with contextlib.suppress(OSError):
                door.shutdown(socket.SHUT_RD)

    def close(self) -> None:
        """Close the sockets here; a process that has them keeps its own descriptors."""
        self.ws.close()
        self.http.close()


@contextlib.contextmanager
def opened(
    host: str, ws_port: int, http_port: int, count: int
) -> Iterator[Sequence[SupervisedWorker]]:
    """Workers with bound sockets; port 0 means any free port. Only their processes listen.

    Raises `NotListeningError` when a port is taken.
    """
    with contextlib.ExitStack() as stack:
        ws, http = (
            [stack.enter_context(door) for door in _bound(host, port, count, name)]
            for port, name in ((ws_port, "PARLEY_WS_PORT"), (http_port, "PARLEY_HTTP_PORT"))
        )
        names = map(str, range(1, count + 1))
        yield [SupervisedWorker(*places) for places in zip(names, ws, http, strict=True)]


def _bound(host: str, port: int, count: int, name: str) -> list[socket.socket]:
    with listening(host, port, name):
        family, address = address_of(host, port)
        # First without sharing, to fail if another instance uses this port.
        with bound(family, address) as alone:
            address = alone.getsockname()
        return [bound(family, address, share=True) for _ in range(count)]
