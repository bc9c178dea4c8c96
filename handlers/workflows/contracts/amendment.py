"""An amendment: one party proposes other terms of a contract, the other accepts them or not.

Amounts change only of milestones that are not funded; of funded ones the date and what they are.
"""

from typing import Any

from handlers.workflows.contracts.amending import (
    IS_FIXED,
    ProposeAmendment,
    amend,
    changes_of,
    is_other_than,
    total_after,
)
from handlers.workflows.contracts.belonging import (
    IS_WORKED_ON,
    PROPOSED,
    ROOTS,
    WORKED_ON,
    contract_of,
    people,
    room,
)
from handlers.workflows.fees import fee_of_total
from handlers.workflows.repeating import not_repeated
from handlers.workflows.words import ACTIVE, CONFLICT, NO_FEE_FOR_IT, OTHER, OWNER, SYSTEM, C, F, T
from protocol.machine import Due, Machine, transition
from storage.workflows.moves import length_of
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Creation, Guard, Workflow

AMENDMENT = Machine("amendment", "contract_amendments", {OWNER: "proposed_by"}, (
    transition("propose", "", "proposed", C, F,
               guards="active_account is_worked_on none_open not_repeated"),
    transition("accept", "proposed", "accepted", OTHER, stamps="answered_at",
               guards="active_account worked_on still_pending times_ahead"),
    transition("decline", "proposed", "declined", OTHER, stamps="answered_at"),
    transition("withdraw", "proposed", "withdrawn", OWNER, SYSTEM, stamps="answered_at"),
    transition("expire", "proposed", "expired", T, stamps="answered_at"),
), dues={"proposed": (Due("expire", "amendment_days", since=("created_at",)),)})  # fmt: skip


async def _make(work: Work, contract: Row, body: ProposeAmendment) -> dict[str, Any]:
    changes = await changes_of(work, contract, body)
    is_other_than(contract, body, changes, work.now.date())
    total = await total_after(work, contract, changes)
    await fee_of_total(work, total, contract["currency"], contract["created_at"])
    return {
        "contract_id": contract.id,
        "proposed_by": work.actor,
        "reason": body.reason,
        "milestones": changes,
        "scope_of_work": body.scope_of_work,
        "deadline": body.deadline,
        "total_amount": total,
        "currency": contract["currency"],
        "expires_at": work.now + await length_of(work, "amendment_days"),
        "updated_at": work.now,
    }


async def _accept(work: Work, row: Row, _body: object) -> None:
    await amend(work, await contract_of(work, row), row)


WORKFLOW = Workflow(
    AMENDMENT,
    resource="contract-amendments",
    roots=ROOTS,
    audience=people,
    facts=PROPOSED,
    room=room("total_amount", "currency"),
    guards={
        "not_repeated": not_repeated(
            "SELECT x.created_at AS at FROM contract_amendments x WHERE x.contract_id = r.id"
            " AND x.proposed_by = {me} AND x.status IN ('declined', 'withdrawn')"
        ),
        "active_account": ACTIVE,
        "is_worked_on": IS_WORKED_ON,
        "worked_on": WORKED_ON,
        "none_open": Guard(
            "NOT EXISTS (SELECT FROM contract_amendments a WHERE a.contract_id = r.id"
            " AND a.status = 'proposed')",
            "one is proposed already",
            code=CONFLICT,
        ),
        "still_pending": Guard(
            "NOT EXISTS (SELECT FROM jsonb_array_elements(r.milestones) e"
            " JOIN milestones m ON m.id = (e.value ->> 'milestone_id')::uuid"
            " WHERE m.status IN ('paid', 'cancelled')"
            " OR (e.value ? 'amount' AND m.status <> 'pending'))",
            "a milestone that it changes is not what it was",
            code=CONFLICT,
        ),
        "times_ahead": Guard(
            "plan_due_passed(r.milestones, {now}) IS NULL"
            " AND coalesce(r.deadline >= ({now} AT TIME ZONE 'UTC')::date, true)",
            "a date that it names has passed: another has to be proposed",
            code=CONFLICT,
            reason="date_has_passed",
            hides=False,
        ),
    },
    effects={"accept": _accept},
    bodies={"propose": ProposeAmendment},
    conflicts={"propose": (IS_FIXED, NO_FEE_FOR_IT), "accept": (NO_FEE_FOR_IT,)},
    creation=Creation("contract", "contract_id"),
    makers={"propose": _make},
)
