"""The model with time, which the server is held to: times are whole seconds after the start."""

from typing import Any, NamedTuple

from tests.machines.workflow_model.clocks import (
    DAY,
    FROM_DUE,
    GATES,
    LENGTHS,
    REMINDED,
    clocks,
)
from tests.machines.workflow_model.moves import first, moves
from tests.machines.workflow_model.state import Clock, Move, State, Terms

Times = tuple[tuple[Clock, int], ...]


class Timed(NamedTuple):
    """A state, when each of its clocks is over, and what is left of those that stand still."""

    terms: Terms
    state: State
    ends: Times
    left: Times = ()


def initial(terms: Terms | None = None, now: int = 0) -> Timed:
    """An offered contract, made at `now`."""
    terms = terms or Terms()
    return _at(Timed(terms, first(terms), ()), first(terms), now)


def steps(timed: Timed, now: int) -> list[tuple[Move, Timed]]:
    """All that somebody may do at `now`, and every timer that is due, with the state after it."""
    ends = dict(timed.ends)
    return [
        (move, _at(timed, after, now))
        for move, after in moves(timed.state, timed.terms)
        if _in_time(move, ends, now)
    ]


def due(timed: Timed) -> dict[Clock, int]:
    """When each running timer is due.

    `mean` and `escalate` are due in vain while nobody has answered: `answer` comes first.
    """
    return {clock: end for clock, end in timed.ends if clock.kind not in GATES}


def gates(timed: Timed) -> dict[Clock, int]:
    """From when (`refundable`: until when) the guards of time are content; none: never."""
    return {clock: end for clock, end in timed.ends if clock.kind in GATES}


def view(timed: Timed) -> dict[str, Any]:
    """What the server shows, by the names of its resources."""
    state = timed.state
    return {
        "contract": state.status,
        "milestones": [
            {"status": each.status, "amount": each.amount, "released": each.released}
            for each in state.milestones
        ],
        "releases": [
            release
            and {
                "status": release.status,
                "gross": release.gross,
                "fee": release.fee,
                "net": release.gross - release.fee,
                "refunded": release.refunded,
                "refund": "requested" if release.asked else None,
            }
            for release in state.releases
        ],
        "dispute": state.dispute and state.dispute.status,
        "offer": state.dispute and state.dispute.offer and "offered",
        "amendment": state.amendment and "proposed",
        "cancellation": state.cancellation and "proposed",
        "withdrawal": state.withdrawal and state.withdrawal.status,
        "revisions_used": state.revisions,
        "escrow": state.escrow,
        "pending": state.pending,
        "withdrawing": state.withdrawing,
        "client_funded": state.wallet,
        "freelancer_earned": state.earned,
        "freelancer_debt": state.debt,
        "fees": state.fees,
        "paid_out": state.paid_out,
    }


def _in_time(move: Move, ends: dict[Clock, int], now: int) -> bool:
    if move.after is not None:
        end = ends.get(move.after)
        # Nothing is late in the very second in which it is due.
        strictly = move.after.kind in {"late", "back"}
        return end is not None and (now > end if strictly else now >= end)
    return move.before is None or now <= ends[move.before]


def _at(before: Timed, state: State, now: int) -> Timed:
    """Let clocks go on, begin, stand still or go on with what is left of them."""
    running, stopped = clocks(state)
    ends, left = dict(before.ends), dict(before.left)
    new_ends: dict[Clock, int] = {}
    for clock in running:
        end = ends.get(clock)
        if end is None:
            end = _begun(clock, left.get(clock), before.terms, now)
        if end is not None:
            new_ends[clock] = end
    new_left = {
        clock: max(0, ends[clock] - now) if clock in ends else left[clock] for clock in stopped
    }
    return Timed(before.terms, state, _sorted(new_ends), _sorted(new_left))


def _begun(clock: Clock, left: int | None, terms: Terms, now: int) -> int | None:
    if left is not None:
        # Whoever is reminded is told a day before at the latest, also after a dispute.
        return now + (max(left, DAY) if clock.kind in REMINDED else left)
    length = LENGTHS.get(clock.kind) or GATES[clock.kind]
    if clock.kind not in FROM_DUE:
        return now + length
    day = terms.dues[clock.seq]
    if day is None:
        return None if clock.kind == "late" else now + length
    return max(day, now) + length


def _sorted(times: dict[Clock, int]) -> Times:
    return tuple(sorted(times.items()))
