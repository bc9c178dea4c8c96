"""Who is notified of an execution: those concerned, never the actor, and of its result only."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from protocol.notifications.audience import Subject, Told, notices_of, recipients, without_steps
from protocol.notifications.kinds import RECIPIENTS

CLIENT, LEAD, MEMBER, OWNER, OTHER, STAFF, STRANGER = (uuid4() for _ in range(7))
SUBJECT = Subject("active", False, CLIENT, LEAD, OWNER, OTHER)
AUDIENCE = [CLIENT, LEAD, MEMBER, OWNER, OTHER, STAFF]
KEY = uuid4()


def event(name: str, action: str, **more: Any) -> Told:
    about = {"resource": "contracts", "id": KEY, "status": "active", "version": 2}
    return Told(**{"name": name, "action": action, "audience": AUDIENCE, **about, **more})


def told(*events: Told, subject: Subject = SUBJECT) -> set[tuple[str, UUID]]:
    subjects = {one.subject: subject for one in events}
    told = without_steps(list(notices_of(events, subjects)))
    return {(notice.kind.type, notice.user_id) for notice in told}


@pytest.mark.parametrize(
    ("to", "people"),
    [
        ("", AUDIENCE),
        ("client", [CLIENT]),
        ("lead", [LEAD]),
        ("parties", [CLIENT, LEAD]),
        ("team", [LEAD, MEMBER, OWNER, OTHER, STAFF]),
        ("owner", [OWNER]),
        ("other", [OTHER]),
        ("staff", [MEMBER, STAFF]),
    ],
)
def test_a_kind_is_for_some_of_an_audience(to: str, people: list[UUID]) -> None:
    assert to in RECIPIENTS
    assert recipients(to, AUDIENCE, SUBJECT) == people


def test_nobody_is_added_to_an_audience() -> None:
    assert recipients("client", [LEAD], SUBJECT) == []
    assert recipients("staff", [STAFF], Subject("open", False)) == [STAFF]
    assert recipients("client", [CLIENT], Subject("open", False)) == []


def test_a_person_named_twice_is_told_once() -> None:
    assert recipients("", [CLIENT, CLIENT], SUBJECT) == [CLIENT]


def test_the_actor_is_not_told() -> None:
    found = told(event("contract.completed", "complete", actor_id=CLIENT))
    assert {person for _, person in found} == set(AUDIENCE) - {CLIENT}


def test_the_result_says_what_the_steps_would() -> None:
    milestone = event("milestone.cancelled", "cancel", resource="milestones")
    assert ("milestone.cancelled", CLIENT) in told(milestone)
    both = told(milestone, event("contract.cancelled", "lapse"))
    assert {kind for kind, _ in both} == {"contract.cancelled"}


def test_who_is_not_told_of_the_result_is_told_of_the_step() -> None:
    milestone = event("milestone.cancelled", "cancel", resource="milestones")
    result = event("contract.cancelled", "lapse", audience=[CLIENT])
    assert told(milestone, result) == {
        ("contract.cancelled", CLIENT),
        *(("milestone.cancelled", person) for person in AUDIENCE if person != CLIENT),
    }


def test_silent_events_and_lost_subjects_notify_nobody() -> None:
    assert told(event("contract.active", "continue")) == set()
    assert not list(notices_of([event("contract.completed", "complete")], {}))


def test_nobody_is_asked_for_what_has_been_done() -> None:
    offer = event("contract.pending_acceptance", "offer", status="pending_acceptance")
    waiting = SUBJECT._replace(status="pending_acceptance")
    assert told(offer, subject=waiting) == {("contract.offered", LEAD)}
    assert told(offer) == set()


def test_an_answered_dispute_asks_for_no_answer() -> None:
    raised = event("dispute.raised", "raise", resource="disputes", status="open")
    due = event("dispute.reminder", "mean", resource="disputes", status="open")
    answered = SUBJECT._replace(status="open", is_answered=True)
    assert told(raised, subject=answered) == set()
    assert told(raised, subject=answered._replace(is_answered=False))
    # Halfway is decided only where both have said what they want.
    assert ("dispute.decision_due", CLIENT) in told(due, subject=answered)
