"""An offer to settle a dispute: offered → accepted (that ends it), declined, withdrawn, expired."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from handlers.workflows.bodies import readable
from handlers.workflows.contracts.belonging import (
    NOT_CHARGED_BACK,
    ROOTS,
    contract_of,
    people,
    room,
)
from handlers.workflows.contracts.splitting import (
    CHANGED,
    SplitParts,
    asked_split,
    fitting,
    items_of,
    sums_of,
    write_items,
)
from handlers.workflows.repeating import not_repeated
from handlers.workflows.trust.dispute_ends import Settlement
from handlers.workflows.words import CONFLICT, OTHER, OWNER, C, F, T
from protocol.machine import Due, Machine, transition
from protocol.text import NO_NUL
from storage.workflows.moves import length_of
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Creation, Guard, Workflow

OFFER = Machine("dispute_offer", "dispute_offers", {OWNER: "offered_by"}, (
    transition("offer", "", "offered", C, F, guards="undecided none_open not_repeated",
               events="dispute.offered"),
    transition("accept", "offered", "accepted", OTHER, guards="not_charged_back",
               stamps="answered_at", moves_money=True),
    transition("decline", "offered", "declined", OTHER, stamps="answered_at"),
    transition("withdraw", "offered", "withdrawn", OWNER, stamps="answered_at"),
    transition("expire", "offered", "expired", T, stamps="answered_at"),
), dues={"offered": (Due("expire", "offer_days", since=("created_at",)),)})  # fmt: skip


class Offer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A split that its author would agree to."""

    dispute_id: UUID
    split: SplitParts
    goes_on: bool = False
    message: Annotated[str, Meta(max_length=5_000, pattern=NO_NUL)] | None = None


async def _make(work: Work, dispute: Row, body: Offer) -> dict[str, Any]:
    readable(message=body.message)
    return {
        "dispute_id": dispute.id,
        "contract_id": dispute["contract_id"],
        "offered_by": work.actor,
        "message": body.message,
        **sums_of(()),
        "goes_on": body.goes_on,
        "expires_at": work.now + await length_of(work, "offer_days"),
        "updated_at": work.now,
    }


async def _offer(work: Work, row: Row, body: Offer) -> None:
    contract = await contract_of(work, row)
    items = await asked_split(work, contract, body.split)
    write_items(work, contract, items, offer_id=row.id)
    work.set(row, **sums_of(items))


async def _accept(work: Work, row: Row, _body: object) -> None:
    contract = await contract_of(work, row)
    dispute = await work.one("disputes", row["dispute_id"])
    items = await fitting(work, contract, await items_of(work, offer_id=row.id))
    await work.transition("dispute", "settle", dispute, Settlement(items, row["goes_on"]))


_OTHER = (
    "r.offered_by <> {me} AND EXISTS (SELECT FROM contracts c WHERE c.id = r.contract_id"
    " AND {me} IN (c.client_id, c.freelancer_id))"
)

WORKFLOW = Workflow(
    OFFER,
    resource="dispute-offers",
    roots=ROOTS,
    audience=people,
    facts={OTHER: _OTHER},
    guards={
        "not_repeated": not_repeated(
            "SELECT x.created_at AS at FROM dispute_offers x WHERE x.dispute_id = r.id"
            " AND x.offered_by = {me} AND x.status IN ('declined', 'withdrawn')"
        ),
        "undecided": Guard(
            "r.status IN ('open', 'under_review', 'escalated')",
            "the dispute is over",
            code=CONFLICT,
        ),
        "not_charged_back": NOT_CHARGED_BACK,
        "none_open": Guard(
            "NOT EXISTS (SELECT FROM dispute_offers o WHERE o.dispute_id = r.id"
            " AND o.offered_by = {me} AND o.status = 'offered')",
            "another offer of yours is open: withdraw it first",
            code=CONFLICT,
        ),
    },
    effects={"offer": _offer, "accept": _accept},
    bodies={"offer": Offer},
    creation=Creation("dispute", "dispute_id"),
    makers={"offer": _make},
    conflicts={"offer": (CHANGED,), "accept": (CHANGED,)},
    room=room("client_amount", "freelancer_amount"),
)
