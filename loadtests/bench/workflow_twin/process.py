"""The twin of the workflows as a process, on the database of a running server."""

import contextlib
from collections.abc import Iterator

from loadtests.bench.rest_twin import process
from loadtests.bench.target.instance import Instance

SQLALCHEMY = process.ROOT / ".venv-peers" / ".workflow_twin"
APP = "loadtests.bench.workflow_twin.app:app"


def is_installed() -> bool:
    """Whether `make bench` has installed what the twin needs."""
    return process.is_installed() and SQLALCHEMY.exists()


@contextlib.contextmanager
def started(server: Instance) -> Iterator[Instance]:
    """The twin as long as the block lasts, as `server` with another app. Raises `InstanceError`."""
    with process.started(server, APP) as twin:
        yield twin
