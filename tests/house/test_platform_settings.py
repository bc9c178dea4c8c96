"""Every setting that workflows wait by is one of a new database, and none has lost its reader."""

import re
from pathlib import Path

from handlers.workflows import WORKFLOWS
from storage.database.installation.seeded_settings import seeded_settings

ROOT = Path(__file__).parents[2]
_READ = re.compile(r"""(?:setting_length\('|setting_length\("|length_of\(work, ")([a-z_]+)""")
_SOURCES = [*(ROOT / "handlers").rglob("*.py"), *(ROOT / "storage").rglob("*.py"),
            *(ROOT / "storage" / "sql").rglob("*.sql")]  # fmt: skip


def test_what_workflows_wait_by_is_there():
    timed = {
        due.setting
        for workflow in WORKFLOWS.values()
        for due in workflow.machine.all_dues()
        if due.setting
    }
    read = {name for path in _SOURCES for name in _READ.findall(path.read_text())}
    assert {"offer_days", "refund_cleared_days"} <= timed | read
    assert not (timed | read) - seeded_settings().keys()
