"""The postings, each on the model's state."""

from tests.machines.workflow_model.state import (
    ENDED,
    FeeBase,
    Item,
    Kind,
    Release,
    Split,
    State,
    fee_of_part,
)


def fee_taken(state: State, further: int = 0) -> int:
    """The fees of all that was released, and of `further` units more; refunds are not counted."""
    base = state.base
    released = sum(milestone.released for milestone in state.milestones) + further
    return base.taken + fee_of_part(base.fee, released - base.paid, base.total)


def released(state: State, index: int, gross: int, *, decided: bool = False) -> State:
    """Release `gross` of a milestone; a net of zero has no release of its own."""
    fee = fee_taken(state, gross) - fee_taken(state)
    milestone = state.milestones[index]
    paid = milestone._replace(status="paid", released=gross, sent_back=False)
    after = state.with_milestone(index, paid)._replace(fees=state.fees + fee)
    if gross == fee:
        return after
    return after.with_release(index, Release(gross, fee, decided=decided))


def back(state: State, index: int) -> State:
    """A milestone is cancelled and what it held goes back to the client."""
    milestone = state.milestones[index]
    return state.with_milestone(
        index, milestone._replace(status="cancelled", sent_back=False)
    )._replace(wallet=state.wallet + milestone.held)


def net_of_refund(release: Release, amount: int) -> int:
    """What a refund of `amount` takes from the freelancer; the rest is of the fee."""
    fee = fee_of_part(release.fee, release.refunded + amount, release.gross)
    return amount - (fee - fee_of_part(release.fee, release.refunded, release.gross))


def refunded(state: State, index: int, amount: int) -> State:
    """Refund a part of a release; of a cleared one from what was earned, then as debt."""
    release = state.releases[index]
    assert release is not None
    net = net_of_refund(release, amount)
    from_earned = min(net, state.earned) if release.status == "cleared" else 0
    lacking = net - from_earned if release.status == "cleared" else 0
    whole = amount == release.left
    return state.with_release(
        index,
        release._replace(
            status="reversed" if whole else release.status,
            refunded=release.refunded + amount,
            asked=0,
        ),
    )._replace(
        wallet=state.wallet + amount,
        fees=state.fees - (amount - net),
        earned=state.earned - from_earned,
        debt=state.debt + lacking,
    )


def cleared(state: State, index: int) -> State:
    """A release's time is over: debt is paid first, the rest is earned."""
    release = state.releases[index]
    assert release is not None
    paid = min(state.debt, release.pending)
    after = state.with_release(index, release._replace(status="cleared"))._replace(
        debt=state.debt - paid, earned=state.earned + release.pending - paid
    )
    return never_disputed(after)


def returned(state: State, amount: int) -> State:
    """A withdrawal of so much comes back: debt is paid first, the rest is earned."""
    paid = min(state.debt, amount)
    return state._replace(
        withdrawal=None, debt=state.debt - paid, earned=state.earned + amount - paid
    )


def with_withdrawal_stopped(state: State, index: int, amount: int) -> State:
    """Before staff's refund makes a debt, it cancels a withdrawal that is in no batch."""
    release, opened = state.releases[index], state.withdrawal
    assert release is not None
    if release.status != "cleared" or opened is None or opened.status == "processing":
        return state
    if net_of_refund(release, amount) <= state.earned:
        return state
    return returned(state, opened.amount)


def amended(state: State, amount: int, fee_percent: int) -> State:
    """The second milestone gets another amount; fees are counted anew from here."""
    milestone = state.milestones[1]
    total = sum(each.amount for each in state.milestones) - milestone.amount + amount
    paid = sum(each.released for each in state.milestones)
    fee = fee_of_part(fee_of_part(fee_percent, total, 100), total - paid, total)
    base = FeeBase(paid, fee_taken(state), fee, total - paid)
    return state.with_milestone(1, milestone._replace(amount=amount))._replace(base=base)


def there(state: State) -> tuple[tuple[Kind, int, int], ...]:
    """What a split is about: each milestone in escrow, each release that is not decided yet."""
    held: list[tuple[Kind, int, int]] = [
        ("milestone", index, milestone.held)
        for index, milestone in enumerate(state.milestones)
        if milestone.held
    ]
    uncleared: list[tuple[Kind, int, int]] = [
        ("release", index, release.left)
        for index, release in enumerate(state.releases)
        if release and release.status in {"pending", "frozen"} and not release.decided
    ]
    return (*held, *uncleared)


def fits(state: State, split: Split) -> bool:
    """Whether a split still sums, item by item, to what is there."""
    summed = tuple((item.kind, item.seq, item.client + item.freelancer) for item in split.items)
    return summed == there(state)


def carried_out(state: State, split: Split) -> State:
    """Share out everything that is there; releases that stay are decided for ever."""
    for item in split.items:
        if item.kind == "milestone":
            state = _milestone_shared(state, item)
        else:
            state = _release_shared(state, item)
    return state


def _milestone_shared(state: State, item: Item) -> State:
    if item.freelancer == 0:
        return back(state, item.seq)
    state = released(state, item.seq, item.freelancer, decided=True)
    return state._replace(wallet=state.wallet + item.client)


def _release_shared(state: State, item: Item) -> State:
    if item.client:
        state = refunded(state, item.seq, item.client)
    release = state.releases[item.seq]
    assert release is not None
    if release.status == "reversed":
        return state
    return state.with_release(item.seq, release._replace(status="pending", decided=True, asked=0))


def mean(one: Split, other: Split) -> Split:
    """The mean of two splits of the same items; an odd unit goes to the client."""
    items = []
    for a, b in zip(one.items, other.items, strict=True):
        client = (a.client + b.client + 1) // 2
        items.append(a._replace(client=client, freelancer=a.client + a.freelancer - client))
    return Split(tuple(items), one.go_on and other.go_on)


def computed(state: State) -> State:
    """Give the contract the status that its milestones make; what ends closes what is open."""
    status = _status(state)
    if status not in ENDED:
        return state._replace(status=status)
    return ended(state, status)


def ended(state: State, status: str) -> State:
    """The contract is over: nothing may be held, nothing stays proposed."""
    assert state.escrow == 0, "a contract never ends while it holds money"
    over = state._replace(status=status, amendment=None, cancellation=None, dispute=None)
    return never_disputed(over)


def never_disputed(state: State) -> State:
    """Whose disputes were withdrawn is nothing to remember where nothing is disputed any more."""
    if state.status not in ENDED or (state.status == "completed" and there(state)):
        return state
    return state._replace(withdrew=frozenset())


def pending_cancelled(state: State) -> State:
    """Milestones that were never funded are given up."""
    return state._replace(
        milestones=tuple(
            each._replace(status="cancelled") if each.status == "pending" else each
            for each in state.milestones
        )
    )


def _status(state: State) -> str:
    statuses = {milestone.status for milestone in state.milestones}
    if "submitted" in statuses:
        return "in_review"
    if any(milestone.sent_back for milestone in state.milestones):
        return "revision_requested"
    if statuses - {"paid", "cancelled"}:
        return "active"
    if any(milestone.released for milestone in state.milestones):
        return "completed"
    return "refunded" if any(each.funded for each in state.milestones) else "cancelled"
