"""Where `parley` begins. Its modules take a second to load, and Ctrl-C meanwhile is no fault."""

import gc
import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130
"""What a shell says of a program that SIGINT ended."""


def interrupted(command: str) -> int:
    """The exit code of a command that Ctrl-C ended; `serve` has no other end."""
    return 0 if command == "serve" else INTERRUPTED


def _end(_sign: int, _frame: FrameType | None) -> None:
    # Within an import an exception would go through code that others wrote.
    os._exit(interrupted("".join(sys.argv[1:2])))


_is_heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _is_heard:
    signal.signal(signal.SIGINT, _end)

# As for a worker (server/processes/worker.py).
gc.disable()

from server.cli import command_line  # noqa: E402  # what takes the second

gc.enable()

if _is_heard:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def main() -> int:
    """Run one command of the command line; its exit code."""
    try:
        return command_line.main()
    except KeyboardInterrupt:
        return interrupted("".join(sys.argv[1:2]))


if __name__ == "__main__":
    sys.exit(main())
