"""A dispute: two parties who do not agree on what is held, and how it ends.

open → under_review (staff has taken it) → escalated → … → closed. It is raised with the raiser's
split; the other party answers with theirs, or the raiser's is applied. It ends by a split: the
raiser's (no answer), one that both agreed on (`dispute_offer`), staff's, or halfway between both
sides' after the longest time; or the raiser withdraws it and nothing has moved: they raise another
only once the other party has done something new. As long as it is open, nothing changes in what it
is about.
"""

from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

import msgspec

from handlers.workflows.bodies import Files, Story, Title, Urls, ones_own, readable
from handlers.workflows.contracts.belonging import (
    IS_NOT_CHARGED_BACK,
    IS_WORKING,
    NOT_CHARGED_BACK,
    ROOTS,
    contract_of,
    room,
)
from handlers.workflows.contracts.splitting import (
    CHANGED,
    UNCLEARED,
    SplitParts,
    asked_split,
    is_of_team,
    sums_of,
    write_items,
)
from handlers.workflows.trust import dispute_ends as ends
from handlers.workflows.trust.freezing import frozen
from handlers.workflows.trust.words import IMPARTIAL
from handlers.workflows.words import CONFLICT, OTHER, OWNER, SYSTEM, C, F, S, T
from protocol.machine import Due, Machine, transition
from storage.workflows.moves import length_of, retime
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Creation, Guard, Workflow

OPEN = "open under_review escalated"
_ALERT = Due("alert", "dispute_alert_days", since=("created_at",), lacking="alerted_at")
_MEAN = Due("mean", "dispute_mean_days", since=("created_at",), given="answered_at", reminds=True)
_UNANSWERED = Due(
    "apply", "dispute_answer_days", since=("created_at",), lacking="answered_at", reminds=True
)
_ESCALATE = Due("escalate", "dispute_escalation_days", since=("created_at",),
                given="answered_at", lacking="escalated_at")  # fmt: skip

DISPUTE = Machine(
    "dispute", "disputes", {C: "client_id", F: "freelancer_id", OWNER: "raised_by"}, (
        transition("raise", "", "open", C, F, events="dispute.raised",
                   guards="disputable within_reach no_chargeback something_new"),
        transition("respond", OPEN, "=", OTHER, guards="unanswered", stamps="answered_at",
                   events="dispute.answered"),
        transition("review", "open escalated", "under_review", S),
        transition("escalate", "open under_review", "escalated", C, F, T,
                   guards="answered never_escalated", stamps="escalated_at"),
        transition("resolve", OPEN, "closed", S, guards="not_charged_back", stamps="resolved_at",
                   moves_money=True, events="dispute.resolved"),
        transition("withdraw", OPEN, "closed", OWNER, stamps="resolved_at",
                   events="dispute.withdrawn"),
        transition("settle", OPEN, "closed", SYSTEM, stamps="resolved_at",
                   moves_money=True, events="dispute.settled"),
        transition("apply", OPEN, "closed", T, stamps="resolved_at",
                   moves_money=True, events="dispute.resolved"),
        transition("mean", OPEN, "closed", T, stamps="resolved_at",
                   moves_money=True, events="dispute.resolved"),
        transition("alert", OPEN, "=", T, stamps="alerted_at", events="dispute.unresolved"),
    ),
    dues=dict.fromkeys(OPEN.split(), (_UNANSWERED, _ESCALATE, _ALERT, _MEAN)),
)  # fmt: skip

_UNDECIDED = (
    "EXISTS (SELECT FROM releases l WHERE l.contract_id = r.id AND l.status = 'pending'"
    " AND NOT l.is_decided AND l.gross > l.refunded)"
)
_HELD = (
    "EXISTS (SELECT FROM ledger_accounts a WHERE a.kind = 'escrow' AND a.contract_id = r.id"
    " AND a.balance > 0)"
)
# What one side waits for of the other: to dispute the same again would only hold the money up.
_NEW = "CASE WHEN {me} = r.client_id THEN '{submit}'::text[] ELSE '{hold,request-revision}' END"
_NOTHING_NEW = (
    "EXISTS (SELECT FROM disputes d JOIN status_history w ON w.entity_type = 'dispute'"
    " AND w.entity_id = d.id AND w.action = 'withdraw' WHERE d.contract_id = r.id"
    " AND d.raised_by = {me} AND d.outcome = 'withdrawn' AND NOT EXISTS (SELECT FROM milestones m"
    " JOIN status_history h ON h.entity_type = 'milestone' AND h.entity_id = m.id"
    f" WHERE m.contract_id = r.id AND h.id > w.id AND h.action = ANY ({_NEW})))"
)
GUARDS = {
    "something_new": Guard(
        f"NOT {_NOTHING_NEW}",
        "you have withdrawn a dispute, and the other party has done nothing since that is new",
        code=CONFLICT,
    ),
    "disputable": Guard(
        f"{IS_WORKING} OR r.status = 'completed'",
        "the contract is not one that can be disputed now",
        code=CONFLICT,
    ),
    "within_reach": Guard(
        f"{_UNDECIDED} OR ({IS_WORKING} AND {_HELD})",
        "no money of the contract is within reach",
        code=CONFLICT,
    ),
    "no_chargeback": IS_NOT_CHARGED_BACK,
    "not_charged_back": NOT_CHARGED_BACK,
    "unanswered": Guard("r.answered_at IS NULL", "the dispute is answered already", code=CONFLICT),
    "answered": Guard(
        "r.answered_at IS NOT NULL", "the dispute is not answered yet", code=CONFLICT
    ),
    "never_escalated": Guard(
        "r.escalated_at IS NULL", "the dispute was escalated before", code=CONFLICT
    ),
}


class Raise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong, and how the raiser would split what is there.

    `goes_on` says whether milestones that are not funded go on afterwards.
    """

    contract_id: UUID
    type: Literal["quality", "payment", "timeline", "scope", "other"]
    title: Title
    description: Story
    split: SplitParts
    goes_on: bool = False
    evidence_urls: Urls = []
    evidence_file_ids: Files = []


class DisputeAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The other side, and how they would split it."""

    answer: Story
    split: SplitParts
    goes_on: bool = False
    answer_file_ids: Files = []


async def _make(work: Work, contract: Row, body: Raise) -> dict[str, Any]:
    readable(title=body.title, description=body.description)
    await ones_own(work, "evidence_file_ids", body.evidence_file_ids)
    answer = await length_of(work, "dispute_answer_days")
    return {
        "contract_id": contract.id,
        "raised_by": work.actor,
        "client_id": contract["client_id"],
        "freelancer_id": contract["freelancer_id"],
        "type": body.type,
        "title": body.title,
        "description": body.description,
        "evidence_urls": body.evidence_urls,
        "evidence_file_ids": body.evidence_file_ids,
        "raiser_goes_on": body.goes_on,
        "answer_due_at": work.now + answer,
        "answered_at": None,
        "escalated_at": None,
        "alerted_at": None,
        "updated_at": work.now,
    }


async def _raise(work: Work, row: Row, body: Raise) -> None:
    contract = await contract_of(work, row)
    items = await asked_split(work, contract, body.split)
    write_items(work, contract, items, side="raiser", dispute_id=row.id)
    work.set(row, **{f"raiser_{name}": amount for name, amount in sums_of(items).items()})
    await frozen(work, contract)


async def _respond(work: Work, row: Row, body: DisputeAnswer) -> None:
    readable(answer=body.answer)
    await ones_own(work, "answer_file_ids", body.answer_file_ids)
    contract = await contract_of(work, row)
    items = await asked_split(work, contract, body.split)
    write_items(work, contract, items, side="answer", dispute_id=row.id)
    work.set(
        row,
        answer=body.answer,
        answer_file_ids=body.answer_file_ids,
        answer_goes_on=body.goes_on,
        answer_due_at=None,
        **{f"answer_{name}": amount for name, amount in sums_of(items).items()},
    )
    retime(work, "dispute", row)


async def _review(work: Work, row: Row, _body: object) -> None:
    work.set(row, assigned_to=work.actor)


async def _audience(work: Work, row: Row) -> Iterable[UUID | None]:
    people = [row["client_id"], row["freelancer_id"], row.get("assigned_to")]
    if work.now in {row["created_at"], row.get("resolved_at")}:
        releases = await work.of("releases", contract_id=row["contract_id"])
        people += [r["user_id"] for r in releases if r.status in UNCLEARED and is_of_team(r)]
    if row.get("alerted_at") == work.now:
        people += [staff["id"] for staff in await work.ask("trust", "staff")]
    return people


WORKFLOW = Workflow(
    DISPUTE,
    resource="disputes",
    roots=ROOTS,
    audience=_audience,
    facts={OTHER: "r.raised_by <> {me} AND {me} IN (r.client_id, r.freelancer_id)", **IMPARTIAL},
    guards=GUARDS,
    effects={
        "raise": _raise,
        "respond": _respond,
        "review": _review,
        "resolve": ends.resolve,
        "withdraw": ends.withdraw,
        "settle": ends.settle,
        "apply": ends.apply,
        "mean": ends.mean,
    },
    bodies={"raise": Raise, "respond": DisputeAnswer, "resolve": ends.Resolve},
    creation=Creation("contract", "contract_id"),
    makers={"raise": _make},
    conflicts={"raise": (CHANGED,), "respond": (CHANGED,), "resolve": (CHANGED,)},
    room=room("title", "status", "outcome"),
)
