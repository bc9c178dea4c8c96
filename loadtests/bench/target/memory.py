"""Memory by group of processes: what belongs to it alone, and its share of what it shares (PSS)."""

from collections.abc import Mapping
from pathlib import Path

from loadtests.bench.target.cpu import CpuMeter

KIB = 1024


def pss_bytes(roots: Mapping[str, int]) -> dict[str, float]:
    """Proportional set size of each group (proc_pid_smaps_rollup(5)); `roots` as for `CpuMeter`.

    Raises `PermissionError` when the processes are another account's.
    """
    members = CpuMeter(roots).members()
    return {name: float(sum(map(_pss_of, pids))) for name, pids in members.items()}


def _pss_of(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    kib = next(line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(kib) * KIB
