"""What the nodes' logs tell: how connections were closed, and what should not have happened."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def read(files: Iterable[Path]) -> tuple[Counter[str], Counter[str]]:
    """Connections closed, by code, and lines of level `error` or worse, by event."""
    closes: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for file in files:
        with file.open("rb") as lines:
            for line in lines:
                entry = _entry(line)
                if entry.get("event") == "connection_closed":
                    closes[str(entry.get("code"))] += 1
                if entry.get("level") in {"error", "critical"}:
                    errors[str(entry.get("event"))[:120]] += 1
    return closes, errors


def _entry(line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
