"""CPU time by group of processes, read from outside: Linux's /proc and nothing of the server's.

A group is a process and all that descend from it, but for those of another group below it: the app
starts PostgreSQL, and its time is PostgreSQL's. Children that ended count through the times that
their parent keeps of them, so that short-lived backends are not lost.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat behind the command's closing bracket (proc_pid_stat(5)).
_PARENT = 1
_TIMES = slice(11, 15)
_IDLE = (3, 4)  # idle and iowait in the first line of /proc/stat
_GUESTS = 8  # from here on times that user time holds already

DRIVER = "driver"
OTHERS = "others"


class ProcessGoneError(Exception):
    """A process that is being measured has ended."""


class _Process(NamedTuple):
    parent: int
    seconds: float


def parent_of(pid: int) -> int:
    """The process that started `pid`. Raises `ProcessGoneError`."""
    process = _read(pid)
    if process is None:
        raise ProcessGoneError(f"process {pid} has ended")
    return process.parent


class CpuMeter:
    """CPU seconds of the groups named, of this process (`driver`) and of all else (`others`)."""

    def __init__(self, roots: Mapping[str, int]) -> None:
        self._group_of = {pid: name for name, pid in roots.items()}

    def read(self) -> dict[str, float]:
        """CPU seconds so far; only differences of two readings mean something.

        Raises `ProcessGoneError` when a group's first process has ended.
        """
        processes = _all_processes()
        for pid, name in self._group_of.items():
            if pid not in processes:
                raise ProcessGoneError(f"{name} (process {pid}) has ended")
        seconds = dict.fromkeys(self._group_of.values(), 0.0)
        for pid, process in processes.items():
            group = self._find(pid, processes)
            if group is not None:
                seconds[group] += process.seconds
        seconds[DRIVER] = time.process_time()
        seconds[OTHERS] = _machine_busy_s() - sum(seconds.values())
        return seconds

    def members(self) -> dict[str, list[int]]:
        """The processes that each group has now."""
        processes = _all_processes()
        found: dict[str, list[int]] = {name: [] for name in self._group_of.values()}
        for pid in processes:
            group = self._find(pid, processes)
            if group is not None:
                found[group].append(pid)
        return found

    def _find(self, pid: int, processes: Mapping[int, _Process]) -> str | None:
        while pid not in self._group_of:
            process = processes.get(pid)
            if process is None:
                return None
            pid = process.parent
        return self._group_of[pid]


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """CPU seconds of each group between two readings."""
    return {name: after[name] - before[name] for name in before}


def _all_processes() -> dict[int, _Process]:
    found = {}
    for entry in os.listdir(_PROC):  # noqa: PTH208  # names are enough, and paths cost the driver
        if entry.isdigit() and (process := _read(int(entry))) is not None:
            found[int(entry)] = process
    return found


def _read(pid: int) -> _Process | None:
    try:
        line = (_PROC / str(pid) / "stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command stands in brackets and may hold anything, brackets and spaces too.
    fields = line.rpartition(b")")[2].split()
    return _Process(int(fields[_PARENT]), sum(map(int, fields[_TIMES])) * _TICK_S)


def _machine_busy_s() -> float:
    first = (_PROC / "stat").read_bytes().partition(b"\n")[0].split()[1:]
    ticks = [int(field) for field in first[:_GUESTS]]
    return (sum(ticks) - sum(ticks[index] for index in _IDLE)) * _TICK_S
