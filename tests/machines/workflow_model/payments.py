"""Moves of money that was released: clearing, refunds, withdrawals."""

from tests.machines.workflow_model.money import (
    cleared,
    net_of_refund,
    refunded,
    returned,
    with_withdrawal_stopped,
)
from tests.machines.workflow_model.state import Clock, Move, Release, State, Terms, Withdrawal
from tests.machines.workflow_model.work import Moves


def clearing(state: State) -> Moves:
    """Released money becomes earned."""
    for index, release in enumerate(state.releases):
        if release and release.status == "pending":
            yield Move("timer", "clear", index, after=Clock("clear", index)), cleared(state, index)


def refund(state: State, terms: Terms) -> Moves:
    """The client asks for released money, whole or one unit of it; the freelancer answers."""
    if "refunds" not in terms.choices:
        return
    for index, release in enumerate(state.releases):
        if release is None or release.status not in {"pending", "cleared"}:
            continue
        if release.asked:
            yield from _asked(state, index, release)
            continue
        for amount in {1, release.left} if release.refunded == 0 else {release.left}:
            asked = state.with_release(index, release._replace(asked=amount))
            yield Move("client", "request-refund", index, amount), asked


def _asked(state: State, index: int, release: Release) -> Moves:
    rejected = state.with_release(index, release._replace(asked=0))
    given = refunded(state, index, release.asked)
    by_staff = refunded(with_withdrawal_stopped(state, index, release.asked), index, release.asked)
    if release.status == "pending":
        yield Move("freelancer", "approve-refund", index), given
    elif net_of_refund(release, release.asked) <= state.earned:
        move = Move("freelancer", "approve-refund", index, before=Clock("refundable", index))
        yield move, given
    yield Move("staff", "approve-refund", index), by_staff
    for by in ("freelancer", "staff"):
        yield Move(by, "reject-refund", index), rejected
    yield Move("client", "withdraw-refund", index), rejected
    yield Move("timer", "reject-refund", index, after=Clock("refund", index)), rejected


def withdrawal(state: State, terms: Terms) -> Moves:
    """The freelancer takes out all that he earned; a debt forbids it."""
    if "withdrawals" not in terms.choices:
        return
    opened = state.withdrawal
    if opened is None:
        if state.earned and not state.debt:
            requested = Withdrawal("requested", state.earned)
            yield (
                Move("freelancer", "request-withdrawal"),
                state._replace(withdrawal=requested, earned=0),
            )
        return
    back = returned(state, opened.amount)
    if opened.status == "processing":
        paid = state._replace(withdrawal=None, paid_out=state.paid_out + opened.amount)
        yield Move("provider", "pay-withdrawal"), paid
        yield Move("provider", "fail-withdrawal"), back
        return
    step = "approved" if opened.status == "requested" else "processing"
    if not state.debt:
        move = Move("staff", "approve-withdrawal" if step == "approved" else "batch-withdrawal")
        yield move, state._replace(withdrawal=opened._replace(status=step))
    yield Move("freelancer", "cancel-withdrawal"), back
    yield Move("staff", "cancel-withdrawal"), back
    yield Move("timer", "cancel-withdrawal", after=Clock("withdrawal")), back
