"""Domain events of which nobody is notified, with the reason: `kinds.py` has all the others.

They are told to open connections as ever, and settle what was asked for about their subject.
"""

from collections.abc import Mapping
from types import MappingProxyType

_REASONS = {
    "it is the doing of the only one who hears of it": (
        "gig.draft gig.published gig.paused gig.deleted gig.changed job.draft job.published"
        " job.cancelled job.analyzing deposit.pending withdrawal.requested review.pending"
        " review.changed ticket.open ticket.changed"
        " payout_batch.draft payout_batch.submitted"
    ),
    "it is a step of the platform's own, of which nothing follows for the person": (
        "deposit.processing deposit_return.requested deposit_return.processing"
        " withdrawal.processing escrow.active escrow.releasing escrow.released escrow.refunding"
        " escrow.refunded"
    ),
    "the job follows its contract, which tells it": (
        "job.open job.in_progress job.review job.delivered job.completed job.disputed job.pending"
        " job.active"
    ),
    "the contract follows its milestones, or a dispute, which tell it": (
        "contract.active contract.in_review contract.revision_requested contract.disputed"
        " contract.changed"
    ),
    "the contract that is offered for it says it": "proposal.accepted",
    "nothing is for the other party to do before the order is paid": "contract.pending_payment",
    "the milestone says it": (
        "deliverable.submitted deliverable.under_review deliverable.approved"
        " deliverable.revision_requested deliverable.rejected"
    ),
    "the contract says it": "milestone.pending",
    "the payment says it": "milestone.paid release.pending",
    "the dispute that holds it back says it": "release.frozen",
    "the refund that takes it back says it": "release.reversed",
    "the amendment says it": "milestone.changed",
    "the member says it": "contract_member.changed",
    "the refund's success says it": "refund.approved",
    "another event of the same transition says it": (
        "dispute.open dispute.closed dispute_offer.offered dispute_offer.accepted"
        " review_invitation.invited"
    ),
    "it ends what was asked for, which is settled": (
        "review_invitation.accepted review_invitation.expired ticket.closed"
    ),
    "nothing makes it: its machine is held to its states only": (
        "transaction.pending transaction.processing transaction.completed transaction.failed"
        " transaction.cancelled transaction.refunded"
    ),
}

NOTIFIES_NOBODY: Mapping[str, str] = MappingProxyType(
    {event: reason for reason, events in _REASONS.items() for event in events.split()}
)
"""The reason, by the event."""
