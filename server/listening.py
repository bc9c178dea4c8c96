"""Where a process listens: how many may wait there, and a worker's place among others."""

import socket
from dataclasses import dataclass
from pathlib import Path

BACKLOG = 1024
"""Connections that wait at a door to be accepted: all clients of a dead node come at once."""


@dataclass(frozen=True, slots=True)
class WorkerPlace:
    """A worker's place among those of one supervisor: its name, its doors, where figures meet."""

    worker: str
    ws: socket.socket
    http: socket.socket
    figures: Path
