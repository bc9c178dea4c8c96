"""A review: pending → published when both are in, or neither can write any more; hidden by staff.

Nobody answers a review that they could read: until it is published only its author reads it. Who is
reviewed responds once. A contract for which next to nothing was paid, or of which all came back, is
not reviewed.
"""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from handlers.workflows.bodies import Passage, readable
from handlers.workflows.contracts.belonging import ROOTS
from handlers.workflows.trust.review_invitation import publish_written
from handlers.workflows.trust.words import IMPARTIAL
from handlers.workflows.words import ACTIVE, CONFLICT, OTHER, OWNER, SYSTEM, S
from protocol.machine import Machine, transition
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Creation, Guard, Workflow

REVIEW = Machine("review", "reviews", {OWNER: "reviewer_id"}, (
    transition("write", "", "pending", OWNER, guards="active_account undisputed invited paid_for"),
    transition("publish", "pending", "published", SYSTEM, stamps="published_at",
               events="review.published"),
    transition("respond", "published", "=", OTHER, guards="unanswered", stamps="response_at",
               events="review.answered"),
    transition("hide", "published", "hidden", S),
    transition("show", "hidden", "published", S),
))  # fmt: skip


class ReviewResponse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody says to what was said of them."""

    response: Passage


async def _write(work: Work, row: Row, _body: object) -> None:
    contract_id = row["contract_id"]
    for invitation in await work.of("review_invitations", contract_id=contract_id):
        if invitation["reviewer_id"] == row["reviewer_id"]:
            await work.transition("review_invitation", "answer", invitation)
    await publish_written(work, contract_id)


async def _respond(work: Work, row: Row, body: ReviewResponse) -> None:
    readable(response=body.response)
    work.set(row, response_text=body.response)


async def _audience(_work: Work, row: Row) -> Iterable[UUID | None]:
    """One that is pending is nobody else's to know of."""
    both = [row["reviewer_id"], row["reviewee_id"]]
    return both[:1] if row.status == "pending" else both


# Who is no party of the contract is refused by the policy of who may write one.
_NO_PARTY = "{me} NOT IN (r.client_id, r.freelancer_id)"
# Stars that cost next to nothing would say nothing.
_PAID = (
    "(SELECT coalesce(sum(l.gross - l.refunded), 0) FROM releases l"
    " WHERE l.contract_id = r.id AND l.kind = 'milestone')"
)
_LEAST = "setting_amount('review_least_amount', r.currency)"

WORKFLOW = Workflow(
    REVIEW,
    resource="reviews",
    roots=ROOTS,
    audience=_audience,
    facts={OTHER: "r.reviewee_id = {me}", **IMPARTIAL},
    guards={
        "active_account": ACTIVE,
        "undisputed": Guard(
            f"{_NO_PARTY} OR r.status <> 'disputed'",
            "not while the contract is disputed",
            code=CONFLICT,
        ),
        "invited": Guard(
            f"{_NO_PARTY} OR EXISTS (SELECT FROM review_invitations i WHERE i.contract_id = r.id"
            " AND i.reviewer_id = {me} AND i.status = 'invited')",
            "no invitation to review it is open",
            code=CONFLICT,
        ),
        "paid_for": Guard(
            f"{_NO_PARTY} OR {_PAID} >= {_LEAST}",
            "too little was paid for the work, or came back, for a review to count",
            code=CONFLICT,
        ),
        "unanswered": Guard("r.response_text IS NULL", "it is answered already", code=CONFLICT),
    },
    effects={"write": _write, "respond": _respond},
    bodies={"respond": ReviewResponse},
    creation=Creation("contract", "contract_id"),
)
