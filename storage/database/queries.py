"""SQL has a home: one `.sql` file a repository, each query named and described.

A file is a sequence of blocks, each opened by `-- name: snake_case` and a line that says what it
is for. A test prepares every one of them against the migrated schema.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

SQL_DIR = Path(__file__).parents[1] / "sql"
_BLOCK = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def load_queries(repository: str) -> Mapping[str, str]:
    """The queries of `sql/<repository>.sql` by name; `messages/writer` is a repository.

    Raises `FileNotFoundError` for an unknown repository and `ValueError` for a repeated name.
    """
    parts = _BLOCK.split((SQL_DIR / f"{repository}.sql").read_text(encoding="utf-8"))
    names, texts = parts[1::2], parts[2::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{repository}.sql names a query twice")
    return MappingProxyType({name: text.strip() for name, text in zip(names, texts, strict=True)})


def repositories() -> list[str]:
    """Every repository that has a file of queries."""
    files = (path.relative_to(SQL_DIR) for path in SQL_DIR.rglob("*.sql"))
    return sorted(path.with_suffix("").as_posix() for path in files)
