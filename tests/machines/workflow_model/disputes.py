"""Moves of a dispute: from its raise to the split that ends it, or its withdrawal."""

from collections.abc import Iterator

from tests.machines.workflow_model.agreements import PARTIES, Moves, shares
from tests.machines.workflow_model.money import (
    carried_out,
    computed,
    mean,
    pending_cancelled,
    there,
)
from tests.machines.workflow_model.state import (
    OTHER,
    WORKING,
    Clock,
    Dispute,
    Move,
    Party,
    Proposal,
    Split,
    State,
    Terms,
)


def raising(state: State, terms: Terms) -> Moves:
    """Either raises one over money that is within reach and that no split decided.

    Who has withdrawn one raises another only once the other has done something new.
    """
    if (
        "disputes" not in terms.choices
        or state.status not in {*WORKING, "completed"}
        or not there(state)
    ):
        return
    for by in PARTIES:
        if by in state.withdrew:
            continue
        for split in shares(state, by):
            yield Move(by, "raise", 0, split), _raised(state, Dispute(by, split))


def _raised(state: State, dispute: Dispute) -> State:
    frozen = tuple(
        release._replace(status="frozen", asked=0)
        if release and release.status == "pending" and not release.decided
        else release
        for release in state.releases
    )
    return state._replace(
        status="disputed", releases=frozen, dispute=dispute, amendment=None, cancellation=None
    )


def dispute(state: State, terms: Terms) -> Moves:
    """What may be done while one is open."""
    opened = state.dispute
    if opened is None:
        return
    yield from _answering(state, opened)
    yield from _staff(state, opened)
    if opened.answer is not None:
        yield from _escalating(state, opened)
        after = _decided(state, mean(opened.split, opened.answer))
        yield Move("timer", "mean", after=Clock("mean")), after
    if "offers" in terms.choices:
        yield from _offers(state, opened)
    yield Move(opened.by, "withdraw"), _withdrawn(state, opened.by)


def _answering(state: State, opened: Dispute) -> Moves:
    if opened.answer is not None:
        return
    other = OTHER[opened.by]
    for split in shares(state, other):
        yield Move(other, "respond", 0, split), _with(state, opened._replace(answer=split))
    yield Move("timer", "apply", after=Clock("answer")), _decided(state, opened.split)


def _escalating(state: State, opened: Dispute) -> Moves:
    if opened.escalated:
        return
    after = _with(state, opened._replace(status="escalated", escalated=True))
    for by in PARTIES:
        yield Move(by, "escalate"), after
    yield Move("timer", "escalate", after=Clock("escalate")), after


def _staff(state: State, opened: Dispute) -> Moves:
    if opened.status != "under_review":
        yield Move("staff", "review"), _with(state, opened._replace(status="under_review"))
    for split in shares(state, "staff"):
        yield Move("staff", "resolve", 0, split), _decided(state, split)


def _offers(state: State, opened: Dispute) -> Iterator[tuple[Move, State]]:
    offer = opened.offer
    if offer is None:
        for by in PARTIES:
            *_, halves = shares(state, by)
            offered = opened._replace(offer=Proposal(by, halves))
            yield Move(by, "offer", 0, halves), _with(state, offered)
        return
    closed = _with(state, opened._replace(offer=None))
    yield Move(OTHER[offer.by], "accept-offer"), _decided(state, offer.split)
    yield Move(OTHER[offer.by], "decline-offer"), closed
    yield Move(offer.by, "withdraw-offer"), closed
    yield Move("timer", "expire-offer", after=Clock("offer")), closed


def _with(state: State, opened: Dispute) -> State:
    return state._replace(dispute=opened)


def _decided(state: State, split: Split) -> State:
    """A split ends the dispute; the contract goes on, or is over, as its milestones say."""
    after = carried_out(state._replace(dispute=None), split)
    return computed(after if split.go_on else pending_cancelled(after))


def _withdrawn(state: State, by: Party) -> State:
    thawed = tuple(
        release._replace(status="pending") if release and release.status == "frozen" else release
        for release in state.releases
    )
    withdrew = state.withdrew | {by}
    return computed(state._replace(dispute=None, releases=thawed, withdrew=withdrew))
