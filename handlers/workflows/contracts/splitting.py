"""How what is there of a contract is divided: by a cancellation, a dispute's end, or staff.

What is there is the money held for each milestone, and what is left of each release that has not
cleared and that no split has decided. The freelancer's part of a milestone is a release with its
fee, the client's part of a release is a refund of it.

The parties divide what is theirs. What was released to another member of the team is neither's: a
split names it only where staff decides.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from handlers.workflows.bodies import Amount, amount
from handlers.workflows.contracts.computed import HELD, computed
from handlers.workflows.contracts.releasing import divide, paid_users
from handlers.workflows.money.refunding import share_back
from handlers.workflows.money.words import TIPS_STAND
from protocol.errors import Fault, RequestError
from protocol.machine import Party
from protocol.money.currency import NONE, shown
from protocol.money.split import HeldHasChangedError, Item, SplitItem, There, agreed
from storage.ledger.accounts import Account, for_contract, for_refund, for_release
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Conflict

HAS_CHANGED = "held_has_changed"
CHANGED = Conflict("what is there is not what was to be split")
UNCLEARED = frozenset({"pending", "frozen"})
"""The states of a release whose money is not its user's yet."""


class SplitPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who gets what of one milestone that is held, or of one release that has not cleared."""

    client_amount: Amount
    freelancer_amount: Amount
    milestone_id: UUID | None = None
    release_id: UUID | None = None


SplitParts = Annotated[list[SplitPart], Meta(max_length=500)]
"""A split as a body has it."""


async def there(work: Work, contract: Row) -> dict[Item, Decimal]:
    """What there is to divide for who asks, in the order in which it is."""
    milestones = await work.of("milestones", contract_id=contract.id)
    found = {
        Item("milestone", m.id): m["amount"]
        for m in sorted(milestones, key=lambda m: m["seq"])
        if m.status in HELD
    }
    for release in await undecided(work, contract):
        if work.party is not Party.STAFF and is_of_team(release):
            continue
        found[Item("release", release.id)] = release["gross"] - release["refunded"]
    return found


async def undecided(work: Work, contract: Row) -> list[Row]:
    """The releases of a contract that have not cleared, and that no split has decided."""
    return [
        r
        for r in await work.of("releases", contract_id=contract.id)
        if r.status in UNCLEARED and not r["is_decided"] and r["gross"] > r["refunded"]
    ]


def is_of_team(release: Row) -> bool:
    """Whether a release was paid to a member of the team besides the contract's freelancer."""
    return bool(release["user_id"] != release["freelancer_id"])


def _item_of(part: SplitPart) -> Item | None:
    """What a part names; None where it names both or nothing."""
    match part.milestone_id, part.release_id:
        case UUID() as milestone, None:
            return Item("milestone", milestone)
        case None, UUID() as release:
            return Item("release", release)
        case _:
            return None


def read_split(parts: Sequence[SplitPart], currency: str) -> list[SplitItem]:
    """A split as it is sent. Raises `RequestError` (422) with the path of what is wrong."""
    items: list[SplitItem] = []
    for number, part in enumerate(parts):
        where = f"split[{number}]"
        item = _item_of(part)
        if item is None:
            raise RequestError.invalid(where, "names either a milestone or a release")
        if item in {one.item for one in items}:
            raise RequestError.invalid(where, "is named twice")
        amounts = [
            amount(f"{where}.{name}", text, currency)
            for name, text in (
                ("client_amount", part.client_amount),
                ("freelancer_amount", part.freelancer_amount),
            )
        ]
        items.append(SplitItem(item, *amounts))
    return items


async def asked_split(
    work: Work, contract: Row, parts: Sequence[SplitPart]
) -> tuple[SplitItem, ...]:
    """The split that a body has, in the order of what is there.

    Raises `RequestError`: 409 where an item is not to be divided any more; 422, which names what
    is there, unless each item sums to it, and where parties leave less for the work than was given
    on top of it, as with a refund.
    """
    currency = contract["currency"]
    items, held = read_split(parts, currency), await there(work, contract)
    gone = [one.item for one in items if one.item not in held]
    if gone:
        over = await _over(work, contract)
        if passed := [item for item in gone if item in over]:
            raise _has_changed(passed)
    faults = list(_misfits(items, held, currency))
    if faults:
        raise RequestError.of_faults(faults)
    found = agreed(items, held)
    releases = await work.of("releases", contract_id=contract.id)
    if work.party is not Party.STAFF and not _tips_stand(releases, found):
        raise RequestError.invalid("split", TIPS_STAND)
    return found


def _misfits(items: Sequence[SplitItem], held: There, currency: str) -> Iterator[Fault]:
    for number, one in enumerate(items):
        whole = held.get(one.item)
        if whole is None:
            path = f"split[{number}].{one.item.of}_id"
            yield Fault(path, "names nothing of the contract that is to be divided")
        elif one.whole != whole:
            said = f"{_told(whole, currency)} to be divided, not {_told(one.whole, currency)}"
            yield Fault(f"split[{number}]", f"there are {said}")
    named = {one.item for one in items}
    for item, whole in held.items():
        if item not in named:
            what = f"{item.of} {item.id}, of which there are {_told(whole, currency)}"
            yield Fault("split", f"does not name the {what} to be divided")


def _told(amount: Decimal, currency: str) -> str:
    return f"{shown(amount, currency)} {currency}"


async def fitting(work: Work, contract: Row, items: Iterable[SplitItem]) -> tuple[SplitItem, ...]:
    """The items of a split that was kept, in the order of what is there.

    Raises `RequestError` (409) where what is there has changed since they were said.
    """
    try:
        return agreed(items, await there(work, contract))
    except HeldHasChangedError as error:
        raise _has_changed(error.items) from error


def _has_changed(items: Iterable[Item]) -> RequestError:
    differing = [{"of": item.of, "id": str(item.id)} for item in items]
    details: dict[str, Any] = {"reason": HAS_CHANGED, "items": differing}
    return CHANGED.error(details)


async def _over(work: Work, contract: Row) -> set[Item]:
    """What was to be divided of a contract, and is not any more."""
    milestones = await work.of("milestones", contract_id=contract.id)
    releases = await work.of("releases", contract_id=contract.id)
    done = {Item("milestone", m.id) for m in milestones if m.status not in {"pending", *HELD}}
    return done | {
        Item("release", r.id) for r in releases if work.party is Party.STAFF or not is_of_team(r)
    }


def _tips_stand(releases: Iterable[Row], items: Sequence[SplitItem]) -> bool:
    """Whether tips stay no more than what is paid for the work, by these items of a split."""
    back = {one.item.id: one.client for one in items if one.item.of == "release"}
    paid = sum((one.freelancer for one in items if one.item.of == "milestone"), NONE)
    tips = NONE
    for release in releases:
        left = release["gross"] - release["refunded"] - back.get(release.id, NONE)
        if release["kind"] == "tip":
            tips += left
        else:
            paid += left
    return tips <= paid


def write_items(work: Work, contract: Row, items: Iterable[SplitItem], **owner: UUID | str) -> None:
    """Keep the items of a split; `owner` is the column that says whose they are."""
    for one in items:
        work.insert(
            "split_items",
            contract_id=contract.id,
            milestone_id=one.item.id if one.item.of == "milestone" else None,
            release_id=one.item.id if one.item.of == "release" else None,
            client_amount=one.client,
            freelancer_amount=one.freelancer,
            **owner,
        )


async def items_of(work: Work, **owner: UUID | str) -> list[SplitItem]:
    """The items of a split that is kept."""
    return [
        SplitItem(
            Item("milestone", row["milestone_id"])
            if row["milestone_id"] is not None
            else Item("release", row["release_id"]),
            row["client_amount"],
            row["freelancer_amount"],
        )
        for row in await work.of("split_items", **owner)
    ]


def sums_of(items: Iterable[SplitItem]) -> dict[str, Decimal]:
    """What each gets in all, by the names of columns."""
    whole = list(items)
    return {
        "client_amount": sum((one.client for one in whole), NONE),
        "freelancer_amount": sum((one.freelancer for one in whole), NONE),
    }


async def apply_split(
    work: Work,
    contract: Row,
    items: Sequence[SplitItem],
    *,
    unfunded_go_on: bool,
    ending: Any = None,
) -> None:
    """Divide what is there, and let the contract be what its milestones are then.

    The items are those of `fitting`, or made for what is there. `ending` is as in `computed`.
    """
    await _open(work, contract)
    for one in items:
        if one.item.of == "milestone":
            await _milestone_divided(work, contract, one)
        else:
            await _release_divided(work, await work.one("releases", one.item.id), one.client)
    for release in await undecided(work, contract):
        # What nobody divides now is not fought over again: it clears for whose it is.
        if is_of_team(release):
            await _let_stand(work, release)
    if not unfunded_go_on:
        for milestone in await work.of("milestones", contract_id=contract.id, status="pending"):
            await work.transition("milestone", "cancel", milestone)
    await computed(work, contract, ending=ending)


async def _open(work: Work, contract: Row) -> None:
    """The accounts of all that the split may book, at once."""
    client, currency = contract["client_id"], contract["currency"]
    releases = await undecided(work, contract)
    accounts: list[Account] = [
        *for_contract(contract.id, client, currency),
        *for_release(contract.id, await paid_users(work, contract), currency),
    ]
    for release in releases:
        accounts += for_refund(client, release["user_id"], currency)
    await work.ledger.open(accounts, releases=[r.id for r in releases])


async def _milestone_divided(work: Work, contract: Row, one: SplitItem) -> None:
    milestone = await work.one("milestones", one.item.id)
    await divide(work, contract, milestone, one.freelancer)
    is_paid = one.freelancer > NONE
    for deliverable in await work.of("deliverables", milestone_id=milestone.id):
        if deliverable.status in {"submitted", "under_review"}:
            action = "approve" if is_paid else "reject"
            await work.transition("deliverable", action, deliverable)
    work.set(milestone, sent_back_at=None, awaited_since=None, auto_approve_at=None)
    await work.transition("milestone", "share" if is_paid else "cancel", milestone)


async def _release_divided(work: Work, release: Row, to_client: Decimal) -> None:
    """The client's part of a release is a refund; what is left of it clears as it would have."""
    for asked in await work.of("refunds", release_id=release.id, status="requested"):
        await work.transition("refund", "reject", asked)
    if to_client:
        await share_back(work, release, to_client)
    await _let_stand(work, release)


async def _let_stand(work: Work, release: Row) -> None:
    work.set(release, is_decided=True)
    if release.status == "frozen":
        await work.transition("release", "thaw", release)
