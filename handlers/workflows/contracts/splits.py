"""Splits as people send them and as rows: who gets what of each thing that is there.

What is there, and how a split takes effect, is in `splitting`.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from handlers.workflows.bodies import Amount, amount
from protocol.errors import ErrorCode, RequestError
from protocol.money.currency import NONE
from protocol.money.split import HeldHasChangedError, Item, SplitItem, There, agreed
from storage.workflows.rows import Row
from storage.workflows.work import Work

MOST_ITEMS = 200
"""Milestones and releases of one contract."""


class Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The gross amounts of one milestone in escrow or one release, for each of the parties."""

    client_amount: Amount
    freelancer_amount: Amount
    milestone_id: UUID | None = None
    release_id: UUID | None = None


Shares = Annotated[list[Share], Meta(max_length=MOST_ITEMS)]


def stated(shares: Shares, there: There, currency: str, path: str = "items") -> list[SplitItem]:
    """The items that somebody states, as those of what is there.

    Raises `RequestError`: 422 for what is no split, 409 (`held_has_changed`) for one that does not
    sum to what is there.
    """
    try:
        items = [_item(share, currency, f"{path}[{n}]") for n, share in enumerate(shares)]
        return list(agreed(items, there))
    except HeldHasChangedError as error:
        raise held_has_changed(error.items) from error
    except ValueError as error:
        raise RequestError.invalid(path, str(error)) from error


def still(items: Sequence[SplitItem], there: There) -> list[SplitItem]:
    """A split that was agreed on, now that it takes effect; raises as `stated` does."""
    try:
        return list(agreed(items, there))
    except HeldHasChangedError as error:
        raise held_has_changed(error.items) from error


def held_has_changed(items: Iterable[Item] = ()) -> RequestError:
    """The refusal of a split, or a refund, of another amount than there is."""
    differ = [{f"{item.of}_id": str(item.id)} for item in items]
    details: dict[str, Any] = {"reason": "held_has_changed"}
    if differ:
        details["items"] = differ
    message = "what is there is not what is divided: each item must sum to what is there"
    return RequestError(ErrorCode.CONFLICT, message, details)


def sums(items: Iterable[SplitItem]) -> tuple[Decimal, Decimal]:
    """What the client and the freelancer get in all."""
    found = list(items)
    return sum((i.client for i in found), NONE), sum((i.freelancer for i in found), NONE)


def keep(
    work: Work,
    contract: Row,
    items: Iterable[SplitItem],
    *,
    side: Literal["raiser", "answer", "resolution"] | None = None,
    **of: UUID,
) -> None:
    """Write the items of a split; `of` names the row that it belongs to."""
    for one in items:
        work.insert(
            "split_items",
            contract_id=contract.id,
            side=side,
            **{f"{one.item.of}_id": one.item.id},
            client_amount=one.client,
            freelancer_amount=one.freelancer,
            **of,
        )


async def kept(work: Work, *, side: str | None = None, **of: UUID) -> list[SplitItem]:
    """The items of a split that was written."""
    rows = await work.of("split_items", **of, **({} if side is None else {"side": side}))
    return [_kept(row) for row in rows]


def _kept(row: Row) -> SplitItem:
    milestone = row.get("milestone_id")
    item = Item("release", row["release_id"]) if milestone is None else Item("milestone", milestone)
    return SplitItem(item, row["client_amount"], row["freelancer_amount"])


def _item(share: Share, currency: str, path: str) -> SplitItem:
    named = []
    if share.milestone_id is not None:
        named.append(Item("milestone", share.milestone_id))
    if share.release_id is not None:
        named.append(Item("release", share.release_id))
    if len(named) != 1:
        raise RequestError.invalid(path, "must name either a milestone or a release")
    client = amount(f"{path}.client_amount", share.client_amount, currency)
    freelancer = amount(f"{path}.freelancer_amount", share.freelancer_amount, currency)
    return SplitItem(named[0], client, freelancer)
