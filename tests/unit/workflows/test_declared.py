"""What a workflow declares is what its code does."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import msgspec

from handlers import workflows
from handlers.workflows import WORKFLOWS
from server.http.documents.additions import said_of

SOURCES = [path.read_text() for path in Path(workflows.__file__).parent.rglob("*.py")]


def _read_of_bodies() -> dict[str, set[str]]:
    """The members that functions read of a parameter, by the name of its struct."""
    found: dict[str, set[str]] = defaultdict(set)
    for source in SOURCES:
        for function in ast.walk(ast.parse(source)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                names = {
                    argument.arg: re.findall(r"\w+", ast.unparse(argument.annotation))
                    for argument in function.args.args
                    if argument.annotation is not None
                }
                for node in ast.walk(function):
                    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                        for struct in names.get(node.value.id, []):
                            found[struct].add(node.attr)
    return found


def test_nothing_of_a_body_is_thrown_away():
    read = _read_of_bodies()
    bodies = {shape for workflow in WORKFLOWS.values() for shape in workflow.bodies.values()}
    unread = {
        f"{shape.__name__}.{field.name}"
        for shape in bodies
        for field in msgspec.structs.fields(shape)
        if field.name not in read[shape.__name__]
    }
    # The parent of what begins is read by its column: `Creation.parent_key`.
    parents = {w.creation.parent_key for w in WORKFLOWS.values() if w.creation is not None}
    # Without a payment method it is the wallet that pays: that one of the two is said is checked.
    known = {"Pay.wallet"}
    assert {name for name in unread - known if name.partition(".")[2] not in parents} == set()


def _said() -> set[str]:
    """The actions of system messages that effects say themselves."""
    calls = (node for source in SOURCES for node in ast.walk(ast.parse(source)))
    said = (c for c in calls if isinstance(c, ast.Call) and ast.unparse(c.func).endswith(".say"))
    return {str(a.value) for call in said for a in call.args if isinstance(a, ast.Constant)}


def test_every_system_message_that_is_said_is_documented():
    assert {"gig.order", "proposal.accept", "contract.tip"} <= _said()
    assert _said() <= said_of(WORKFLOWS.values()).keys()
