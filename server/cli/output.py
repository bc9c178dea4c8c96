"""What commands print, also to a reader that has enough of it, such as `head`."""

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def may_end() -> Iterator[None]:
    """Around a command: a reader of its output who leaves is no failure."""
    try:
        yield
    finally:
        try:
            if sys.stdout is not None:  # closed by whoever started it
                sys.stdout.flush()
        except BrokenPipeError:
            _give_up()


def tell(text: str) -> None:
    """Print it, unless nobody reads any more."""
    try:
        if sys.stdout is not None:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
    except BrokenPipeError:
        _give_up()


def _give_up() -> None:
    """Send what is still buffered nowhere: Python would try, and complain, at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
