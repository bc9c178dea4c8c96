"""What an amendment changes: milestones, scope and deadline, the total and its fee."""

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from handlers.workflows.bodies import Amount, Story, Title, Words, in_utc, positive, readable
from handlers.workflows.contracts.computed import HELD, computed
from handlers.workflows.contracts.terms import terms_of
from handlers.workflows.contracts.working import awaited_since
from handlers.workflows.fees import fee_of_total
from protocol.errors import RequestError
from protocol.money.currency import WHOLE_DIGITS
from protocol.money.plan import percents_reached
from protocol.text import format_time
from storage.ledger.postings.sharing import fee_terms
from storage.workflows.moves import retime, tell_change
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Conflict

IS_FIXED = Conflict("a milestone is over, or is funded and its amount is to change")

MOST_MILESTONES = 100
"""Of one contract, and of the changes that one amendment names."""
_Time = Annotated[dt.datetime, Meta(tz=True)]


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change of a milestone; without an id, a milestone that is new."""

    milestone_id: UUID | None = None
    title: Title | None = None
    description: Story | None = None
    amount: Amount | None = None
    due_date: _Time | None = None


class ProposeAmendment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the terms are to change, and what of them."""

    contract_id: UUID
    reason: Words
    milestones: Annotated[list[Change], Meta(max_length=MOST_MILESTONES)] = msgspec.field(
        default_factory=list
    )
    scope_of_work: Story | None = None
    deadline: dt.date | None = None


async def changes_of(work: Work, contract: Row, body: ProposeAmendment) -> list[dict[str, Any]]:
    """The changes of milestones as they are kept: only members that are said.

    Raises `RequestError` for a milestone that is not there, or whose amount is fixed.
    """
    readable(reason=body.reason, scope_of_work=body.scope_of_work)
    milestones = {m.id: m for m in await work.of("milestones", contract_id=contract.id)}
    named = [one.milestone_id for one in body.milestones if one.milestone_id is not None]
    if len(set(named)) != len(named):
        raise RequestError.invalid("milestones", "one is named twice")
    new = len(body.milestones) - len(named)
    if len(milestones) + new > MOST_MILESTONES:
        raise RequestError.invalid("milestones", f"a contract has at most {MOST_MILESTONES}")
    return [
        _kept(one, f"milestones[{number}]", milestones, contract["currency"], work.now.date())
        for number, one in enumerate(body.milestones)
    ]


def is_other_than(
    contract: Row, body: ProposeAmendment, changes: Sequence[Any], today: dt.date
) -> None:
    """Raise `RequestError` where nothing changes, and for a deadline that is past."""
    if not changes and body.scope_of_work is None and body.deadline is None:
        raise RequestError.invalid("milestones", "nothing is to change")
    start = contract["start_date"]
    if body.deadline is not None and start is not None and body.deadline < start:
        raise RequestError.invalid("deadline", "must not be before the start")
    if body.deadline is not None and body.deadline < today:
        raise RequestError.invalid("deadline", "must not be past")


async def total_after(work: Work, contract: Row, changes: Sequence[dict[str, Any]]) -> Decimal:
    """The contract's total with these changes; cancelled milestones stay in it."""
    total: Decimal = contract["total_amount"]
    for change in changes:
        if "amount" in change:
            total += Decimal(change["amount"])
            if "milestone_id" in change:
                total -= (await work.one("milestones", UUID(change["milestone_id"])))["amount"]
    if total >= Decimal(10) ** WHOLE_DIGITS:
        raise RequestError.invalid("milestones", "the total is too large")
    return total


async def amend(work: Work, contract: Row, amendment: Row) -> None:
    """Let an amendment take effect: both have agreed on it."""
    changes = _read(amendment["milestones"])
    total = await total_after(work, contract, changes)
    terms: dict[str, Any] = {"total_amount": total}
    for name in ("scope_of_work", "deadline"):
        if amendment[name] is not None:
            terms[name] = amendment[name]
    if total != contract["total_amount"]:
        terms |= await _fee_after(work, contract, total)
    work.set(contract, **terms)
    tell_change(work, "contract", contract)
    for change in changes:
        await _change(work, contract, change)
    milestones = await work.of("milestones", contract_id=contract.id)
    in_order = sorted(milestones, key=lambda m: m["seq"])
    percents = percents_reached([m["amount"] for m in in_order])
    for milestone, percent in zip(in_order, percents, strict=True):
        if milestone["percentage"] != percent:
            work.set(milestone, percentage=percent)
    live = [m for m in in_order if m.status != "cancelled"]
    work.set(contract, **terms_of(contract, live))
    for milestone in live:
        _await_anew(work, contract, milestone)
    await computed(work, contract)


async def _fee_after(work: Work, contract: Row, total: Decimal) -> dict[str, Decimal]:
    milestones = await work.of("milestones", contract_id=contract.id)
    released = sum((m["released"] for m in milestones), Decimal(0))
    currency, made_at = contract["currency"], contract["created_at"]
    fee = await fee_of_total(work, total, currency, made_at)
    terms = fee_terms(contract).amended(total, fee, released)
    return {
        "platform_fee": terms.fee,
        "fee_base_released": terms.base_released,
        "fee_base_taken": terms.base_taken,
    }


async def _change(work: Work, contract: Row, change: dict[str, Any]) -> None:
    values: dict[str, Any] = {n: change[n] for n in ("title", "description") if n in change}
    if "amount" in change:
        values["amount"] = Decimal(change["amount"])
    if "due_date" in change:
        due = dt.datetime.fromisoformat(change["due_date"])
        values["due_date"] = in_utc("milestones.due_date", due)
    if "milestone_id" in change:
        milestone = await work.one("milestones", UUID(change["milestone_id"]))
        work.set(milestone, **values)
        tell_change(work, "milestone", milestone)
        return
    before = await work.of("milestones", contract_id=contract.id)
    seq = max((m["seq"] for m in before), default=0) + 1
    absent = {"funded_at": None, "sent_back_at": None, "awaited_since": None, "due_date": None}
    absent["percentage"] = None
    sums = {"released": Decimal(0), "refunded": Decimal(0)}
    row = absent | sums | values | {"contract_id": contract.id, "seq": seq}
    await work.begin("milestone", "plan", **row)


def _await_anew(work: Work, contract: Row, milestone: Row) -> None:
    """A funded milestone is waited for until its new date."""
    if milestone.status != "in_progress" or milestone["awaited_since"] is None:
        return
    since = awaited_since(contract, milestone, milestone["funded_at"])
    if since != milestone["awaited_since"]:
        work.set(milestone, awaited_since=since)
        retime(work, "milestone", milestone)


def _kept(
    one: Change, path: str, milestones: dict[UUID, Row], currency: str, today: dt.date
) -> dict[str, Any]:
    readable(title=one.title, description=one.description)
    kept: dict[str, Any] = {}
    if one.milestone_id is None:
        if one.title is None or one.amount is None:
            raise RequestError.invalid(path, "a new milestone needs a title and an amount")
    else:
        _changeable(one, path, milestones.get(one.milestone_id))
        kept["milestone_id"] = str(one.milestone_id)
    if one.amount is not None:
        kept["amount"] = str(positive(f"{path}.amount", one.amount, currency))
    if one.due_date is not None:
        due = in_utc(f"{path}.due_date", one.due_date)
        if due < dt.datetime.combine(today, dt.time(), dt.UTC):
            raise RequestError.invalid(f"{path}.due_date", "must not be past")
        kept["due_date"] = format_time(due)
    said = {"title": one.title, "description": one.description}
    return kept | {name: text for name, text in said.items() if text is not None}


def _changeable(one: Change, path: str, milestone: Row | None) -> None:
    if milestone is None:
        raise RequestError.invalid(f"{path}.milestone_id", "is no milestone of the contract")
    is_held = milestone.status in HELD
    if milestone.status != "pending" and not (is_held and one.amount is None):
        what = "its amount is fixed" if is_held else f"it is {milestone.status}"
        details = {"path": path, "milestone_id": str(milestone.id), "status": milestone.status}
        raise IS_FIXED.error(details, message=f"{path}: {what}")
    if (one.title, one.description, one.amount, one.due_date) == (None, None, None, None):
        raise RequestError.invalid(path, "nothing of it is to change")


def _read(changes: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(changes) if isinstance(changes, str) else changes
    return found
