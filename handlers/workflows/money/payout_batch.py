"""A payout batch: approved withdrawals of a currency that a provider pays together.

It is submitted, with a key made of its id, before the provider is called. What becomes of each of
its withdrawals decides what it comes to.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from handlers.workflows.money.requests import taken_currency
from handlers.workflows.words import CONFLICT, OWNER, SYSTEM, S, T
from protocol.errors import ErrorCode
from protocol.machine import Due, Machine, transition
from protocol.money.currency import NONE
from storage.database.write_steps import enqueue
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Conflict, Creation, Guard, Roots, Workflow

MOST = 500
"""Withdrawals of one batch: an execution makes so many ids, and holds so many locks."""

PAYOUT_BATCH = Machine("payout_batch", "payout_batches", {}, (
    transition("begin", "", "draft", OWNER, guards="staff"),
    transition("submit", "draft", "submitted", S, guards="not_own", stamps="submitted_at",
               moves_money=True),
    transition("cancel", "draft", "cancelled", S, T),
    transition("settle", "submitted", "settled", SYSTEM, stamps="settled_at"),
    transition("settle_partially", "submitted", "partially_failed", SYSTEM, stamps="settled_at"),
    transition("fail", "submitted", "failed", SYSTEM, stamps="settled_at"),
), dues={
    # What is gathered can be given up by nobody else.
    "draft": (Due("cancel", "payout_draft_hours", since=("created_at",)),),
})  # fmt: skip


_PROVIDER = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9_-]{1,50}\Z",
        description="the name of a provider, such as local",
        examples=["local"],
    ),
]


class Gather(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of which currency, and by which provider, approved withdrawals are paid."""

    currency: str
    provider: _PROVIDER = "local"


def ending_of(states: Sequence[str]) -> str | None:
    """The action that ends a batch whose withdrawals are in these states; None while any waits."""
    if "processing" in states:
        return None
    failed = states.count("failed")
    if not failed:
        return "settle"
    return "fail" if failed == len(states) else "settle_partially"


_NONE_WAITS = Conflict("no withdrawal waits to be paid")
_ALL_OWE = Conflict("all whom it would pay owe the platform money")


async def _make(work: Work, _user: Row, body: Gather) -> dict[str, Any]:
    return {
        "provider": body.provider,
        "currency": taken_currency(body.currency),
        "total_amount": NONE,
        "withdrawal_count": 0,
        "updated_at": work.now,
    }


async def _begin(work: Work, batch: Row, _body: object) -> None:
    about = (batch["currency"], batch["provider"])
    owners = [row["user_id"] for row in await work.ask("money", "owners_of_approved", *about)]
    await work.ask("money", "lock_users", owners)
    found = await work.ask("money", "approved", *about, owners, MOST)
    if not found:
        raise _NONE_WAITS.error()
    rows = work.have("withdrawals", found)
    total = sum((row["amount"] for row in rows), NONE)
    work.set(batch, total_amount=total, withdrawal_count=len(rows))
    for row in rows:
        await work.transition("withdrawal", "gather", row, payout_batch_id=batch.id)


async def _submit(work: Work, batch: Row, _body: object) -> None:
    found = await work.ask("money", "payouts", batch.id)
    assert len(found) == batch["withdrawal_count"], "a payout method is gone"
    owing = {row["id"] for row in found if row["owes"]}
    paid = [row for row in found if not row["owes"]]
    if not paid:
        raise _ALL_OWE.error()
    for row in await work.of("withdrawals", payout_batch_id=batch.id):
        if row.id in owing:
            await work.transition("withdrawal", "let_go", row, payout_batch_id=None)
        else:
            await work.transition("withdrawal", "process", row)
    if owing:
        total = sum((row["amount"] for row in paid), NONE)
        work.set(batch, total_amount=total, withdrawal_count=len(paid))
    names = {"key": "id", "token": "token", "amount": "amount", "currency": "currency"}
    payouts = [{name: row[column] for name, column in names.items()} for row in paid]
    request = {"provider": batch["provider"], "key": batch.id, "payouts": payouts}
    work.do(enqueue("payments", "payout", **request))


async def _cancel(work: Work, batch: Row, _body: object) -> None:
    for row in await work.of("withdrawals", payout_batch_id=batch.id):
        await work.transition("withdrawal", "let_go", row, payout_batch_id=None)


async def _staff(work: Work, batch: Row) -> Iterable[UUID | None]:
    """Who has made or submitted it, or does so now."""
    found = await work.ask("money", "batch_makers", batch.id)
    return [work.actor, *(row["actor_id"] for row in found)]


WORKFLOW = Workflow(
    PAYOUT_BATCH,
    resource="payout-batches",
    roots=Roots(users="ARRAY(SELECT w.user_id FROM withdrawals w WHERE w.payout_batch_id = r.id)"),
    audience=_staff,
    guards={
        "staff": Guard(
            "r.staff_role IS NOT NULL AND r.status = 'active'",
            "such a payout batch is not yours to make",
            code=ErrorCode.FORBIDDEN,
        ),
        "not_own": Guard(
            "NOT EXISTS (SELECT FROM withdrawals w WHERE w.payout_batch_id = r.id"
            " AND w.user_id = {me})",
            "a withdrawal of your own is in it",
            code=CONFLICT,
        ),
    },
    effects={"begin": _begin, "submit": _submit, "cancel": _cancel},
    bodies={"begin": Gather},
    creation=Creation(),
    makers={"begin": _make},
    conflicts={
        "begin": (_NONE_WAITS,),
        "submit": (_ALL_OWE,),
    },
)
