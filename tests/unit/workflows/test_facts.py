"""What is asked of a row together with it is what its action needs."""

import re

import pytest

from handlers.workflows import WORKFLOWS
from storage.workflows.facts import creation_sql, facts_sql

SINCE = re.compile(r"AS since_(\w+)")


def timed(workflow, transitions):
    names = {name for transition in transitions for name in transition.guards}
    return {name for name in names if workflow.guards[name].since}


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)
def test_the_times_that_are_read_are_those_of_the_guards_of_the_action(workflow):
    """Of a row's own action over the row itself, of a creation over its parent."""
    for action in workflow.machine.askable():
        rows = [t for t in workflow.machine.named(action) if not t.is_creation]
        assert set(SINCE.findall(facts_sql(workflow, action))) == timed(workflow, rows)
    if workflow.creation is not None:
        parent = WORKFLOWS.get(workflow.creation.parent)
        found = set(SINCE.findall(creation_sql(workflow, parent)))
        assert found == timed(workflow, workflow.creations)
