"""The workflows: a module for each machine, with its table, its guards and its effects.

`WORKFLOWS` holds them by the name of their machine. An effect decides, with `Work`
(storage/workflows/work.py); the executor asks, locks and writes.
"""

from collections.abc import Mapping
from types import MappingProxyType

from handlers.workflows.contracts import (
    amendment,
    cancellation,
    contract,
    deliverable,
    escrow,
    member,
    milestone,
)
from handlers.workflows.listings import gig, job, proposal
from handlers.workflows.money import (
    deposit,
    deposit_return,
    payout_batch,
    refund,
    release,
    withdrawal,
)
from handlers.workflows.trust import dispute, dispute_offer, review, review_invitation, ticket
from storage.workflows.workflow import Workflow

_ALL: tuple[Workflow, ...] = (
    gig.WORKFLOW,
    job.WORKFLOW,
    proposal.WORKFLOW,
    contract.WORKFLOW,
    milestone.WORKFLOW,
    deliverable.WORKFLOW,
    escrow.WORKFLOW,
    amendment.WORKFLOW,
    cancellation.WORKFLOW,
    member.WORKFLOW,
    release.WORKFLOW,
    refund.WORKFLOW,
    deposit.WORKFLOW,
    deposit_return.WORKFLOW,
    withdrawal.WORKFLOW,
    payout_batch.WORKFLOW,
    dispute.WORKFLOW,
    dispute_offer.WORKFLOW,
    review_invitation.WORKFLOW,
    review.WORKFLOW,
    ticket.WORKFLOW,
)

WORKFLOWS: Mapping[str, Workflow] = MappingProxyType({w.machine.name: w for w in _ALL})
"""Every workflow that runs, by its machine."""
