"""Every domain event notifies somebody, or is said to notify nobody."""

from handlers.workflows import WORKFLOWS
from protocol.events import DOMAIN_EVENTS
from protocol.notifications.categories import CATEGORIES
from protocol.notifications.kinds import KINDS, RECIPIENTS, kind_of, settles
from protocol.notifications.silent import NOTIFIES_NOBODY

PRIORITIES = {"low", "normal", "high", "urgent"}
NOTIFYING = {kind.event for kind in KINDS.values() if kind.event}


def test_every_domain_event_notifies_somebody_or_is_said_not_to() -> None:
    assert not DOMAIN_EVENTS - NOTIFYING - NOTIFIES_NOBODY.keys()


def test_no_event_is_in_both_and_none_is_unknown() -> None:
    assert not NOTIFYING & NOTIFIES_NOBODY.keys()
    assert (NOTIFYING | NOTIFIES_NOBODY.keys()) <= DOMAIN_EVENTS
    assert all(NOTIFIES_NOBODY.values())


def test_kinds_are_made_of_known_words() -> None:
    for kind in KINDS.values():
        assert kind.category in CATEGORIES, kind.type
        assert kind.priority in PRIORITIES, kind.type
        assert kind.to in RECIPIENTS, kind.type
        assert kind.unless <= KINDS.keys() - {kind.type}, kind.type


def test_no_two_kinds_are_made_by_the_same_action_of_an_event() -> None:
    for event in NOTIFYING:
        kinds = [kind for kind in KINDS.values() if kind.event == event]
        actions = [action for kind in kinds for action in kind.actions or ("",)]
        assert len(actions) == len(set(actions)), event
        assert len(kinds) == 1 or "" not in actions, event


def test_the_actions_of_kinds_are_those_that_tell_of_their_event() -> None:
    telling: dict[str, set[str]] = {}
    for workflow in WORKFLOWS.values():
        machine = workflow.machine
        for step in machine.transitions:
            for source in step.sources:
                for event in machine.told_of(step, source):
                    telling.setdefault(event, set()).add(step.action)
        reminding = {due.action for due in machine.all_dues() if due.reminds}
        telling.setdefault(f"{machine.name}.reminder", set()).update(reminding)
    for kind in KINDS.values():
        if kind.actions:
            assert kind.actions <= telling[kind.event], kind.type


def test_an_event_is_found_with_its_action() -> None:
    assert _type("contract.started", "accept") == "contract.accepted"
    assert _type("contract.started", "start") == "contract.started"
    assert _type("contract.cancelled", "agree") is None
    assert _type("milestone.submitted", "submit") == "milestone.submitted"
    assert kind_of("milestone.pending", "plan") is None


def test_a_change_settles_nothing() -> None:
    assert settles("proposal.accepted")
    assert not settles("proposal.changed")
    assert not settles("dispute.under_review")


def _type(event: str, action: str) -> str | None:
    found = kind_of(event, action)
    return None if found is None else found.type
