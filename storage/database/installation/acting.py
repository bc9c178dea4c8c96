"""Acting as the roles that requests run as, and telling when that is not possible.

PostgreSQL answers with the error of a wrong value for a role that is not there, and with that of a
lacking right for one that the login is no member of. Neither is the client's fault.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg


class RoleLackingError(RuntimeError):
    """The login cannot act as a role; the message says what an operator does about it."""


class ServiceLostError(RoleLackingError):
    """A new connection does not act as the service, so it can do nothing: as if there were none."""


@contextmanager
def becoming() -> Iterator[None]:
    """Around taking on a role and nothing else. Raises `RoleLackingError`."""
    try:
        yield
    except (asyncpg.InvalidParameterValueError, asyncpg.InsufficientPrivilegeError) as error:
        raise RoleLackingError(
            f"{error}: `parley migrate --print-superuser` prints the statements that make the "
            "roles and let the login act as them; /readyz says what is lacking"
        ) from error
