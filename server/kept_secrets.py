"""Secrets that nobody set: made once, and kept in the data directory for its owner alone."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import SecretStr

from storage.embedded.data_directory import make_data_dir


def kept_secret(data_dir: Path, name: str) -> SecretStr:
    """The secret of this name, made on the first call with mode 0600.

    Raises `OSError` when it cannot be kept.
    """
    made = kept_file(data_dir, name, lambda: secrets.token_urlsafe(32).encode())
    return SecretStr(made.read_text().strip())


def kept_file(data_dir: Path, name: str, make: Callable[[], bytes]) -> Path:
    """The file of this name, made on the first call with mode 0600; raises as `kept_secret` does.

    Of several processes that make it at once one does, and the others find it. It is there whole,
    or not at all, also after the machine has lost its power.
    """
    file = data_dir / name
    make_data_dir(data_dir)
    if not _is_made(file):
        with _locked(data_dir) as directory:
            if not _is_made(file):
                # What a process leaves that dies here is written over by the next.
                unfinished = file.with_name(f".{name}.unfinished")
                _write(unfinished, make())
                unfinished.rename(file)
                os.fsync(directory)
    return file


def _is_made(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


@contextlib.contextmanager
def _locked(data_dir: Path) -> Iterator[int]:
    """Nobody else makes a file there meanwhile; a descriptor of the directory."""
    directory = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield directory
    finally:
        os.close(directory)


def _write(file: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    descriptor = os.open(file, flags, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        os.fchmod(descriptor, 0o600)
        opened.write(data)
        opened.flush()
        os.fsync(descriptor)
