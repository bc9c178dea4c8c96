"""Secrets that nobody set: made once, and kept in the data directory for its owner alone."""

import os
import secrets
from collections.abc import Callable
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

    Of several processes that make it at once one's stays, which all of them then read.
    """
    file = data_dir / name
    make_data_dir(data_dir)
    if not file.exists():
        unfinished = file.with_name(f"{name}.{secrets.token_hex(8)}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(make())
        _put_in_place(unfinished, file)
    return file


def _put_in_place(unfinished: Path, file: Path) -> None:
    """Give a file its name unless another has it, where the file system knows links."""
    try:
        os.link(unfinished, file)
    except FileExistsError:
        pass
    except OSError:
        unfinished.rename(file)
        return
    unfinished.unlink()
