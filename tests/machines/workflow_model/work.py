"""Moves of the contract and its milestones."""

from collections.abc import Iterator

from tests.machines.workflow_model.money import (
    back,
    computed,
    ended,
    pending_cancelled,
    released,
)
from tests.machines.workflow_model.state import WORKING, Clock, Milestone, Move, State, Terms

Moves = Iterator[tuple[Move, State]]


def acceptance(state: State) -> Moves:
    """The offered contract is taken, or not."""
    if state.status != "pending_acceptance":
        return
    yield Move("freelancer", "accept"), state._replace(status="active")
    lost = ended(pending_cancelled(state), "cancelled")
    yield Move("freelancer", "decline"), lost
    yield Move("client", "cancel"), lost
    yield Move("timer", "cancel", after=Clock("acceptance")), lost


def idle(state: State) -> Moves:
    """`end`: nothing is held, nothing has been funded for long."""
    if state.status not in WORKING or state.escrow:
        return
    over = computed(pending_cancelled(state))
    yield Move("client", "end", after=Clock("idle")), over
    yield Move("freelancer", "end", after=Clock("idle")), over
    yield Move("timer", "end", after=Clock("end")), over


def milestone(state: State, terms: Terms) -> Moves:
    """Funding, handing in, sending back, approving, cancelling what is late."""
    if state.status not in WORKING:
        return
    for index, each in enumerate(state.milestones):
        if each.status == "pending" and state.wallet >= each.amount:
            yield Move("client", "fund", index), _funded(state, index, each)
        elif each.status == "in_progress":
            yield from _in_progress(state, index, each, terms)
        elif each.status == "submitted":
            yield from _submitted(state, index, each, terms)


def _funded(state: State, index: int, each: Milestone) -> State:
    after = state.with_milestone(index, each._replace(status="in_progress", funded=True))
    return computed(after._replace(wallet=state.wallet - each.amount).news_for("freelancer"))


def _in_progress(state: State, index: int, each: Milestone, terms: Terms) -> Moves:
    handed_in = each._replace(status="submitted", sent_back=False)
    submitted = state.with_milestone(index, handed_in).news_for("client")
    yield Move("freelancer", "submit", index), computed(submitted)
    cancelled = computed(back(state, index))
    own, timer = ("back", "not_resubmitted") if each.sent_back else ("late", "not_submitted")
    # What has no due time is never late for the client; a timer ends it.
    if each.sent_back or terms.dues[index] is not None:
        yield Move("client", "cancel-late", index, after=Clock(own, index)), cancelled
    yield Move("timer", "cancel-late", index, after=Clock(timer, index)), cancelled


def _submitted(state: State, index: int, each: Milestone, terms: Terms) -> Moves:
    if state.revisions < terms.revisions:
        sent_back = state.with_milestone(
            index, each._replace(status="in_progress", sent_back=True)
        )._replace(revisions=state.revisions + 1)
        told = sent_back.news_for("freelancer")
        yield Move("client", "request-revision", index), computed(told)
    paid = computed(released(state, index, each.amount))
    yield Move("client", "approve", index), paid
    yield Move("timer", "approve", index, after=Clock("approve", index)), paid
