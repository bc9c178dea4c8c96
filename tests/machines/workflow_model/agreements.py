"""Moves of what one proposes and the other answers: amendments and cancellations."""

from collections.abc import Iterator

from tests.machines.workflow_model.money import (
    amended,
    carried_out,
    ended,
    fits,
    pending_cancelled,
    there,
)
from tests.machines.workflow_model.state import (
    OTHER,
    WORKING,
    Amendment,
    Clock,
    Item,
    Move,
    Party,
    Proposal,
    Split,
    State,
    Terms,
)

Moves = Iterator[tuple[Move, State]]
PARTIES: tuple[Party, Party] = ("client", "freelancer")


def shares(state: State, by: str) -> Iterator[Split]:
    """The splits that somebody proposes: all for himself, or halves with the odd unit to C.

    Staff decides for the client, for the freelancer, or for halves. Whoever wants all wants
    unfunded milestones to end, whoever wants halves wants them to go on.
    """
    items = there(state)
    if by in {"client", "staff"}:
        yield Split(tuple(Item(kind, index, sum_, 0) for kind, index, sum_ in items))
    if by in {"freelancer", "staff"}:
        yield Split(tuple(Item(kind, index, 0, sum_) for kind, index, sum_ in items))
    if items:
        halves = (Item(kind, index, (s + 1) // 2, s // 2) for kind, index, s in items)
        yield Split(tuple(halves), go_on=True)


def amendment(state: State, terms: Terms) -> Moves:
    """The second milestone is to cost something else, while it is not funded."""
    second, opened = state.milestones[1], state.amendment
    if state.status not in WORKING or "amendments" not in terms.choices:
        return
    if opened is None:
        if second.status == "pending" and second.amount != terms.amended:
            for by in PARTIES:
                proposed = Amendment(by, terms.amended)
                yield Move(by, "amend", 1, terms.amended), state._replace(amendment=proposed)
        return
    closed = state._replace(amendment=None)
    if second.status == "pending":
        agreed = amended(closed, opened.amount, terms.fee_percent)
        yield Move(OTHER[opened.by], "accept-amendment", 1), agreed
    yield Move(OTHER[opened.by], "decline-amendment", 1), closed
    yield Move(opened.by, "withdraw-amendment", 1), closed
    yield Move("timer", "expire-amendment", 1, after=Clock("amendment")), closed


def cancelled(state: State, split: Split, status: str = "cancelled") -> State:
    """The contract ends by a split of all that is there."""
    return ended(pending_cancelled(carried_out(state, split)), status)


def cancellation(state: State, terms: Terms) -> Moves:
    """The contract is to end by a split; a freelancer alone may give everything back."""
    if state.status not in WORKING or "cancellations" not in terms.choices:
        return
    everything = next(shares(state, "client"))
    if everything.items:
        yield Move("freelancer", "return-everything", 0, everything), cancelled(state, everything)
    for split in shares(state, "staff"):
        yield Move("staff", "terminate", 0, split), cancelled(state, split, "terminated")
    opened = state.cancellation
    if opened is None:
        for by in PARTIES:
            for split in shares(state, by):
                proposed = Proposal(by, split._replace(go_on=False))
                yield (
                    Move(by, "propose-cancellation", 0, proposed.split),
                    state._replace(cancellation=proposed),
                )
        return
    closed = state._replace(cancellation=None)
    if fits(state, opened.split):
        yield Move(OTHER[opened.by], "agree"), cancelled(state, opened.split)
    yield Move(OTHER[opened.by], "decline-cancellation"), closed
    yield Move(opened.by, "withdraw-cancellation"), closed
    yield Move("timer", "expire-cancellation", after=Clock("cancellation")), closed
