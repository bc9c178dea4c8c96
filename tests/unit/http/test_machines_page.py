"""`docs/machines.md` is what the machines say, and the document of paths tells the same."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from handlers.resources import SHOWN
from handlers.workflows import WORKFLOWS
from protocol.machine import ASKABLE
from server.http.documents.machines import page
from server.http.documents.openapi import openapi
from server.http.documents.reference import nameless_table
from storage.database.installation.seeded_settings import seeded_settings

PAGE = (Path(__file__).parents[3] / "docs" / "machines.md").read_text(encoding="utf-8")
PATHS = json.loads(openapi(nameless_table()))["paths"]

every_workflow = pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)


def test_the_page_is_what_the_machines_say():
    assert page(WORKFLOWS.values(), seeded_settings()) == PAGE, (
        "run: python -m server.http.documents.machines > docs/machines.md"
    )


@every_workflow
def test_each_action_is_a_row_and_an_arrow(workflow):
    title = workflow.machine.name.replace("_", " ").capitalize()
    (told,) = re.findall(rf"^## {title}$\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    for transition in workflow.machine.transitions:
        (row, *_more) = re.findall(rf"^\| `{transition.action}`[ (|].*$", told, re.MULTILINE)
        assert row.count("|") == 6, row
    assert len(re.findall(r" --> (?!\[\*\])", told)) == len(
        {
            (source, transition.ends_in(source))
            for transition in workflow.machine.transitions
            for source in transition.sources
        }
    )


@every_workflow
def test_each_path_tells_who_may_ask_and_what_refuses_them(workflow):
    if workflow.resource not in SHOWN:
        return
    for action in workflow.machine.askable():
        operation = PATHS[f"/v1/{workflow.resource}/{{key}}/{action}"]["post"]
        rows = [t for t in workflow.machine.named(action) if not t.is_creation]
        lines = operation["description"].splitlines()
        assert len(lines) == len([t for t in rows if t.by & ASKABLE])
        for transition in rows:
            for name in transition.guards:
                assert workflow.guards[name].says in operation["description"]
        assert {"403", "404", "409", "412", "422"} <= operation["responses"].keys()
        assert ("428" in operation["responses"]) == any(t.needs_match for t in rows)
        shape = workflow.bodies.get(action)
        assert ("requestBody" in operation) == (shape is not None)
        if shape is not None:
            body = operation["requestBody"]
            msgspec.convert(body["content"]["application/json"]["example"], shape)


def test_conflicts_that_effects_tell_are_on_the_page():
    """Every message that a workflow's own code refuses with 409, beside those of its guards."""
    said = {conflict.says for workflow in WORKFLOWS.values()
            for told in workflow.conflicts.values() for conflict in told}  # fmt: skip
    assert said
    assert all(f"{says} (409" in PAGE for says in said)
