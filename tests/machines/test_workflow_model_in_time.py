"""The model with time: its amounts by number, its clocks, and histories at random."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.machines.workflow_model.clocks import DAY, GATES, HOUR
from tests.machines.workflow_model.invariants import broken
from tests.machines.workflow_model.money import net_of_refund
from tests.machines.workflow_model.moves import is_final
from tests.machines.workflow_model.state import Clock, FeeBase, Item, Split, Terms
from tests.machines.workflow_model.timed import Timed, due, gates, initial, steps, view


def done(timed: Timed, now: int, party: str, action: str, seq: int = 0, **args: Any) -> Timed:
    def wanted(value: object) -> bool:
        return "args" not in args or value == args["args"]

    (after,) = [
        after
        for move, after in steps(timed, now)
        if (move.party, move.action, move.seq) == (party, action, seq) and wanted(move.args)
    ]
    return after


def may(timed: Timed, now: int, party: str, action: str) -> bool:
    return any((move.party, move.action) == (party, action) for move, _ in steps(timed, now))


def in_review(terms: Terms | None = None) -> Timed:
    timed = done(initial(terms), 0, "freelancer", "accept")
    timed = done(timed, 0, "client", "fund")
    return done(timed, 0, "freelancer", "submit")


def test_an_approval_pays_and_clears_after_five_days():
    timed = in_review(Terms(amounts=(20, 30), fee_percent=10))
    assert due(timed)[Clock("approve")] == 14 * DAY

    timed = done(timed, 14 * DAY, "timer", "approve")
    shown = view(timed)
    assert (shown["contract"], shown["escrow"], shown["pending"], shown["fees"]) == (
        "active", 0, 18, 2,
    )  # fmt: skip
    assert not may(timed, 19 * DAY - 1, "timer", "clear")
    assert view(done(timed, 19 * DAY, "timer", "clear"))["freelancer_earned"] == 18


def test_a_split_takes_the_fee_that_is_left_for_it():
    timed = in_review(Terms(amounts=(300, 300), fee_percent=10))
    base = FeeBase(0, 0, 100, 1000)  # a contract over 1,000, of which these are two parts
    timed = timed._replace(state=timed.state._replace(base=base))
    timed = done(timed, 0, "client", "approve")
    timed = done(timed, 5 * DAY, "timer", "clear")
    timed = done(timed, 5 * DAY, "client", "fund", 1)
    split = Split((Item("milestone", 1, 150, 150),), go_on=True)
    timed = done(timed, 5 * DAY, "client", "raise", args=split)
    named = Split((Item("milestone", 1, 180, 120),))
    assert timed.state.dispute
    timed = timed._replace(
        state=timed.state._replace(dispute=timed.state.dispute._replace(split=named))
    )

    release = view(done(timed, 10 * DAY, "timer", "apply"))["releases"][1]

    assert (release["gross"], release["fee"], release["net"]) == (120, 12, 108)


def test_a_dispute_stops_the_approval_and_its_withdrawal_lets_it_run_on():
    timed = in_review()
    timed = done(timed, 10 * DAY, "client", "raise", args=_all_to_client(3))
    assert Clock("approve") not in due(timed)
    assert not may(timed, 30 * DAY, "client", "approve")

    timed = done(timed, 12 * DAY, "client", "withdraw")

    assert due(timed)[Clock("approve")] == 16 * DAY


def test_what_runs_on_leaves_a_day_to_those_who_are_reminded():
    timed = in_review()
    timed = done(timed, 14 * DAY - HOUR, "client", "raise", args=_all_to_client(3))
    timed = done(timed, 14 * DAY, "client", "withdraw")

    assert due(timed)[Clock("approve")] == 15 * DAY


def test_what_was_decided_is_not_disputed_again():
    timed = done(in_review(), 0, "client", "approve")
    assert may(timed, 0, "client", "raise")
    halves = Split((Item("release", 0, 2, 1),), go_on=True)
    timed = done(timed, 0, "client", "raise", args=halves)
    timed = done(timed, 5 * DAY, "timer", "apply")

    assert view(timed)["releases"][0]["status"] == "pending"
    assert not may(timed, 5 * DAY, "client", "raise")


def test_lateness_counts_from_the_later_of_due_and_funding():
    timed = done(initial(Terms(dues=(5 * DAY, None))), 0, "freelancer", "accept")
    timed = done(timed, 10 * DAY, "client", "fund")

    assert gates(timed)[Clock("late")] == 11 * DAY
    assert not may(timed, 11 * DAY, "client", "cancel-late")
    assert may(timed, 11 * DAY + 1, "client", "cancel-late")
    assert due(timed)[Clock("not_submitted")] == 85 * DAY


def test_without_a_due_time_the_client_never_cancels_as_late():
    timed = done(initial(Terms(dues=(None, None))), 0, "freelancer", "accept")
    timed = done(timed, 0, "client", "fund")

    assert not may(timed, 1000 * DAY, "client", "cancel-late")
    assert may(timed, 75 * DAY, "timer", "cancel-late")


def test_parts_of_a_refund_give_back_the_fee_once():
    timed = done(in_review(Terms(amounts=(3, 2), fee_percent=30)), 0, "client", "approve")
    release = timed.state.releases[0]
    assert release
    first = net_of_refund(release, 1)
    rest = net_of_refund(release._replace(refunded=1), 2)

    assert first + rest == release.gross - release.fee


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10_000)), max_size=40))
def test_any_history_keeps_the_invariants_and_ends_within_the_largest_time(choices):
    timed, now = initial(Terms(dues=(None, 20 * DAY))), 0
    for days, choice in choices:
        now, timed = run_to(timed, now, now + days * DAY)
        if possible := steps(timed, now):
            timed = possible[choice % len(possible)][1]
        assert_sound(timed)

    fell_silent = max(now, 20 * DAY)
    while timers := due(timed):
        now, timed = run_to(timed, now, max(now, firing(timed, timers)))
        assert_sound(timed)

    assert is_final(timed.state) or timed.state.withdrawal
    # Reminders add a day at most to what a dispute had stopped.
    assert now <= fell_silent + 136 * DAY


def run_to(timed: Timed, now: int, until: int) -> tuple[int, Timed]:
    """Fire the timers in their order until a time; the provider is not asked."""
    while (timers := due(timed)) and firing(timed, timers) <= until:
        now = max(now, firing(timed, timers))
        _, timed = next(
            (move, after)
            for move, after in steps(timed, now)
            if move.party == "timer" and move.after and timers[move.after] <= now
        )
    return until, timed


def firing(timed: Timed, timers: dict[Clock, int]) -> int:
    """When the next timer fires; those of an unanswered dispute wait for `answer`."""
    dispute = timed.state.dispute
    waiting = {"mean", "escalate"} if dispute and dispute.answer is None else set()
    return min(at for clock, at in timers.items() if clock.kind not in waiting)


def assert_sound(timed: Timed) -> None:
    far = 10_000 * DAY
    timers = {move.after for move, _ in steps(timed, far) if move.party == "timer" and move.after}
    assert not broken(timed.state, timed.terms, timers), timed
    assert all(clock.kind not in GATES for clock in timers)


def _all_to_client(amount: int) -> Split:
    return Split((Item("milestone", 0, amount, 0),))
