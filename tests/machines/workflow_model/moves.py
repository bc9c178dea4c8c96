"""All moves of a state, and where a contract begins."""

from collections.abc import Iterator

from tests.machines.workflow_model.agreements import amendment, cancellation
from tests.machines.workflow_model.disputes import dispute, raising
from tests.machines.workflow_model.payments import clearing, refund, withdrawal
from tests.machines.workflow_model.state import (
    ENDED,
    FeeBase,
    Milestone,
    Move,
    State,
    Terms,
    fee_of_part,
)
from tests.machines.workflow_model.work import acceptance, idle, milestone


def first(terms: Terms) -> State:
    """An offered contract; the client's wallet holds its total."""
    total = sum(terms.amounts)
    return State(
        status="pending_acceptance",
        milestones=tuple(Milestone("pending", amount) for amount in terms.amounts),
        releases=(None, None),
        base=FeeBase(0, 0, fee_of_part(terms.fee_percent, total, 100), total),
        wallet=total,
    )


def moves(state: State, terms: Terms) -> Iterator[tuple[Move, State]]:
    """Everything that somebody or a timer may do, with the state after it."""
    yield from acceptance(state)
    yield from idle(state)
    yield from milestone(state, terms)
    yield from amendment(state, terms)
    yield from cancellation(state, terms)
    yield from raising(state, terms)
    yield from dispute(state, terms)
    yield from clearing(state)
    yield from refund(state, terms)
    yield from withdrawal(state, terms)


def is_final(state: State) -> bool:
    """E, P and X are 0, and nothing can be open any more but what the parties begin anew."""
    return (
        state.status in ENDED
        and state.escrow == state.pending == state.withdrawing == 0
        and not any(release and release.asked for release in state.releases)
    )
