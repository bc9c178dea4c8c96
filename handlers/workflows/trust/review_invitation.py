"""An invitation to review: both parties of a completed contract are invited, for one window.

Who does not write within it cannot write any more; then the other's review is published.
"""

from uuid import UUID

from handlers.workflows.contracts.belonging import ROOTS
from handlers.workflows.words import OWNER, SYSTEM, T, users_in
from protocol.machine import Due, Machine, transition
from storage.workflows.moves import length_of
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Workflow

INVITATION = Machine("review_invitation", "review_invitations", {OWNER: "reviewer_id"}, (
    transition("invite", "", "invited", SYSTEM, events="review.invited"),
    transition("answer", "invited", "accepted", SYSTEM),
    transition("expire", "invited", "expired", T),
), dues={"invited": (Due("expire", "review_days", since=("created_at",)),)})  # fmt: skip


async def invite(work: Work, contract: Row) -> None:
    """Ask both parties of a contract that is completed for a review, once."""
    if await work.of("review_invitations", contract_id=contract.id):
        return
    expires_at = work.now + await length_of(work, "review_days")
    both = contract["client_id"], contract["freelancer_id"]
    for reviewer, reviewee in (both, both[::-1]):
        await work.begin(
            "review_invitation",
            "invite",
            contract_id=contract.id,
            reviewer_id=reviewer,
            reviewee_id=reviewee,
            expires_at=expires_at,
            updated_at=work.now,
        )


async def publish_written(work: Work, contract_id: UUID) -> None:
    """Publish a contract's reviews once nobody can write a further one."""
    invitations = await work.of("review_invitations", contract_id=contract_id)
    if any(invitation.status == "invited" for invitation in invitations):
        return
    for review in await work.of("reviews", contract_id=contract_id, status="pending"):
        await work.transition("review", "publish", review)


async def _expire(work: Work, row: Row, _body: object) -> None:
    await publish_written(work, row["contract_id"])


WORKFLOW = Workflow(
    INVITATION,
    resource="review-invitations",
    roots=ROOTS,
    audience=users_in("reviewer_id"),
    effects={"expire": _expire},
)
