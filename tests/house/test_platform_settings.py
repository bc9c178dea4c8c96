"""Every setting that is read is one of a new database, and none has lost its reader."""

import re
from pathlib import Path

from handlers.workflows import WORKFLOWS
from storage.database.installation.seeded_settings import seeded_settings

ROOT = Path(__file__).parents[2]
_READ = re.compile(
    r"""(?:setting_(?:length|number|amount)\(|length_of\(work, |s\.key = )["']([a-z_]+)["']"""
)
_QUOTED = re.compile(r"""["']([a-z_]+)["']""")
_STORAGE = ROOT / "storage"
_SOURCES = [*(ROOT / "handlers").rglob("*.py"), *_STORAGE.rglob("*.py"),
            *(_STORAGE / "sql").rglob("*.sql"), _STORAGE / "schema.sql"]  # fmt: skip

_UNREAD = {"account_restore_days", "activity_days", "data_request_days", "job_analysis"}
"""Those that nothing reads yet: what they say is not built."""


def _found(pattern: re.Pattern[str]) -> set[str]:
    return {name for path in _SOURCES for name in pattern.findall(path.read_text())}


def test_what_is_read_is_there():
    timed = {
        due.setting
        for workflow in WORKFLOWS.values()
        for due in workflow.machine.all_dues()
        if due.setting
    }
    beside = {name for workflow in WORKFLOWS.values() for name in workflow.beside.settings}
    read = _found(_READ)
    assert {"offer_days", "refund_cleared_days", "repeats_per_day", "view_address_days"} <= read
    assert "tip_days" in timed | read
    assert beside
    assert not (timed | beside | read) - seeded_settings().keys()


def test_what_is_there_is_read():
    assert seeded_settings().keys() - _found(_QUOTED) == _UNREAD
