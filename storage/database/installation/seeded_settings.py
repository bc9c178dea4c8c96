"""What the settings of the platform begin with, as the migrations say it."""

import re
from functools import cache
from pathlib import Path

_STEPS = Path(__file__).parents[2] / "migrations" / "sql"
_STATEMENT = re.compile(r"^INSERT INTO platform_settings .*?;$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"\('([a-z_]+)', '([^']*)', '")


@cache
def seeded_settings() -> dict[str, str]:
    """The value of each setting of a new database, by its key."""
    found: dict[str, str] = {}
    for step in sorted(_STEPS.glob("*.sql")):
        for statement in _STATEMENT.findall(step.read_text()):
            found = dict(_ROW.findall(statement)) | found
    return found
