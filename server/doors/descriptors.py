"""Descriptors of a process: how many it may have, and how many of them are for sockets."""

import contextlib
import os
import resource

import structlog

log = structlog.get_logger()

BESIDE_POOLS = 16
"""Connections to the stores beside the pools: writers, lease, upkeep, subscriber."""
OF_A_CLUSTER = 64
"""Masters of a Redis Cluster, to each of which the subscriber has a connection."""
ROOM_MIN = 16
"""The least that is left for sockets: a server that answers nobody cannot be asked why."""
_UNBOUNDED = 1_048_576
"""What is asked for where the system names no bound: it may still have one."""


def raise_limit() -> int:
    """Raise this process' soft limit of descriptors to the hard one; the limit in force."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _UNBOUNDED if hard == resource.RLIM_INFINITY else hard
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return limit_in_force()
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError) as error:
        log.warning("descriptor_limit_not_raised", soft=soft, hard=hard, reason=str(error))
    return limit_in_force()


def limit_in_force() -> int:
    """How many descriptors this process may have."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _UNBOUNDED if soft == resource.RLIM_INFINITY else soft


def room_for_sockets(limit: int, *, pools: int, is_cluster: bool, spare: int) -> int:
    """How many clients' sockets fit, beside connections to PostgreSQL and Redis and the spare.

    `pools` are the connections of both pools.
    """
    stores = pools + BESIDE_POOLS + (OF_A_CLUSTER if is_cluster else 0)
    room = limit - stores - spare
    if room < ROOM_MIN:
        log.warning("few_descriptors", limit=limit, stores=stores, spare=spare)
    return max(room, ROOM_MIN)


def is_out_of_descriptors() -> bool:
    """Whether the process, or the system, has no descriptor left.

    The event loop does not tell: it accepts what waits and closes it again.
    """
    try:
        descriptor = os.dup(0)
    except OSError:
        # Descriptor 0 may be closed; then this says nothing about the others.
        with contextlib.suppress(OSError):
            os.close(os.open("/", os.O_RDONLY))
            return False
        return True
    os.close(descriptor)
    return False
