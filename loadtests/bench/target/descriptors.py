"""Descriptors: what thousands of sockets need, of the driver and, by inheritance, of the server."""

import resource

SPARE = 500
"""What a process has open besides: databases, logs, listening sockets."""


class TooFewDescriptorsError(Exception):
    """This many sockets cannot be held; the message says what would let them."""


def allow(sockets: int) -> None:
    """Let this process, and those that it starts from now on, hold so many sockets.

    Raises `TooFewDescriptorsError`.
    """
    needed = sockets + SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= needed or soft == resource.RLIM_INFINITY:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise TooFewDescriptorsError(
            f"{sockets:,} connections need {needed:,} file descriptors in one process, and the "
            f"hard limit is {hard:,} (`ulimit -Hn`): raise it, or ask for fewer connections"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
