"""Which timers run in a state, which stand still, and which times guards wait for."""

from typing import Final

from tests.machines.workflow_model.state import WORKING, Clock, Dispute, State

HOUR: Final = 3600
DAY: Final = 24 * HOUR
LENGTHS: Final = {
    "acceptance": 7 * DAY,
    "end": 60 * DAY,
    "approve": 14 * DAY,
    "not_submitted": 75 * DAY,
    "not_resubmitted": 30 * DAY,
    "clear": 5 * DAY,
    "amendment": 7 * DAY,
    "cancellation": 7 * DAY,
    "offer": 7 * DAY,
    "refund": 14 * DAY,
    "answer": 5 * DAY,
    "escalate": 14 * DAY,
    "mean": 60 * DAY,
    "withdrawal": 14 * DAY,
}
# Times that guards ask for: nothing happens by itself when one is over.
GATES: Final = {
    "idle": 30 * DAY,
    "late": DAY,
    "back": 7 * DAY,
    "refundable": 30 * DAY,
}
FROM_DUE: Final = {"late", "not_submitted"}
REMINDED: Final = {"approve", "not_submitted", "not_resubmitted", "answer", "mean"}


def clocks(state: State) -> tuple[set[Clock], set[Clock]]:
    """The clocks that run, and those that a dispute has stopped."""
    running: set[Clock] = set()
    working = _of_work(state)
    stopped: set[Clock] = set()
    if state.status in WORKING:
        running |= working
    elif state.dispute is not None:
        stopped |= {clock for clock in working if clock.kind not in GATES}
        running |= _of_dispute(state.dispute)
    elif state.status == "pending_acceptance":
        running.add(Clock("acceptance"))
    if state.amendment:
        running.add(Clock("amendment"))
    if state.cancellation:
        running.add(Clock("cancellation"))
    if state.withdrawal and state.withdrawal.status != "processing":
        running.add(Clock("withdrawal"))
    _of_releases(state, running, stopped)
    return running, stopped


def _of_work(state: State) -> set[Clock]:
    found: set[Clock] = set()
    if not state.escrow and any(each.status == "pending" for each in state.milestones):
        found |= {Clock("end"), Clock("idle")}
    for index, milestone in enumerate(state.milestones):
        if milestone.status == "submitted":
            found.add(Clock("approve", index))
        elif milestone.sent_back:
            found |= {Clock("not_resubmitted", index), Clock("back", index)}
        elif milestone.status == "in_progress":
            found |= {Clock("not_submitted", index), Clock("late", index)}
    return found


def _of_dispute(dispute: Dispute) -> set[Clock]:
    found = {Clock("mean")}
    if dispute.answer is None:
        found.add(Clock("answer"))
    if not dispute.escalated:
        found.add(Clock("escalate"))
    if dispute.offer:
        found.add(Clock("offer"))
    return found


def _of_releases(state: State, running: set[Clock], stopped: set[Clock]) -> None:
    for index, release in enumerate(state.releases):
        if release is None:
            continue
        if release.status == "pending":
            running.add(Clock("clear", index))
        elif release.status == "frozen":
            stopped.add(Clock("clear", index))
        elif release.status == "cleared":
            running.add(Clock("refundable", index))
        if release.asked:
            running.add(Clock("refund", index))
