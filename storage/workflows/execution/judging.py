"""Whether an execution may go on, by the facts under its locks: the first refusal that holds.

The order: not seen (404), not a party (403), not in this state (409), another version (412), a
guard or the body (422).
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from protocol.errors import ErrorCode, Fault, RequestError
from protocol.machine import ASKABLE, Party, Transition
from protocol.text import format_time
from storage.resources.resource import with_article
from storage.workflows.asks import Ask, Begin
from storage.workflows.facts import Facts
from storage.workflows.workflow import Guard, Workflow


def judged(
    ask: Ask, status: str, facts: Facts, record: Mapping[str, Any]
) -> tuple[Transition, Party]:
    """The transition that is asked for, and as whom; raises what refuses it, the first first."""
    machine = ask.workflow.machine
    rows = machine.named(ask.action)
    if ask.caller is None:
        party = ask.party
        found = machine.find(ask.action, status)
        may = found is not None and party in {*found.by, Party.SYSTEM}
        transition = found if may else None
    else:
        may_ever = {p for t in rows for p in t.by & ASKABLE} & facts.parties
        if not may_ever:
            raise RequestError(ErrorCode.FORBIDDEN, f"{ask.action}: not yours to do")
        here = [t for t in rows if status in t.sources and t.by & ASKABLE & facts.parties]
        transition = here[0] if here else None
        party = _as_whom(transition.by if transition else frozenset(may_ever), facts)
    if transition is None:
        message = f"{ask.action}: not while the {ask.workflow.noun} is {status}"
        raise RequestError(ErrorCode.CONFLICT, message, {"status": status})
    if ask.caller is not None:
        _matched(ask, transition, record)
        refuse(ask.workflow, transition, facts, ask.body)
        if ask.refused is not None:
            raise ask.refused
    return transition, party


def _matched(ask: Ask, transition: Transition, record: Mapping[str, Any]) -> None:
    if transition.needs_match and ask.unmatched is not None:
        raise ask.unmatched
    if ask.versions is not None and record["version"] not in ask.versions:
        raise RequestError.outdated(ask.workflow.noun, record["version"])


def judged_creation(begin: Begin, transition: Transition, facts: Facts) -> Party:
    """As whom a row may begin; raises what refuses it."""
    if begin.insert is not None:
        refuse(begin.workflow, transition, facts, begin.body)
        return Party.OWNER
    if not transition.by & ASKABLE & facts.parties:
        raise _not_to_make(begin.workflow)
    refuse(begin.workflow, transition, facts, begin.body)
    if begin.refused is not None:
        raise begin.refused
    return _as_whom(transition.by, facts)


def refuse(workflow: Workflow, transition: Transition, facts: Facts, body: Any) -> None:
    """Raise what the first guard that does not hold says: conflicts before all others.

    Where time will make it hold, the time is told from which all such guards do.
    """
    failed = {name: workflow.guards[name] for name in transition.guards if not facts.holds[name]}
    broken = [name for name, guard in failed.items() if guard.of is None or guard.of(body)]
    if not broken:
        return
    name = min(broken, key=lambda n: workflow.guards[n].code is not ErrorCode.CONFLICT)
    guard = workflow.guards[name]
    if name not in facts.since:
        raise _refusal_of(guard)
    since = max(facts.since[n] for n in broken if n in facts.since)
    raise _refusal_until(guard, since)


def _refusal_of(guard: Guard) -> RequestError:
    if guard.code is ErrorCode.VALIDATION_FAILED:
        return RequestError.of_faults([Fault(guard.path, guard.says)])
    details = {"path": guard.path, "reason": guard.reason}
    told = {name: value for name, value in details.items() if value}
    return RequestError(guard.code, guard.says, told or None)


def _refusal_until(guard: Guard, since: dt.datetime) -> RequestError:
    """The refusal by a guard that time will make hold, with the time from which it does."""
    says, details = from_then_on(guard.says, since)
    error = _refusal_of(guard._replace(says=says))
    error.details |= details
    return error


def from_then_on(says: str, since: dt.datetime) -> tuple[str, dict[str, Any]]:
    """The words and the details of a refusal that is gone from a time on."""
    at = format_time(since)
    return f"{says}: possible from {at} on", {"possible_from": at}


def _as_whom(by: frozenset[Party], facts: Facts) -> Party:
    """As which of the parties the caller is taken: who they are in the matter before staff."""
    order = list(Party)
    return min(  # the order in which they are declared
        by & ASKABLE & facts.parties, key=order.index
    )


def no_parent(workflow: Workflow, parent: Workflow | None) -> RequestError:
    """What is told where a row would belong to one that the caller does not see.

    It is the same as for one that is seen and another's, as for rows that resources make.
    """
    if parent is None:
        return RequestError(ErrorCode.FORBIDDEN, "the account is gone")
    return _not_to_make(workflow)


def _not_to_make(workflow: Workflow) -> RequestError:
    assert workflow.creation is not None
    message = f"such {with_article(workflow.noun)} is not yours to make"
    path = workflow.creation.parent_key
    if not path:
        return RequestError(ErrorCode.FORBIDDEN, message)
    return RequestError(ErrorCode.FORBIDDEN, f"{message} for this {path}", {"path": path})
