"""Server processes of our own: started apart from the terminal, found again after a crash, ended.

PostgreSQL refuses to run as root, so as root the servers run as an ordinary account, and the
directories that lead to their files let that account pass.
"""

import asyncio
import contextlib
import errno
import os
import pwd
import re
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil
import structlog

log = structlog.get_logger()

_ACCOUNTS_FOR_ROOT = ("postgres", "nobody")
_PASSED_ON = ("PATH", "TMPDIR", "TZDIR")
_POLL_S = 0.02
_FULL = os.strerror(errno.ENOSPC)
_HINTS_AT_FULL = "Check free disk space"
_TELLS = re.compile(r"((PANIC|FATAL|ERROR|error): |.*(Permission denied|cannot open shared)).*")


class ServerFailedError(RuntimeError):
    """An embedded server did not start; the message is one line, with the place of its log."""


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def account_for(directory: Path) -> pwd.struct_passwd | None:
    """The account that a server keeping its data in `directory` runs as; None is our own.

    Only root needs another: the owner of data that is there already, else the first that exists
    of `postgres` and `nobody`.
    """
    if os.geteuid() != 0:
        return None
    if directory.exists() and (owner := directory.stat().st_uid) != 0:
        try:
            return pwd.getpwuid(owner)
        except KeyError:
            raise ServerFailedError(
                f"{directory} is that of user id {owner}, who is nobody here: chown -R it to an "
                "account of this machine, or set PARLEY_DATA_DIR to another directory"
            ) from None
    for name in _ACCOUNTS_FOR_ROOT:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerFailedError(
        f"as root, an account to run PostgreSQL as is needed: one of {_ACCOUNTS_FOR_ROOT}"
    )


def private_directory(directory: Path, account: pwd.struct_passwd | None) -> None:
    """Make `directory` (mode 0700) for the account, and let the account reach it."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(directory, account.pw_uid, account.pw_gid)
        let_pass(directory)


def private_file(file: Path, text: str, account: pwd.struct_passwd | None) -> None:
    """Write `text` to `file` so that only the account (and root) can ever have read it."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
        if account is not None:
            os.fchown(descriptor, account.pw_uid, account.pw_gid)


def let_pass(path: Path) -> None:
    """Let every account pass through the directories above `path`; pass, not list."""
    for directory in path.resolve().parents:
        mode = directory.stat().st_mode
        if not mode & stat.S_IXOTH:
            log.warning("directory_opened_for_search", directory=str(directory))
            directory.chmod(mode | stat.S_IXOTH)


def let_read(trees: Iterable[Path]) -> None:
    """Let every account read and run what is below each tree: a wheel installed by root."""
    for tree in trees:
        let_pass(tree)
        for path in (tree, *tree.rglob("*")):
            mode = path.stat().st_mode
            wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
            if mode != wanted:
                path.chmod(wanted)


def clean_environment() -> dict[str, str]:
    """An environment in which nobody's PGPORT or LC_ALL changes what a server does."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return passed_on | {"LC_ALL": "C.UTF-8"}


def launch(
    command: Sequence[str | Path],
    directory: Path,
    account: pwd.struct_passwd | None,
    log_file: Path,
) -> psutil.Popen:
    """Start a server in a session of its own, so that Ctrl-C reaches us alone.

    Its output goes to `log_file`; the log of the run before is kept beside it as `.old`.
    """
    if log_file.exists():
        log_file.replace(log_file.with_suffix(".old"))
    with log_file.open("wb") as output:
        return psutil.Popen(
            [str(part) for part in command],
            cwd=directory,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )


def run_to_end(
    command: Sequence[str | Path],
    directory: Path,
    account: pwd.struct_passwd | None,
    within_s: float,
) -> None:
    """Run a program that ends by itself; `ServerFailedError` with its words when it fails."""
    done = subprocess.run(  # noqa: S603 - the wheels' own programs and our own paths
        [str(part) for part in command],
        cwd=directory,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode:
        why = telling(f"{done.stdout}{done.stderr}")
        raise ServerFailedError(f"{Path(command[0]).name} failed in {directory}: {why}")


def left_running(pid_file: Path, directory: Path) -> psutil.Process | None:
    """The server that an earlier, killed run left in `directory`, told by its pid and its cwd.

    The number in a stale file may be anybody's by now, hence the second mark.
    """
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        ours = Path(process.cwd()) == directory.resolve()
    except (OSError, ValueError, psutil.Error):
        return None
    return process if ours else None


async def end(
    process: psutil.Process, *, ask: signal.Signals, insist: signal.Signals, within_s: float = 20.0
) -> None:
    """End a server by `ask`, and by `insist` when it has not gone within the time."""
    for sign, patience_s in ((ask, within_s), (insist, 5.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(sign)
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if has_ended(process):
                return
            await asyncio.sleep(_POLL_S)
        log.warning("embedded_server_slow_to_end", pid=process.pid, signal=sign.name)


def has_ended(process: psutil.Process) -> bool:
    """True when the process runs no more; a zombie that nobody reaps (a container's) has ended."""
    if isinstance(process, psutil.Popen):
        return process.poll() is not None
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def reason_in(log_file: Path) -> str:
    """Why a server ended, by its log: the line that tells it, and where the log is."""
    try:
        return f"{telling(log_file.read_text(errors='replace'))} (the log is {log_file})"
    except OSError:
        return f"it left no log at {log_file}"


def telling(said: str) -> str:
    """The line of a program's output that tells why it has failed, and what to do if that is plain.

    What follows a full disk are errors that tell less.
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    for line, following in zip(lines, [*lines[1:], ""], strict=False):
        if _FULL in line or _HINTS_AT_FULL in following:
            # A page that was written in part has no error number: only the hint says why.
            why = "" if _FULL in line else f": {_FULL}"
            return f"{_told(line)}{why}: make room there, or set PARLEY_DATA_DIR to another disk"
    telling_lines = [line for line in lines if _TELLS.search(line)] or lines
    return _told(telling_lines[-1]) if lines else "it said nothing"


def _told(line: str) -> str:
    """The line without what stands before its level."""
    found = _TELLS.search(line)
    return found[0] if found else line


def last_lines(log_file: Path, count: int = 12) -> str:
    """The end of a server's log, for the message of an error."""
    try:
        return "\n".join(log_file.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return "(no log)"
