"""What a workflow declares is what its code does."""

import ast
import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec

from handlers import workflows
from handlers.workflows import WORKFLOWS
from handlers.workflows.words import ACTIVE
from protocol.machine import ASKABLE, Party
from server.http.documents.additions import said_of

SOURCES = [path.read_text() for path in Path(workflows.__file__).parent.rglob("*.py")]


def _named_in(function: ast.AST, owner: str) -> dict[str, list[str]]:
    """The names within a function that are a struct's: by annotation, as `self`, or once asked."""
    named: dict[str, list[str]] = defaultdict(list)
    for node in ast.walk(function):
        match node:
            case ast.arg(arg=name, annotation=ast.expr() as annotation):
                named[name] += re.findall(r"\w+", ast.unparse(annotation))
            case ast.arg(arg="self"):
                named["self"].append(owner)
            case ast.Call(func=ast.Name("isinstance"), args=[ast.Name(name), asked]):
                named[name] += re.findall(r"\w+", ast.unparse(asked))
    return named


def _functions() -> Iterator[tuple[ast.AST, str]]:
    """Every function, with the class that it is a method of."""
    for source in SOURCES:
        for owner in ast.walk(ast.parse(source)):
            name = owner.name if isinstance(owner, ast.ClassDef) else ""
            for node in ast.iter_child_nodes(owner):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield node, name


def _read_of_bodies() -> dict[str, set[str]]:
    """The members that functions read of a parameter, by the name of its struct."""
    found: dict[str, set[str]] = defaultdict(set)
    for function, owner in _functions():
        names = _named_in(function, owner)
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
    assert {name for name in unread if name.partition(".")[2] not in parents} == set()


def _said() -> set[str]:
    """The actions of system messages that effects say themselves."""
    calls = (node for source in SOURCES for node in ast.walk(ast.parse(source)))
    said = (c for c in calls if isinstance(c, ast.Call) and ast.unparse(c.func) == "work.say_of")
    return {".".join(str(ast.literal_eval(a)) for a in call.args[:2]) for call in said}


def test_every_system_message_that_is_said_is_documented():
    assert {"gig.order", "proposal.accept", "contract.tip"} <= _said()
    assert _said() <= said_of(WORKFLOWS.values()).keys()


def test_what_is_noted_with_an_action_is_said_in_its_room():
    noting = [
        (workflow.said[action], f"{workflow.machine.name}.{action}")
        for workflow in WORKFLOWS.values()
        for action, effect in workflow.effects.items()
        if workflow.room is not None and "note(work" in inspect.getsource(effect)
    ]
    assert {action for _facts, action in noting} >= {"contract.terminate", "refund.reject"}
    assert [action for facts, action in noting if "note" not in facts] == []


OPEN_TO_THE_SUSPENDED = """
    gig.create gig.pause gig.remove job.create job.close job.cancel
    proposal.reject proposal.withdraw
    contract.decline contract.cancel contract.end milestone.submit milestone.request-revision
    milestone.approve milestone.cancel-late amendment.decline amendment.withdraw
    cancellation.propose cancellation.agree cancellation.decline cancellation.withdraw
    contract_member.decline contract_member.leave refund.approve refund.reject refund.withdraw
    withdrawal.cancel dispute.raise dispute.respond dispute.escalate dispute.withdraw
    dispute_offer.offer dispute_offer.accept dispute_offer.decline dispute_offer.withdraw
    review.respond ticket.ask ticket.reply ticket.reopen ticket.close
"""
"""What answers, ends or takes back what runs, drafts that nobody sees, and questions to staff."""


def test_who_is_suspended_begins_no_agreement():
    guarded: set[str] = set()
    free: set[str] = set()
    for workflow in WORKFLOWS.values():
        for transition in workflow.machine.transitions:
            if not transition.by & ASKABLE - {Party.STAFF, Party.ADMIN} or "staff" in (
                transition.guards
            ):
                continue
            is_guarded = any(workflow.guards[name] is ACTIVE for name in transition.guards)
            action = f"{workflow.machine.name}.{transition.action}"
            (guarded if is_guarded else free).add(action)
    assert free == set(OPEN_TO_THE_SUSPENDED.split())
    assert not guarded & free


def test_no_guard_of_a_workflow_has_two_names():
    for workflow in WORKFLOWS.values():
        assert len(set(workflow.guards.values())) == len(workflow.guards), workflow.machine.name
