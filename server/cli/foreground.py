"""`python -m server.cli.foreground PROGRAM …`: for `make run`. Ctrl-C reaches the program alone.

The terminal sends Ctrl-C to its whole foreground group, and make, which is in it, would then fail
whatever exit code the server has. So the program gets a group of its own, in the foreground
meanwhile. Ctrl-Z is ignored: make would go on waiting, and nobody could continue the program.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from types import FrameType


def main(command: Sequence[str]) -> int:
    """Run the program to its end; its exit code, as a shell tells it."""
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # The program inherits it.
    # Without a terminal there is no Ctrl-C, and whoever ends the whole group ends the program too.
    is_terminal = os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp()
    process = subprocess.Popen(command, process_group=0 if is_terminal else None)  # noqa: S603 - what make gives

    def pass_on(sign: int, _: FrameType | None) -> None:
        process.send_signal(sign)

    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, pass_on)
    # A closed terminal: SIGHUP would ask a supervisor to exchange its workers.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        signal.signal(signal.SIGHUP, lambda *_: process.terminate())
    with _foreground(process.pid) if is_terminal else contextlib.nullcontext():
        code = process.wait()
    return code if code >= 0 else 128 - code


@contextlib.contextmanager
def _foreground(group: int) -> Iterator[None]:
    """Make this group the terminal's foreground meanwhile."""
    # Else the kernel stops a process of the background that sets the foreground.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    ours = os.getpgrp()
    with contextlib.suppress(OSError):  # The program, or the terminal, has gone already.
        os.tcsetpgrp(0, group)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.tcsetpgrp(0, ours)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
