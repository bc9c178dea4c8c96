"""How much the marketplace's REST layer is: `python -m tests.resource_lines`.

Lines as they stand in the files, comments and empty ones too.
"""

import sys
from pathlib import Path

from handlers.resources import RESOURCES

ROOT = Path(__file__).parents[1]
PARTS = {
    "declarations of resources": ["handlers/resources/*.py", "!handlers/resources/machines.py"],
    "declarations of machines": ["handlers/resources/machines.py", "protocol/machine.py"],
    "engine": [
        "storage/database/idempotency.py",
        "storage/resources/**/*.py",
        "!storage/resources/view_counts.py",
        "server/http/resources/paths.py",
        "server/http/resources/query.py",
        "server/http/documents/marketplace/discovery.py",
        "server/http/documents/marketplace/operations.py",
        "server/http/documents/marketplace/resources.py",
        "server/outbox/cache_invalidation.py",
    ],
    "handlers": [
        "server/http/resources/discovery.py",
        "server/http/resources/marketplace.py",
        "storage/resources/view_counts.py",
    ],
}


def lines() -> dict[str, int]:
    """The lines of each part."""
    return {name: sum(map(_lines, _files(patterns))) for name, patterns in PARTS.items()}


def _files(patterns: list[str]) -> set[Path]:
    found: set[Path] = set()
    for pattern in patterns:
        files = set(ROOT.glob(pattern.removeprefix("!")))
        found = found - files if pattern.startswith("!") else found | files
    return found


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


if __name__ == "__main__":
    for part, count in lines().items():
        sys.stdout.write(f"{count:6} {part}\n")
    sys.stdout.write(f"{len(RESOURCES):6} resources\n")
