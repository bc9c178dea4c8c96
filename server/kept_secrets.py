"""Secrets that nobody set: made once, and kept in the data directory for its owner alone."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from storage.embedded.data_directory import make_data_dir


def kept_secret(data_dir: Path, name: str) -> SecretStr:
    """The secret of this name, made on the first call with mode 0600.

    Raises `OSError` when it cannot be kept.
    """
    file = data_dir / name
    make_data_dir(data_dir)
    if not file.exists():
        unfinished = file.with_name(f"{name}.{os.getpid()}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as opened:
            opened.write(secrets.token_urlsafe(32))
        unfinished.rename(file)
    return SecretStr(file.read_text().strip())
