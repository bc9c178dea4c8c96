"""What the code of workflows refuses with 409 is what they declare, action by action."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

from handlers import workflows
from handlers.workflows import WORKFLOWS
from protocol.machine import ASKABLE
from storage.workflows.workflow import Conflict, Workflow

ROOM = Path(workflows.__file__).parent


def named(function: FunctionType, tree: ast.AST) -> Iterator[Any]:
    """The values of the module, and of modules it imports, that a function names."""
    names = function.__globals__
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield names.get(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = names.get(node.value.id)
            yield getattr(module, node.attr, None) if isinstance(module, ModuleType) else None


def carried_out(tree: ast.AST) -> Iterator[Callable[..., Any] | None]:
    """The effects of the transitions of other rows that a function carries out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("work."):
            told = [str(a.value) for a in node.args if isinstance(a, ast.Constant)]
            if len(told) >= 2 and told[0] in WORKFLOWS:
                yield WORKFLOWS[told[0]].effects.get(told[1])


def reached(function: Callable[..., Any], seen: set[FunctionType]) -> set[Conflict]:
    """The conflicts that a function may raise, by itself and by what it calls."""
    function = inspect.unwrap(function)
    is_own = isinstance(function, FunctionType) and function.__module__.startswith("handlers.")
    if not is_own or function in seen:
        return set()
    assert isinstance(function, FunctionType)
    seen.add(function)
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    values = [*named(function, tree), *carried_out(tree)]
    found = {value for value in values if isinstance(value, Conflict)}
    return found.union(*(reached(v, seen) for v in values if isinstance(v, FunctionType)))


def raised(workflow: Workflow, action: str) -> set[Conflict]:
    """What an action may raise that its guards have not judged, under the same locks."""
    code = [workflow.makers.get(action), workflow.effects.get(action)]
    seen: set[FunctionType] = set()
    found = set[Conflict]().union(*(reached(f, seen) for f in code if f is not None))
    guards = {name for t in workflow.machine.named(action) for name in t.guards}
    return {c for c in found if c.says not in {workflow.guards[name].says for name in guards}}


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)
def test_each_action_declares_the_conflicts_that_it_may_raise(workflow: Workflow) -> None:
    for action in {t.action for t in workflow.machine.transitions if t.by & ASKABLE}:
        assert set(workflow.conflicts.get(action, ())) == raised(workflow, action), action


def test_nothing_else_raises_a_conflict() -> None:
    for path in ROOM.rglob("*.py"):
        found = re.findall(r"RequestError\(\s*(?:ErrorCode\.)?CONFLICT", path.read_text())
        assert not found, f"{path}: declare a Conflict, and raise its error"
