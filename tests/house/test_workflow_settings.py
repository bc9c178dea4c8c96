"""Every time that workflows go by is a setting that a new database has."""

import re
from pathlib import Path

from handlers.workflows import WORKFLOWS
from storage.database.installation.seeded_settings import seeded_settings

ROOT = Path(__file__).parents[2]
_NAMED = re.compile(r"""(?:setting_length|length_of)\([^)'"]*['"]([a-z_]+)['"]\)""")


def test_every_length_that_is_named_is_seeded() -> None:
    of_timers = {
        due.setting
        for workflow in WORKFLOWS.values()
        for dues in workflow.machine.dues.values()
        for due in dues
        if due.setting
    }
    sources = [path.read_text() for path in (ROOT / "handlers" / "workflows").rglob("*.py")]
    of_guards = {name for text in sources for name in _NAMED.findall(text)}
    assert {"offer_days", "refund_cleared_days"} <= of_timers | of_guards
    assert not (of_timers | of_guards) - seeded_settings().keys()
