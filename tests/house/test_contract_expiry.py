"""What PostgreSQL shows as the end of a contract's waiting is what its machine waits by."""

import re
from pathlib import Path

from handlers.workflows.contracts.contract import CONTRACT

SCHEMA = Path(__file__).parents[2] / "storage" / "schema.sql"
_FUNCTION = re.compile(
    r"CREATE FUNCTION public\.keep_contract_expiry\(\).*?\$\$(.*?)\$\$", re.DOTALL
)
_STATE = re.compile(r"WHEN '(\w+)' THEN setting_length\('(\w+)'\)")


def test_the_expiry_of_a_contract_is_the_timer_that_cancels_it():
    found = _FUNCTION.search(SCHEMA.read_text())
    assert found is not None
    cancelling = {
        state: (due.setting, due.since)
        for state, dues in CONTRACT.dues.items()
        for due in dues
        if due.action == "cancel"
    }
    # The function counts from when the row began, as a timer without a column does for a state in
    # which rows begin, and which none comes back to.
    assert cancelling == {state: (name, ()) for state, name in _STATE.findall(found[1])}
    entered = [t for t in CONTRACT.transitions if t.target in cancelling]
    assert entered
    assert all(t.is_creation for t in entered)
