"""What the settings of the platform begin with, as the migrations say it."""

import re
from functools import cache
from pathlib import Path

_STEPS = Path(__file__).parents[2] / "migrations" / "sql"
_STATEMENT = re.compile(
    r"^(INSERT INTO|DELETE FROM) platform_settings (.*?);$", re.MULTILINE | re.DOTALL
)
_ROW = re.compile(r"\('([a-z_]+)', '([^']*)',\s+'")
_KEY = re.compile(r"'([a-z_]+)'")


@cache
def seeded_settings() -> dict[str, str]:
    """The value of each setting of a new database, by its key."""
    found: dict[str, str] = {}
    for step in sorted(_STEPS.glob("[0-9]*_[0-9]*.sql")):
        for verb, said in _STATEMENT.findall(step.read_text()):
            if verb == "INSERT INTO":
                found = dict(_ROW.findall(said)) | found
            else:
                gone = set(_KEY.findall(said))
                found = {key: value for key, value in found.items() if key not in gone}
    return found
