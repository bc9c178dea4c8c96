"""The names of domain events: what happens in the marketplace, told to the people concerned.

A transition is told as `MACHINE.STATE`, the state that its row has entered, and by the names of its
own that stand in `NAMED`. A machine that is carried out is listed here with all its states.
"""

STATES: dict[str, str] = {
    "gig": "draft active paused deleted suspended",
    "job": "draft analyzing open closed cancelled in_progress pending active review delivered"
    " completed disputed",
    "proposal": "pending shortlisted accepted rejected withdrawn",
    "contract": "pending_payment pending_acceptance active in_review revision_requested completed"
    " cancelled disputed terminated refunded",
    "member": "invited accepted declined left",
    "amendment": "proposed accepted declined withdrawn expired",
    "cancellation": "proposed agreed declined withdrawn expired",
    "milestone": "pending in_progress submitted approved paid cancelled",
    "deliverable": "submitted under_review approved revision_requested rejected",
    "escrow": "active releasing released refunding refunded",
    "release": "pending cleared frozen reversed",
    "transaction": "pending processing completed failed cancelled refunded",
    "refund": "requested approved rejected processing succeeded failed",
    "dispute": "open under_review escalated resolved closed",
    "dispute_offer": "offered accepted declined withdrawn expired",
    "deposit": "pending processing captured failed",
    "deposit_return": "requested processing succeeded failed",
    "withdrawal": "requested approved processing paid failed cancelled returned",
    "payout_batch": "draft submitted settled partially_failed failed cancelled",
    "review_invitation": "invited accepted expired",
    "review": "pending published hidden",
}
"""The states of each machine, between blanks."""

NAMED = frozenset(
    {
        "gig.published",
        "job.published",
        "proposal.received",
        "contract.started",
        "milestone.revision_requested",
        "payment.received",
        "dispute.withdrawn",
        "review.invited",
    }
)
"""Names that are no state of a machine."""

DOMAIN_EVENTS = NAMED | {
    f"{machine}.{state}" for machine, states in STATES.items() for state in states.split()
}
"""Every domain event that a client may receive."""
