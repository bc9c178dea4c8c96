"""Failures that an operator is to expect, each as one line that says what to do.

What is not among them is a fault of the program and keeps its traceback. A worker loads this, and
nothing here imports Alembic, which takes a fifth of a second: workers do not migrate.
"""

import errno
import os
import pwd
from pathlib import Path

import asyncpg
from sqlalchemy.exc import DBAPIError

from server.config import Settings
from server.listening import NotListeningError
from server.processes.clock_check import ClockMovedError
from server.processes.redis_check import RedisUnusableError
from server.processes.worker_process import WorkersFailedError
from storage.database.installation.checks import NewerSchemaError, NotInstalledError
from storage.database.lock_retries import MigrationBlockedError
from storage.database.logins import LoginRefusedError
from storage.embedded.data_directory import DirectoryBusyError, server_log
from storage.embedded.processes import ServerFailedError, reason_in
from storage.resources.upkeep.holding import AccessError

_WITH_WORDS = (
    DirectoryBusyError,
    ServerFailedError,
    WorkersFailedError,
    MigrationBlockedError,
    LoginRefusedError,
    NotInstalledError,
    NotListeningError,
    RedisUnusableError,
    AccessError,
    NewerSchemaError,
    ClockMovedError,
)
"""They say themselves what to do."""
_AWAY = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)
_FULL = {errno.ENOSPC, errno.EDQUOT}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_DIRECTORY = {errno.ENOTDIR, errno.EEXIST}


def expected(error: BaseException, settings: Settings) -> str | None:
    """The line to print; None for an error that nobody expects."""
    said = _said(error, settings)
    return None if said is None else " ".join(said.split("\n"))


def _said(error: BaseException, settings: Settings) -> str | None:
    data_dir = settings.data_dir
    # Background tasks run in groups, which wrap what goes wrong beside them.
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    if isinstance(error, DBAPIError) and isinstance(error.orig, Exception):
        # SQLAlchemy wraps its own adapter's error around that of the driver.
        error = error.orig.__cause__ or error.orig
    match error:
        case _ if isinstance(error, _WITH_WORDS):
            return str(error)
        case asyncpg.DiskFullError():
            return (
                f"PostgreSQL's disk is full ({_first(error)}): make room there, then start again; "
                "nothing of the step is kept"
            )
        case OSError() if isinstance(error.filename, str) or error.errno in _FULL:
            return _of_file(error, data_dir)
        case _ if isinstance(error, _AWAY):
            said = _first(error)
            if settings.database_url is not None:
                return f"PostgreSQL went away ({said}): its log says why"
            return f"PostgreSQL went away ({said}): {reason_in(server_log(data_dir))}"
        case _:
            return None


def _first(error: BaseException) -> str:
    """The first line of an error: what PostgreSQL hints at follows it."""
    return str(error).partition("\n")[0] or type(error).__name__


def _of_file(error: OSError, data_dir: Path) -> str | None:
    path = Path(error.filename) if isinstance(error.filename, str) else data_dir
    if error.errno in _FULL:
        return f"the disk is full at {path}: make room, or set PARLEY_DATA_DIR to another disk"
    here, whole = path.absolute(), data_dir.absolute()
    if not (here.is_relative_to(whole.parent) or whole.is_relative_to(here)):
        return None
    if error.errno in _CLOSED:
        owner, ours = _owner_of(path), _name_of(os.geteuid())
        return (
            f"{path}: {error.strerror}: it is {owner}'s, and this runs as {ours}; run as its "
            "owner, or set PARLEY_DATA_DIR to another directory"
        )
    if error.errno in _NO_DIRECTORY:
        return f"{path} is not a directory: set PARLEY_DATA_DIR to another one"
    return None


def _owner_of(path: Path) -> str:
    """Whose the path is, or the nearest directory above that may be looked at."""
    for place in (path.absolute(), *path.absolute().parents):
        try:
            return _name_of(place.stat().st_uid)
        except OSError:
            continue
    return "somebody else"


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"
