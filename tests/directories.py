"""Where the servers of tests keep their data."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOM_BYTES = 4 << 30
"""The servers' data take a small part of it."""


@contextlib.contextmanager
def server_directory() -> Iterator[Path]:
    """A new directory, removed at the end of the block.

    In memory where there is room: a server's data are a thousand small files, and to make them last
    on a disk takes seconds. Not below pytest's own directory, which every session of pytest closes
    to the account that servers run as for root.
    """
    memory = Path("/dev/shm")
    has_room = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_BYTES
    directory = Path(tempfile.mkdtemp(prefix="parley-tests-", dir=memory if has_room else None))
    yield directory
    shutil.rmtree(directory)
