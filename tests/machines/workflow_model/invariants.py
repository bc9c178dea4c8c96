"""What holds in every state, said again in other words than the moves use."""

from collections.abc import Iterator

from tests.machines.workflow_model.clocks import GATES, clocks
from tests.machines.workflow_model.state import ENDED, WORKING, Clock, State, Terms


def broken(state: State, terms: Terms, timers: set[Clock]) -> list[str]:
    """Every sentence that is not true of the state; `timers` are those that may fire in it."""
    return [
        *_money(state, terms),
        *_released(state),
        *_statuses(state),
        *_freezing(state),
        *_timers(state, timers),
    ]


def _money(state: State, terms: Terms) -> Iterator[str]:
    owned = (state.wallet, state.escrow, state.pending, state.earned, state.withdrawing)
    if min(*owned, state.debt, state.fees, state.paid_out) < 0:
        yield "an account is negative"
    if min((release.pending for release in state.releases if release), default=0) < 0:
        yield "a release is negative"
    if sum(owned) + state.paid_out + state.fees - state.debt != sum(terms.amounts):
        yield "money was lost or made"
    whole = all(milestone.released == milestone.amount for milestone in state.milestones)
    refunds = any(release and release.refunded for release in state.releases)
    total = sum(milestone.amount for milestone in state.milestones)
    if whole and not refunds and total == sum(terms.amounts) and state.fees != state.base.fee:
        yield "the parts of the fee do not sum to the fee"


def _released(state: State) -> Iterator[str]:
    for milestone, release in zip(state.milestones, state.releases, strict=True):
        if (milestone.status == "paid") != (milestone.released > 0):
            yield "a paid milestone is one of which something was released"
        if milestone.released > milestone.amount:
            yield "more was released than was funded"
        if release and not 0 <= release.refunded + release.asked <= release.gross:
            yield "more is refunded than was released"
        if release and release.gross != milestone.released:
            yield "a release is not what its milestone says"
        if release and (release.status == "reversed") != (release.left == 0):
            yield "a release that was refunded wholly is not reversed"


def _statuses(state: State) -> Iterator[str]:
    statuses = [milestone.status for milestone in state.milestones]
    over = all(status in {"paid", "cancelled"} for status in statuses)
    if over != (state.status in ENDED) and state.status != "disputed":
        yield "a contract is over when its milestones are, and not before"
    if state.status in ENDED and (state.escrow or state.amendment or state.cancellation):
        yield "something is open on a contract that is over"
    if (state.status == "disputed") != (state.dispute is not None):
        yield "a contract is disputed while a dispute is open, and then only"
    if state.status == "disputed" and (state.amendment or state.cancellation):
        yield "a proposal is open beside a dispute"
    if state.status in WORKING and state.status != _expected(state):
        yield "the contract's status is not the one that its milestones make"
    if state.status == "completed" and not any(each.released for each in state.milestones):
        yield "completed, and nothing was released"
    if state.status == "refunded" and any(each.released for each in state.milestones):
        yield "refunded, and something was released"


def _expected(state: State) -> str:
    if any(milestone.status == "submitted" for milestone in state.milestones):
        return "in_review"
    sent_back = any(milestone.sent_back for milestone in state.milestones)
    return "revision_requested" if sent_back else "active"


def _freezing(state: State) -> Iterator[str]:
    for release in state.releases:
        if release and release.status == "frozen" and (release.decided or not state.dispute):
            yield "a release is frozen without a dispute"
        if release and release.status == "pending" and state.dispute and not release.decided:
            yield "a release runs on under a dispute"


def _timers(state: State, firing: set[Clock]) -> Iterator[str]:
    running, stopped = clocks(state)
    timers = {clock for clock in running if clock.kind not in GATES}
    # These two wait for the answer; `answer` makes them superfluous if it does not come.
    if state.dispute and state.dispute.answer is None:
        timers = {clock for clock in timers if clock.kind not in {"mean", "escalate"}}
    if timers != firing:
        yield "a timer has no move, or a move no timer"
    if running & stopped or (stopped and not state.dispute):
        yield "a clock stands still without a dispute"
