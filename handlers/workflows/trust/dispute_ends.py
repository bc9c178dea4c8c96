"""How a dispute ends: by a split of what is there, or withdrawn."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from handlers.workflows.bodies import Story, readable
from handlers.workflows.contracts.belonging import contract_of
from handlers.workflows.contracts.splitting import (
    SplitParts,
    apply_split,
    asked_split,
    items_of,
    sums_of,
    there,
    write_items,
)
from handlers.workflows.trust.freezing import reviews_go_on, thawed
from protocol.money.split import SplitItem, by_timer, mean_of
from storage.workflows.rows import Row
from storage.workflows.work import Work

Outcome = Literal["resolved", "settled", "unanswered", "mean"]


class Resolve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Staff's decision: its reasons, and who gets what of what is there."""

    resolution: Story
    split: SplitParts
    goes_on: bool = False


class Settlement(msgspec.Struct, frozen=True):
    """What both agreed on."""

    items: Sequence[SplitItem]
    goes_on: bool


async def resolve(work: Work, row: Row, body: Resolve) -> None:
    """Staff decides."""
    readable(resolution=body.resolution)
    contract = await contract_of(work, row)
    items = await asked_split(work, contract, body.split)
    work.set(row, resolution=body.resolution, resolved_by=work.actor)
    await _ended(work, row, items, "resolved", goes_on=body.goes_on)


async def settle(work: Work, row: Row, body: Settlement) -> None:
    """Both have agreed."""
    await _ended(work, row, body.items, "settled", goes_on=body.goes_on)


async def apply(work: Work, row: Row, _body: object) -> None:
    """Nobody has answered: what the raiser asked for."""
    contract = await contract_of(work, row)
    said = await items_of(work, dispute_id=row.id, side="raiser")
    items = by_timer(said, await there(work, contract), contract["currency"])
    await _ended(work, row, items, "unanswered", goes_on=row["raiser_goes_on"])


async def mean(work: Work, row: Row, _body: object) -> None:
    """Nobody has decided: halfway between both sides."""
    contract = await contract_of(work, row)
    first = await items_of(work, dispute_id=row.id, side="raiser")
    second = await items_of(work, dispute_id=row.id, side="answer")
    items = mean_of(first, second, await there(work, contract), contract["currency"])
    goes_on = row["raiser_goes_on"] and row["answer_goes_on"]
    await _ended(work, row, items, "mean", goes_on=goes_on)


async def withdraw(work: Work, row: Row, _body: object) -> None:
    """The raiser lets it be: everything goes on from where it was."""
    work.set(row, outcome="withdrawn", answer_due_at=None)
    await _offers_expired(work, row)
    contract = await contract_of(work, row)
    await thawed(work, contract, row["created_at"])


async def _ended(
    work: Work, row: Row, items: Sequence[SplitItem], outcome: Outcome, *, goes_on: bool
) -> None:
    contract = await contract_of(work, row)
    write_items(work, contract, items, side="resolution", dispute_id=row.id)
    work.set(row, outcome=outcome, goes_on=goes_on, answer_due_at=None, **sums_of(items))
    await _offers_expired(work, row)
    await apply_split(work, contract, items, unfunded_go_on=goes_on)
    await reviews_go_on(work, contract, row["created_at"])


async def _offers_expired(work: Work, row: Row) -> None:
    for offer in await work.of("dispute_offers", dispute_id=row.id, status="offered"):
        await work.transition("dispute_offer", "expire", offer)
