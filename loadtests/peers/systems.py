"""The systems that are compared: how each is started, who talks there, and what it has stored."""

import contextlib
import os
import shutil
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from loadtests.bench.drivers import seats
from loadtests.bench.drivers.audience import Audience
from loadtests.bench.drivers.dialect import Dialect
from loadtests.bench.drivers.turns import Turns
from loadtests.bench.drivers.wire import Connection
from loadtests.bench.target import database, instance
from loadtests.bench.target.accounts import Login
from loadtests.bench.target.instance import APP
from loadtests.peers import dialects, programs
from loadtests.peers.stores import Stores

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / ".venv-peers" / "bin"
_HERE = Path(__file__).parent
_NODE_FOLDER = _HERE / "socketio_node"
_SECRET = "of-the-benchmark-alone-and-of-no-use-elsewhere"  # noqa: S105  # as it says

_STORED = "select count(*) from messages"
_PUT_MEMBERS = """
insert into members (conversation_id, user_id) select * from unnest($1::uuid[], $2::uuid[])
"""


class MissingError(Exception):
    """A system cannot run here; the message says what it needs."""


class Serving:
    """A system that runs: its first processes, and its people seated for either load."""

    def __init__(
        self, roots: dict[str, int], pairs: Callable[[], Turns], group: Callable[[], Audience]
    ) -> None:
        self.roots = roots
        self.pairs = pairs
        self.group = group


class System(ABC):
    """One that is compared. Its database is made by `prepare`, once a run."""

    name: str
    database: str

    @abstractmethod
    def check(self) -> None:
        """Raise `MissingError` unless it can run here."""

    @abstractmethod
    def prepare(self, stores: Stores, pairs: int, members: int) -> None:
        """Put the people there: so many pairs, and a sender with so many members."""

    @abstractmethod
    def serving(self, stores: Stores, data_dir: Path) -> contextlib.AbstractContextManager[Serving]:
        """The running system as long as the block lasts. Raises `FAILURES`."""

    def log_file(self, data_dir: Path) -> Path:
        """Where it logs while it runs."""
        return data_dir / f"{self.database}.log"

    def stored(self, stores: Stores) -> int:
        """The messages in its database."""
        count: int = stores.work(self.database, lambda on: on.fetchval(_STORED))
        return count


class Parley(System):
    """`parley serve` with all its guarantees on, without limits of rates."""

    name = "Parley"
    database = "parley"

    def __init__(self) -> None:
        self._pairs: Sequence[Login] = ()
        self._group: Sequence[Login] = ()

    def check(self) -> None:
        """It is always there."""

    def prepare(self, stores: Stores, pairs: int, members: int) -> None:
        """People with a session each; conversations are made over the wire."""
        people = database.people_at(stores.url(self.database), 2 * pairs + 1 + members)
        self._pairs, self._group = people[: 2 * pairs], people[2 * pairs :]

    def log_file(self, data_dir: Path) -> Path:
        """As its instance names it."""
        return data_dir / self.database / "bench_server.log"

    @contextlib.contextmanager
    def serving(self, stores: Stores, data_dir: Path) -> Iterator[Serving]:
        """Beside the stores that run already."""
        with instance.started_beside(
            data_dir / self.database, stores.url(self.database), stores.redis_url, stores.roots
        ) as server:
            yield Serving(
                server.roots,
                lambda: seats.pairs(server.ws, self._pairs),
                lambda: seats.group(server.ws, self._group),
            )


class Peer(System):
    """A server of `loadtests/peers/`, whose people are rows in its own database."""

    def __init__(
        self, name: str, dialect: Dialect, command: Sequence[str], needs: Mapping[str, bool]
    ) -> None:
        self.name = name
        self.database = name.lower().replace(" ", "_")
        self._dialect = dialect
        self._command = command
        self._needs = needs
        self._conversations: list[tuple[str, list[str]]] = []

    def check(self) -> None:
        """Raise `MissingError` unless all that it needs is installed."""
        for what, is_there in self._needs.items():
            if not is_there:
                raise MissingError(what)

    def prepare(self, stores: Stores, pairs: int, members: int) -> None:
        """The tables, and who is a member of what: the pairs first, the group last."""
        sizes = [*[2] * pairs, 1 + members]
        self._conversations = [
            (str(uuid.uuid4()), [str(uuid.uuid4()) for _ in range(size)]) for size in sizes
        ]
        rows = [(where, who) for where, people in self._conversations for who in people]
        stores.create(self.database)
        schema = (_HERE / "schema.sql").read_text()
        stores.work(self.database, lambda on: on.execute(schema))
        columns = [list(column) for column in zip(*rows, strict=True)]
        stores.work(self.database, lambda on: on.execute(_PUT_MEMBERS, *columns))

    @contextlib.contextmanager
    def serving(self, stores: Stores, data_dir: Path) -> Iterator[Serving]:
        """The server as a process of its own."""
        port = programs.free_port()
        settings = {
            **os.environ,
            "DATABASE_URL": stores.url(self.database),
            "REDIS_URL": stores.redis_url,
            "JWT_SECRET": _SECRET,
            "PORT": str(port),
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "loadtests.peers.channels_django.settings",
            "NODE_ENV": "production",
        }
        command = [part.format(port=port) for part in self._command]
        url = f"ws://127.0.0.1:{port}"
        log_file = self.log_file(data_dir)
        with programs.running(command, settings, port, log_file) as pid:
            yield Serving(
                {APP: pid, **stores.roots}, lambda: self._seat_pairs(url), lambda: self._seat(url)
            )

    def _seat_pairs(self, url: str) -> Turns:
        turns = Turns(self._dialect)
        try:
            for conversation_id, people in self._conversations[:-1]:
                turns.add([self._connect(url, who) for who in people], conversation_id, 0)
        except BaseException:
            turns.close()
            raise
        return turns

    def _seat(self, url: str) -> Audience:
        conversation_id, people = self._conversations[-1]
        audience = Audience(self._dialect, self._connect(url, people[0]), conversation_id)
        try:
            audience.add([self._connect(url, who) for who in people[1:]])
        except BaseException:
            audience.close()
            raise
        return audience

    def _connect(self, url: str, user_id: str) -> Connection:
        return self._dialect.connect(url, dialects.token(user_id, _SECRET))


_UVICORN = [
    *(str(PROGRAMS / "uvicorn"), "--port={port}", "--loop=uvloop", "--http=httptools"),
    *("--ws=websockets-sansio", "--ws-per-message-deflate=false"),
    *("--no-access-log", "--log-level=warning"),
]


def every() -> list[System]:
    """All, Parley first."""
    node = shutil.which("node")
    packages = "its packages, which `make bench-peers` installs"
    has_python = {packages: (PROGRAMS / "uvicorn").exists()}
    return [
        Parley(),
        Peer(
            "Socket.IO",
            dialects.SocketIo(joined=b'42["ready"'),
            [node or "node", str(_NODE_FOLDER / "server.mjs")],
            {
                "Node.js 20 or newer, as `node` on the PATH": node is not None,
                packages: (_NODE_FOLDER / "node_modules").exists(),
            },
        ),
        Peer(
            "python-socketio",
            dialects.SocketIo(joined=b"40{"),
            [*_UVICORN, "loadtests.peers.socketio_python:app"],
            has_python,
        ),
        Peer(
            "Channels",
            dialects.Channels(),
            [*_UVICORN, "loadtests.peers.channels_django.asgi:application"],
            has_python,
        ),
    ]
