"""What the server shows of a walk, and what the model says that it must show."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.integration.model.asking import CREATIONS, Json, Key, action_of
from tests.integration.model.walk import Walk
from tests.integration.model.world import CURRENCY
from tests.machines.workflow_model.state import WORKING, State
from tests.machines.workflow_model.timed import steps, view

_ROOM = "milestones,releases,amendments,cancellations,disputes.offers"
_BESIDE_THE_MODEL = {"tip"}
"""What the server lets people do that the model leaves out."""
_OVER = {
    "amendment": {"accepted", "declined", "withdrawn", "expired"},
    "cancellation": {"agreed", "declined", "withdrawn", "expired"},
    "dispute": {"closed"},
    "offer": {"accepted", "declined", "withdrawn", "expired"},
    "refund": {"rejected", "succeeded", "withdrawn"},
    "withdrawal": {"paid", "failed", "cancelled"},
}
_MONEY = """
WITH w AS (
    SELECT user_id, funded, earned, pending, withdrawing, debt FROM wallets
    WHERE currency = $4 AND user_id IN ($2, $3)
)
SELECT coalesce((SELECT balance FROM ledger_accounts
                 WHERE kind = 'escrow' AND contract_id = $1::uuid), 0) AS escrow,
       coalesce((SELECT funded FROM w WHERE user_id = $2), 0) AS client_funded,
       coalesce((SELECT pending FROM w WHERE user_id = $3), 0) AS pending,
       coalesce((SELECT withdrawing FROM w WHERE user_id = $3), 0) AS withdrawing,
       coalesce((SELECT earned FROM w WHERE user_id = $3), 0) AS freelancer_earned,
       coalesce((SELECT debt FROM w WHERE user_id = $3), 0) AS freelancer_debt,
       (SELECT coalesce(sum(earned + pending + withdrawing + debt), 0) FROM w WHERE user_id = $2)
         + (SELECT coalesce(sum(funded), 0) FROM w WHERE user_id = $3) AS elsewhere,
       (SELECT coalesce(sum(amount), 0) FROM withdrawals
        WHERE user_id = $3 AND status = 'paid') AS paid_out
"""


async def compare(walk: Walk) -> None:
    """Somebody reads everything, and it is what the model has."""
    party = walk.random.choice(sorted(walk.people))
    shown = await shown_to(walk, party)
    expected = expected_by(walk, party)
    differs = [
        f"{name}: shown {shown[name]}, expected {expected[name]}"
        for name in expected
        if shown[name] != expected[name]
    ]
    assert not differs, walk.complaint(f"what the {party} is shown differs: {differs}")


def expected_by(walk: Walk, party: str) -> Json:
    """What the model says."""
    state, said = walk.timed.state, view(walk.timed)
    releases = [
        None
        if release is None
        else {name: getattr(release, name) for name in ("status", "gross", "fee", "refunded")}
        | {
            "net": release.gross - release.fee,
            "is_decided": release.decided or release.status == "reversed",
        }
        for release in state.releases
    ]
    return {
        "contract": (said["contract"], said["revisions_used"]),
        "milestones": said["milestones"],
        "releases": releases,
        "open": dict(_open_in(state, with_withdrawal=party != "client")),
        "actions": _actions_in(walk, party),
        "money": {name: said[name] for name in _SUMS} | {"elsewhere": 0},
    }


_SUMS = (
    "escrow", "client_funded", "pending", "withdrawing", "freelancer_earned", "freelancer_debt",
    "paid_out",
)  # fmt: skip


def _open_in(state: State, *, with_withdrawal: bool) -> Iterator[tuple[Key, str]]:
    if state.amendment:
        yield ("amendment", 0), "proposed"
    if state.cancellation:
        yield ("cancellation", 0), "proposed"
    if state.dispute:
        yield ("dispute", 0), state.dispute.status
        if state.dispute.offer:
            yield ("offer", 0), "offered"
    for place, release in enumerate(state.releases):
        if release and release.asked:
            yield ("refund", place), "requested"
    if state.withdrawal and with_withdrawal:
        yield ("withdrawal", 0), state.withdrawal.status


def _actions_in(walk: Walk, party: str) -> dict[Key, set[str]]:
    found: dict[Key, set[str]] = {}
    for move, _ in steps(walk.timed, walk.world.now):
        if move.party == party and move.action not in CREATIONS | {"batch-withdrawal": ""}:
            found.setdefault(walk.rows.of(move), set()).add(action_of(move))
    state = walk.timed.state
    for place, milestone in enumerate(state.milestones):
        # That a wallet holds too little is told with what is missing: the action is there.
        if party == "client" and state.status in WORKING and milestone.status == "pending":
            found.setdefault(("milestone", place), set()).add("fund")
    return found


async def shown_to(walk: Walk, party: str) -> Json:
    """What somebody reads, by the requests that a client makes."""
    market, person = walk.world.market, walk.people[party]
    contract = walk.rows.ids["contract", 0]
    room, refunds, money = await asyncio.gather(
        market.read(person, f"contracts/{contract}?expand={_ROOM}"),
        market.rows(person, f"refunds?contract_id={contract}"),
        walk.world.pool.fetchrow(
            _MONEY, contract, walk.people["client"].id, walk.people["freelancer"].id, CURRENCY
        ),
    )
    withdrawals = [] if party == "client" else await _withdrawals(walk, party)
    places = {walk.rows.ids["milestone", place]: place for place in (0, 1)}
    milestones = sorted(room["milestones"]["data"], key=lambda row: row["seq"])
    releases: list[Json | None] = [None, None]
    rows: list[tuple[Key, Json]] = [(("contract", 0), room)]
    for row in room["releases"]["data"]:
        place = places[row["milestone_id"]]
        walk.rows.ids["release", place] = row["id"]
        releases[place] = {
            "status": row["status"],
            # Of one that is reversed nothing is left to be decided.
            "is_decided": row["is_decided"] or row["status"] == "reversed",
            **{name: _units(row[name]) for name in ("gross", "fee", "net", "refunded")},
        }
        rows.append((("release", place), row))
    of_release = {walk.rows.ids[key]: key[1] for key in walk.rows.ids if key[0] == "release"}
    rows += [(("milestone", places[row["id"]]), row) for row in milestones]
    rows += [(("amendment", 0), row) for row in room["amendments"]["data"]]
    rows += [(("cancellation", 0), row) for row in room["cancellations"]["data"]]
    for row in room["disputes"]["data"]:
        rows.append((("dispute", 0), row))
        rows += [(("offer", 0), offer) for offer in row["offers"]["data"]]
    rows += [(("refund", of_release[row["release_id"]]), row) for row in refunds]
    rows += [(("withdrawal", 0), row) for row in withdrawals]
    return {
        "contract": (room["status"], room["revisions_used"]),
        "milestones": [
            {
                "status": row["status"],
                "amount": _units(row["amount"]),
                "released": _units(row["released"]),
            }
            for row in milestones
        ],
        "releases": releases,
        "open": {
            key: row["status"]
            for key, row in rows
            if key[0] in _OVER and row["status"] not in _OVER[key[0]]
        },
        "actions": {
            key: actions
            for key, row in rows
            if (actions := set(row["available_actions"]) - _BESIDE_THE_MODEL)
        },
        "money": {name: int(amount) for name, amount in money.items()},
    }


async def _withdrawals(walk: Walk, party: str) -> list[Json]:
    whose = f"?user_id={walk.people['freelancer'].id}" if party == "staff" else ""
    return await walk.world.market.rows(walk.people[party], f"withdrawals{whose}")


def _units(amount: Any) -> int:
    return int(Decimal(amount))
