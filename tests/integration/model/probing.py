"""Asking for what the model does not have: it is refused, and nothing changes."""

from collections.abc import Iterator

from tests.integration.model.asking import Key, asked_of_rows, rows_of
from tests.integration.model.walk import Walk
from tests.machines.workflow_model.agreements import PARTIES, shares
from tests.machines.workflow_model.state import Move, Split
from tests.machines.workflow_model.timed import steps

REFUSED = {403, 404, 409, 422}
_BY_TIMER = {
    "apply", "mean", "clear", "expire-amendment", "expire-cancellation", "expire-offer",
}  # fmt: skip


async def probe(walk: Walk) -> None:
    """Ask for something that is not to be had now."""
    had = {
        _what(walk, move)
        for move, _ in steps(walk.timed, walk.world.now)
        if move.party in walk.people and move.action != "batch-withdrawal"
    }
    moves = [move for move in _moves(walk) if _what(walk, move) not in had]
    if not moves:
        return
    action = walk.random.choice(sorted({move.action for move in moves}))
    move = walk.random.choice([move for move in moves if move.action == action])
    status, body = await walk.ask(move)
    assert status in REFUSED, walk.complaint(f"{move} is not refused: {status} {body}")


def _what(walk: Walk, move: Move) -> tuple[str, str, Key]:
    return move.party, move.action, walk.rows.of(move)


def _moves(walk: Walk) -> Iterator[Move]:
    """What anybody could ask for, whether it is to be had or not."""
    state = walk.timed.state
    split = next(iter(shares(state, "staff")), Split(()))
    for party in ("client", "freelancer", "staff"):
        for action in asked_of_rows():
            if action not in _BY_TIMER:
                for key in rows_of(action, walk.rows.ids):
                    takes_split = action in {"terminate", "respond", "resolve"}
                    yield Move(party, action, key[1], split if takes_split else None)
    yield from _creations(walk)


def _creations(walk: Walk) -> Iterator[Move]:
    state, ids = walk.timed.state, walk.rows.ids
    for party in PARTIES:
        split = next(iter(shares(state, party)), Split(()))
        # The server may be asked for the amount that is agreed on already.
        if state.milestones[1].amount != walk.terms.amended:
            yield Move(party, "amend", 1, walk.terms.amended)
        yield Move(party, "propose-cancellation", 0, split)
        yield Move(party, "raise", 0, split)
        # The model has one offer at a time, the server one of each party.
        offer = state.dispute.offer if state.dispute else None
        if ("dispute", 0) in ids and (offer is None or offer.by == party):
            yield Move(party, "offer", 0, split)
    for place in (0, 1):
        if ("release", place) in ids:
            yield Move("client", "request-refund", place, 1)
            yield Move("freelancer", "request-refund", place, 1)
    if not state.earned or state.debt:
        yield Move("freelancer", "request-withdrawal")
