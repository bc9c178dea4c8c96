"""A cancellation: one party proposes to end a contract by a split, the other agrees or not.

A freelancer who gives everything back needs nobody's agreement, unless members of the team were
paid and the client could still dispute that.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from handlers.workflows.bodies import Words, readable
from handlers.workflows.contracts.belonging import (
    IS_NOT_CHARGED_BACK,
    IS_WORKED_ON,
    NOT_CHARGED_BACK,
    PROPOSED,
    ROOTS,
    WORKED_ON,
    contract_of,
    people,
    room,
)
from handlers.workflows.contracts.splitting import (
    CHANGED,
    HAS_CHANGED,
    SplitParts,
    apply_split,
    asked_split,
    fitting,
    is_of_team,
    items_of,
    read_split,
    sums_of,
    undecided,
    write_items,
)
from handlers.workflows.repeating import not_repeated
from handlers.workflows.words import CONFLICT, OTHER, OWNER, SYSTEM, C, F, T
from protocol.machine import Due, Machine, Party, transition
from protocol.money.currency import NONE
from storage.workflows.moves import length_of
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Conflict, Creation, Guard, Workflow

CANCELLATION = Machine("cancellation", "contract_cancellations", {OWNER: "proposed_by"}, (
    transition("propose", "", "proposed", C, F, moves_money=True,
               guards="is_worked_on is_not_charged_back not_repeated"),
    transition("agree", "proposed", "agreed", OTHER, moves_money=True,
               guards="worked_on not_charged_back fits", stamps="answered_at"),
    transition("give-back", "proposed", "agreed", SYSTEM, stamps="answered_at"),
    transition("decline", "proposed", "declined", OTHER, stamps="answered_at"),
    transition("withdraw", "proposed", "withdrawn", OWNER, SYSTEM, stamps="answered_at"),
    transition("expire", "proposed", "expired", T, stamps="answered_at"),
), dues={"proposed": (Due("expire", "cancellation_days", since=("created_at",)),)})  # fmt: skip

_OF_TEAM = "EXISTS (SELECT FROM releases l WHERE l.id = t.item AND l.user_id <> l.freelancer_id)"
_FITS = (
    "NOT EXISTS (SELECT FROM"
    f" (SELECT * FROM contract_there(r.contract_id) t WHERE NOT {_OF_TEAM}) t FULL JOIN"
    " (SELECT coalesce(i.milestone_id, i.release_id) AS item,"
    " i.client_amount + i.freelancer_amount AS amount"
    " FROM split_items i WHERE i.cancellation_id = r.id) s USING (item)"
    " WHERE t.amount IS DISTINCT FROM s.amount)"
)


_ONE_IS_OPEN = Conflict("one is proposed already")


class ProposeCancellation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a contract is to end, and who gets what of all that is there."""

    contract_id: UUID
    reason: Words
    split: SplitParts


async def _make(work: Work, contract: Row, body: ProposeCancellation) -> dict[str, Any]:
    readable(reason=body.reason)
    items = await asked_split(work, contract, body.split)
    given = sums_of(items)
    gives_all = await _gives_all(work, contract, given)
    opened = await work.of("contract_cancellations", contract_id=contract.id, status="proposed")
    if opened and not gives_all:
        details = {"cancellation_id": str(opened[0].id)}
        raise _ONE_IS_OPEN.error(details)
    for one in opened:
        await work.transition("cancellation", "withdraw", one)
    return {
        "contract_id": contract.id,
        "proposed_by": work.actor,
        "reason": body.reason,
        "expires_at": work.now + await length_of(work, "cancellation_days"),
        "updated_at": work.now,
        **given,
    }


async def _propose(work: Work, row: Row, body: ProposeCancellation) -> None:
    contract = await contract_of(work, row)
    items = read_split(body.split, contract["currency"])
    write_items(work, contract, items, cancellation_id=row.id)
    if await _gives_all(work, contract, row):
        await work.transition("cancellation", "give-back", row)


async def _gives_all(work: Work, contract: Row, given: Mapping[str, Any]) -> bool:
    """Whether the freelancer gives back all that there is, so that nobody has to agree."""
    is_all = given["client_amount"] > NONE and given["freelancer_amount"] == NONE
    if work.party is not Party.FREELANCER or not is_all:
        return False
    return not any(is_of_team(release) for release in await undecided(work, contract))


async def _agree(work: Work, row: Row, _body: object) -> None:
    contract = await contract_of(work, row)
    items = await fitting(work, contract, await items_of(work, cancellation_id=row.id))
    await apply_split(work, contract, items, unfunded_go_on=False, ending="agree")


WORKFLOW = Workflow(
    CANCELLATION,
    resource="contract-cancellations",
    roots=ROOTS,
    audience=people,
    facts=PROPOSED,
    room=room("client_amount", "freelancer_amount"),
    guards={
        "not_repeated": not_repeated(
            "SELECT x.created_at AS at FROM contract_cancellations x WHERE x.contract_id = r.id"
            " AND x.proposed_by = {me} AND x.status IN ('declined', 'withdrawn')"
        ),
        "is_worked_on": IS_WORKED_ON,
        "worked_on": WORKED_ON,
        "is_not_charged_back": IS_NOT_CHARGED_BACK,
        "not_charged_back": NOT_CHARGED_BACK,
        "fits": Guard(_FITS, CHANGED.says, code=CONFLICT, reason=HAS_CHANGED),
    },
    effects={"propose": _propose, "agree": _agree, "give-back": _agree},
    bodies={"propose": ProposeCancellation},
    creation=Creation("contract", "contract_id"),
    makers={"propose": _make},
    conflicts={"propose": (_ONE_IS_OPEN, CHANGED)},
)
