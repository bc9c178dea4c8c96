"""What notifications say, in English. `words.py` says what the parts are."""

from types import MappingProxyType

from protocol.notifications.words import Language, MailWords, UnsubscribingWords, Words

_W = Words

_MESSAGES = {
    "message.mention": _W("{actor} mentioned you", "{text}", many="{count} new mentions of you"),
    "message.reply": _W("{actor} replied to you", "{text}", many="{count} new replies to you"),
    "message.run": _W(
        "New message from {people}", "{text}", many="{count} new messages from {people}"
    ),
    "conversation.invited": _W("You were added to {title}"),
    "announcement": _W("{headline}", "{body}"),
    "saved_search.found": _W("New result for {title}", many="{count} new results for {title}"),
    "ticket.taken": _W("Support is looking into {title}"),
    "ticket.replied": _W("{actor} replied to the ticket {title}"),
    "ticket.answered": _W("Support answered you about {title}", "They wait for your reply."),
    "ticket.resolved": _W("Support resolved {title}", "If it is not, reopen the ticket."),
}

_LISTINGS = {
    "gig.suspended": _W("Your gig {title} was suspended", "Nobody can order it for now."),
    "gig.reinstated": _W("Your gig {title} is shown again"),
    "job.changed": _W("The job {title} was changed", "Look whether your proposal still fits."),
    "job.closed": _W("Your job {title} was closed: its deadline has passed"),
    "proposal.received": _W("New proposal for {title}", "{actor} offers {amount}."),
    "proposal.resubmitted": _W("{actor} proposes again for {title}", "The offer is {amount}."),
    "proposal.returned": _W("Your proposal for {title} is considered again"),
    "proposal.changed": _W("{actor} changed their proposal for {title}", "It says {amount} now."),
    "proposal.shortlisted": _W("Your proposal for {title} was shortlisted"),
    "proposal.rejected": _W("Your proposal for {title} was not chosen"),
    "proposal.withdrawn": _W("{actor} withdrew their proposal for {title}"),
}

_CONTRACTS = {
    "contract.offered": _W(
        "{actor} offers you the contract {title}", "It is worth {amount}.", "Answer by {due}."
    ),
    "contract.accepted": _W(
        "{actor} accepted the contract {title}", "Fund its first milestone, and work can begin."
    ),
    "contract.declined": _W(
        "{actor} declined the contract {title}", "The job can be given to somebody else."
    ),
    "contract.started": _W("The order {title} is paid and has begun", "It is worth {amount}."),
    "contract.cancelled": _W("The contract {title} was cancelled"),
    "contract.completed": _W("The contract {title} is completed"),
    "contract.refunded": _W("The contract {title} ended, and its money went back"),
    "contract.terminated": _W("The platform ended the contract {title}"),
    "contract_member.invited": _W(
        "{actor} invites you to the team of {title}", "Accept or decline the invitation."
    ),
    "contract_member.accepted": _W("{actor} joined your team for {title}"),
    "contract_member.declined": _W("{actor} declined to join your team for {title}"),
    "contract_member.left": _W("{actor} left your team for {title}"),
    "milestone.funded": _W("{title} is funded", "{amount} is held for it in {context}."),
    "milestone.submitted": _W(
        "{actor} submitted {title}", "Approve it, or ask for a revision, in {context}."
    ),
    "milestone.revision_requested": _W(
        "{actor} asks for a revision of {title}", "It is part of {context}."
    ),
    "milestone.approved": _W(
        "{title} was approved, since nobody had looked at it in time",
        "{amount} is paid for it.",
        "It is part of {context}.",
    ),
    "milestone.cancelled": _W("{title} was cancelled", "It was part of {context}."),
    "milestone.approval_due": _W(
        "{title} will be approved by itself",
        "Look at it before {due}.",
        "{amount} is paid for it then.",
    ),
    "milestone.cancellation_due": _W(
        "{title} will be cancelled by itself",
        "Submit it before {due}.",
        "Otherwise {amount} goes back to the client.",
    ),
    "amendment.proposed": _W("{actor} proposes changes to {title}", "Answer by {due}."),
    "amendment.accepted": _W("{actor} accepted the changes to {title}"),
    "amendment.declined": _W("{actor} declined the changes to {title}"),
    "amendment.withdrawn": _W("The changes proposed to {title} were withdrawn"),
    "amendment.expired": _W("Nobody answered the changes proposed to {title} in time"),
    "cancellation.proposed": _W("{actor} proposes to end {title}", "Answer by {due}."),
    "cancellation.agreed": _W("{title} was ended by agreement"),
    "cancellation.declined": _W("{actor} declined to end {title}"),
    "cancellation.withdrawn": _W("The proposal to end {title} was withdrawn"),
    "cancellation.expired": _W("Nobody answered the proposal to end {title} in time"),
}

_DISPUTES = {
    "dispute.raised": _W(
        "{actor} raised a dispute: {title}", "It is about {context}.", "Answer by {due}."
    ),
    "dispute.answered": _W("{actor} answered the dispute {title}", "It is about {context}."),
    "dispute.under_review": _W("The platform looks into the dispute {title}"),
    "dispute.escalated": _W("The dispute {title} was escalated", "The platform will decide it."),
    "dispute.unresolved": _W("The dispute {title} is still open", "It waits for a decision."),
    "dispute.resolved": _W("The dispute {title} was decided", "It was about {context}."),
    "dispute.settled": _W("Both sides settled the dispute {title}", "It was about {context}."),
    "dispute.withdrawn": _W("The dispute {title} was withdrawn", "{context} goes on."),
    "dispute.answer_due": _W(
        "Answer the dispute {title}",
        "What the other side asks for will be done at {due}.",
        "It is about {context}.",
    ),
    "dispute.decision_due": _W(
        "The dispute {title} will be decided halfway",
        "You can still settle it before {due}.",
        "It is about {context}.",
    ),
    "dispute_offer.offered": _W("{actor} offers to settle {title}", "Answer by {due}."),
    "dispute_offer.declined": _W("{actor} declined the offer to settle {title}"),
    "dispute_offer.withdrawn": _W("The offer to settle {title} was withdrawn"),
    "dispute_offer.expired": _W("Nobody answered the offer to settle {title} in time"),
}

_PAYMENTS = {
    "payment.received": _W("You earned {amount}", "It is for {title} in {context}."),
    "contract.tipped": _W("{actor} tipped you {amount}", "It is for {title}."),
    "release.cleared": _W("{amount} can be withdrawn now", "It is from {title}."),
    "refund.requested": _W(
        "{actor} asks for a refund of {amount}", "It is about {title}.", "Accept or decline it."
    ),
    "refund.rejected": _W("A refund of {amount} was declined", "It was about {title}."),
    "refund.succeeded": _W("{amount} was refunded", "It is from {title}."),
    "refund.withdrawn": _W(
        "{actor} asks for the refund of {amount} no more", "It was about {title}."
    ),
    "deposit.captured": _W("Your payment of {amount} has arrived"),
    "deposit.failed": _W("Your payment of {amount} failed", "Try again, or pay another way."),
    "deposit_return.succeeded": _W("{amount} was paid back to you"),
    "deposit_return.failed": _W("{amount} could not be paid back to you", "Contact support."),
    "withdrawal.approved": _W("Your withdrawal of {amount} was approved"),
    "withdrawal.paid": _W("Your withdrawal of {amount} was paid out"),
    "withdrawal.failed": _W(
        "Your withdrawal of {amount} failed", "The money is in your wallet again."
    ),
    "withdrawal.cancelled": _W(
        "Your withdrawal of {amount} was cancelled", "The money is in your wallet again."
    ),
    "withdrawal.returned": _W("Your withdrawal of {amount} came back", "Check your payout method."),
    "payout_batch.settled": _W("A payout batch of {amount} is settled"),
    "payout_batch.partially_failed": _W("Some payouts of a batch of {amount} failed"),
    "payout_batch.failed": _W("A payout batch of {amount} failed"),
    "payout_batch.cancelled": _W("A payout batch of {amount} was cancelled"),
}

_REVIEWS = {
    "review.invited": _W("How was working on {title}?", "Write your review by {due}."),
    "review.published": _W("{actor} reviewed you", "It is about {title}."),
    "review.hidden": _W("Your review of {title} was hidden", "The platform did that."),
    "review.shown": _W("Your review of {title} is shown again"),
    "review.answered": _W("{actor} answered your review of {title}"),
}

_MAIL = MailWords(
    digest="{name}: {count} notifications",
    open="Open",
    more="{count} more",
    more_one="1 more",
    why="You get this mail because you have an account at {name}.",
    settings="Notification settings",
    unsubscribe="No more mails like this",
)

_UNSUBSCRIBING = UnsubscribingWords(
    asks="Do you want no more {channel} about {category}?",
    button="No more of them",
    done="You will get no more {channel} about {category}.",
    channels={"email": "mails", "push": "push notifications", "in_app": "notifications"},
    categories={
        "message": "messages",
        "job": "jobs",
        "proposal": "proposals",
        "contract": "contracts",
        "payment": "payments",
        "review": "reviews",
        "marketing": "news and offers",
        "security": "security",
        "digest": "anything but payments and security",
    },
)

ENGLISH = Language(
    tag="en",
    title="Notifications",
    words=MappingProxyType({
        **_MESSAGES, **_LISTINGS, **_CONTRACTS, **_DISPUTES, **_PAYMENTS, **_REVIEWS,
    }),
    unknown=Words("You have a new notification"),
    somebody="Somebody",
    erased="Deleted user",
    amount="an amount",
    quoted="“{}”",
    said="{}: {}",
    between=" ",
    people=("{0}", "{0} and {1}", "{0} and {more} others"),
    moment="{day} {month} {year}, {hour:02}:{minute:02} ({zone})",
    months=("January", "February", "March", "April", "May", "June", "July", "August",
            "September", "October", "November", "December"),
    nouns=MappingProxyType({"conversations": "a conversation"}),
    something="[deleted]",
    mail=_MAIL,
    unsubscribing=_UNSUBSCRIBING,
)  # fmt: skip
