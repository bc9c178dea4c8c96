"""The bounds of a file, a function and a class, over the whole project."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("client", "handlers", "loadtests", "protocol", "server", "storage", "tests")

FILE_LINES = 400
STATEMENTS = 40
COMPLEXITY = 10
PARAMETERS = 6
PUBLIC_METHODS = 15

Function = ast.FunctionDef | ast.AsyncFunctionDef

# Tuples: a union is made anew each time that a node is looked at.
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_OWN_SCOPE = (*_FUNCTIONS, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case)


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS))


def inside(function: Function) -> Iterator[ast.AST]:
    """What belongs to the function itself: functions and classes within it count by themselves."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _OWN_SCOPE):
            waiting.extend(ast.iter_child_nodes(node))


def statements(function: Function) -> int:
    return sum(isinstance(node, ast.stmt) for node in inside(function))


def complexity(function: Function) -> int:
    """McCabe's count of the ways through, as ruff's C901 counts it."""
    return 1 + sum(isinstance(node, _BRANCHES) for node in inside(function))


def parameters(function: Function) -> int:
    args = function.args
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return sum(arg.arg not in {"self", "cls"} for arg in named)


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in sources()}


def test_files_stay_within_their_bound():
    long = {
        str(path.relative_to(ROOT)): count
        for path in sources()
        if (count := len(path.read_text().splitlines())) > FILE_LINES
    }
    assert not long


def test_functions_stay_within_their_bounds(trees):
    over = [
        f"{file}:{function.lineno} {function.name}: {count} {what}"
        for file, tree in trees.items()
        for function in functions(tree)
        for what, count, bound in (
            ("statements", statements(function), STATEMENTS),
            ("complexity", complexity(function), COMPLEXITY),
            # A test's parameters are its fixtures.
            ("parameters", 0 if file.startswith("tests/") else parameters(function), PARAMETERS),
        )
        if count > bound
    ]
    assert not over


def is_machine(node):
    """A Hypothesis machine has a method for each of its rules, as many as there are."""
    return any("RuleBasedStateMachine" in ast.unparse(base) for base in node.bases)


def test_classes_stay_within_their_bound(trees):
    over = [
        f"{file}:{node.lineno} {node.name}"
        for file, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and not is_machine(node)
        and sum(isinstance(m, _FUNCTIONS) and not m.name.startswith("_") for m in node.body)
        > PUBLIC_METHODS
    ]
    assert not over


def test_every_module_says_what_it_is_for(trees):
    assert not [file for file, tree in trees.items() if not ast.get_docstring(tree)]


def test_no_import_hides_in_a_function(trees):
    hidden = [
        f"{file}:{node.lineno}"
        for file, tree in trees.items()
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, _IMPORTS)
    ]
    assert not hidden


def test_no_task_is_left_to_itself(trees):
    """A task whose result nobody keeps may vanish, and its error with it."""
    bare = [
        f"{file}:{node.lineno}"
        for file, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr in {"create_task", "ensure_future"}
        and "group" not in ast.unparse(node.value.func.value)
    ]
    assert not bare


NESTED = """
def f(self):
    for i in []:
        def g():
            if i:
                x()
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n    pass", (1, 1, 0)),
        ("def f(a, *, b):\n    if a and b:\n        return 1\n    return 2", (3, 2, 2)),
        (NESTED, (2, 2, 0)),
    ],
)
def test_the_measures_measure(source, expected):
    function = next(functions(ast.parse(source)))
    assert (statements(function), complexity(function), parameters(function)) == expected
