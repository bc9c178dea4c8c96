"""The kinds of notifications: which event makes which, for whom, and how it is told.

One table. A kind's type is also the key of its words (`words_en.py`, `words_zh.py`). Events that
notify nobody stand in `silent.py`, with the reason: every domain event is in one of the two.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

DAY_S = 24 * 60 * 60
LINK = "/{subject_type}/{subject_id}"
"""Where most kinds lead: the page of what they are about."""

WHOLE_AUDIENCE, CLIENT, TEAM, PARTIES = "", "client", "team", "parties"
LEAD, OWNER, OTHER, STAFF = "lead", "owner", "other", "staff"
RECIPIENTS = frozenset({WHOLE_AUDIENCE, CLIENT, TEAM, PARTIES, LEAD, OWNER, OTHER, STAFF})
"""Who of an event's audience is told: of a contract its client, its freelancer (`lead`), both
(`parties`), or the freelancer and the members (`team`); the person whose row it is (`owner`), or
whom it is about besides (`other`); who is there because they work for the platform (`staff`)."""


class Kind(msgspec.Struct, frozen=True):
    """What people are told of, and how.

    `event` is the domain event that makes it; with `actions`, only by these. It is "" for one that
    something else makes. `to` is one of `RECIPIENTS`. Nobody is told who is told by the same
    execution of one of the types in `unless`: that says it all. `asks` means that something has to
    be done about it, so any later event of its subject settles it, for everybody. `expires_s` is
    after how many seconds it is of no use any more. What is `for_many` is delivered after all that
    is not.
    """

    type: str
    category: str
    priority: str = "normal"
    asks: bool = False
    event: str = ""
    actions: frozenset[str] = frozenset()
    to: str = WHOLE_AUDIENCE
    unless: frozenset[str] = frozenset()
    expires_s: int | None = None
    link: str = LINK
    for_many: bool = False

    def group_key(self, subject_id: str) -> str:
        """What unread rows of one person are counted under, instead of being made anew."""
        return f"{self.type}:{subject_id}"

    def expires_at(self, made_at: dt.datetime) -> dt.datetime | None:
        """When one that is made, or repeated, at a time is of no use any more; None for never."""
        return None if self.expires_s is None else made_at + dt.timedelta(seconds=self.expires_s)


_DISPUTE_ENDS = "dispute.resolved dispute.settled dispute.withdrawn"
_ENDS = f"{_DISPUTE_ENDS} cancellation.agreed contract.terminated"
"""What ends or divides a contract, and says so better than what follows from it."""
_OVER = f"{_ENDS} contract.cancelled contract.completed contract.declined contract.refunded"


_Row = tuple[str, str, str, dict[str, str]]


def _made(category: str, rows: Iterable[_Row]) -> Iterator[Kind]:
    """Kinds as they are written down: type, priority (`!` asks), recipients, and what else."""
    for type_, priority, to, more in rows:
        yield Kind(
            type_,
            category,
            priority.rstrip("!"),
            asks=priority.endswith("!"),
            event=more.get("event", type_),
            actions=frozenset(more.get("by", "").split()),
            to=to,
            unless=frozenset(more.get("unless", "").split()),
        )


_LISTINGS: tuple[_Row, ...] = (
    ("gig.suspended", "high", OWNER, {}),
    ("gig.reinstated", "normal", OWNER, {"event": "gig.active", "by": "reinstate"}),
    ("job.changed", "low", WHOLE_AUDIENCE, {}),
    ("job.closed", "normal", OWNER, {"by": "close"}),
)
_PROPOSALS: tuple[_Row, ...] = (
    ("proposal.received", "high!", CLIENT, {}),
    ("proposal.resubmitted", "normal!", CLIENT, {"event": "proposal.pending", "by": "resubmit"}),
    ("proposal.returned", "normal", LEAD, {"event": "proposal.pending", "by": "return"}),
    ("proposal.changed", "low", CLIENT, {}),
    ("proposal.shortlisted", "normal", LEAD, {}),
    ("proposal.rejected", "normal", LEAD, {}),
    ("proposal.withdrawn", "low", CLIENT, {"by": "withdraw"}),
)
_CONTRACTS: tuple[_Row, ...] = (
    ("contract.offered", "high!", LEAD, {"event": "contract.pending_acceptance"}),
    ("contract.accepted", "high", CLIENT, {"event": "contract.started", "by": "accept"}),
    ("contract.declined", "high", CLIENT, {"event": "contract.cancelled", "by": "decline"}),
    ("contract.started", "high", PARTIES, {"by": "start"}),
    ("contract.cancelled", "high", WHOLE_AUDIENCE, {"by": "cancel lapse", "unless": _ENDS}),
    ("contract.completed", "normal", WHOLE_AUDIENCE, {"unless": _ENDS}),
    ("contract.refunded", "high", WHOLE_AUDIENCE, {"unless": _ENDS}),
    ("contract.terminated", "high", WHOLE_AUDIENCE, {}),
    ("contract_member.invited", "high!", OWNER, {}),
    ("contract_member.accepted", "normal", LEAD, {"by": "accept"}),
    ("contract_member.declined", "normal", LEAD, {}),
    ("contract_member.left", "normal", LEAD, {}),
    ("milestone.funded", "high", WHOLE_AUDIENCE,
     {"event": "milestone.in_progress", "by": "hold", "unless": "contract.started"}),
    ("milestone.submitted", "high!", CLIENT, {}),
    ("milestone.revision_requested", "high!", TEAM, {}),
    ("milestone.approved", "normal", CLIENT, {}),
    ("milestone.cancelled", "high", WHOLE_AUDIENCE, {"unless": _OVER}),
    ("milestone.approval_due", "high!", CLIENT, {"event": "milestone.reminder", "by": "approve"}),
    ("milestone.cancellation_due", "urgent!", TEAM,
     {"event": "milestone.reminder", "by": "cancel-late"}),
    ("amendment.proposed", "high!", PARTIES, {}),
    ("amendment.accepted", "normal", WHOLE_AUDIENCE, {}),
    ("amendment.declined", "normal", PARTIES, {}),
    ("amendment.withdrawn", "low", PARTIES, {"unless": f"{_OVER} dispute.raised"}),
    ("amendment.expired", "low", PARTIES, {}),
    ("cancellation.proposed", "high!", PARTIES, {"unless": "cancellation.agreed"}),
    ("cancellation.agreed", "high", WHOLE_AUDIENCE, {}),
    ("cancellation.declined", "normal", PARTIES, {}),
    ("cancellation.withdrawn", "low", PARTIES,
     {"unless": f"{_OVER} cancellation.proposed dispute.raised"}),
    ("cancellation.expired", "low", PARTIES, {}),
    ("dispute.raised", "high!", WHOLE_AUDIENCE, {}),
    ("dispute.answered", "high", WHOLE_AUDIENCE, {}),
    ("dispute.under_review", "normal", PARTIES, {}),
    ("dispute.escalated", "high", WHOLE_AUDIENCE, {}),
    ("dispute.unresolved", "high", STAFF, {}),
    ("dispute.resolved", "high", WHOLE_AUDIENCE, {}),
    ("dispute.settled", "high", WHOLE_AUDIENCE, {}),
    ("dispute.withdrawn", "normal", WHOLE_AUDIENCE, {}),
    ("dispute.answer_due", "urgent!", OTHER, {"event": "dispute.reminder", "by": "apply"}),
    ("dispute.decision_due", "high!", PARTIES, {"event": "dispute.reminder", "by": "mean"}),
    ("dispute_offer.offered", "high!", PARTIES, {"event": "dispute.offered"}),
    ("dispute_offer.declined", "normal", PARTIES, {}),
    ("dispute_offer.withdrawn", "low", PARTIES, {"unless": _ENDS}),
    ("dispute_offer.expired", "low", PARTIES, {"unless": _ENDS}),
)  # fmt: skip
_PAYMENTS: tuple[_Row, ...] = (
    ("payment.received", "high", TEAM, {}),
    ("contract.tipped", "high", TEAM, {}),
    ("release.cleared", "normal", OWNER, {}),
    ("refund.requested", "high!", OWNER, {}),
    ("refund.rejected", "high", CLIENT, {"unless": f"{_ENDS} dispute.raised"}),
    ("refund.succeeded", "high", WHOLE_AUDIENCE, {"unless": _ENDS}),
    ("refund.withdrawn", "low", OWNER, {}),
    ("deposit.captured", "normal", OWNER, {"unless": "contract.started milestone.funded"}),
    ("deposit.failed", "high", OWNER, {}),
    ("deposit_return.succeeded", "normal", OWNER, {}),
    ("deposit_return.failed", "high", OWNER, {}),
    ("withdrawal.approved", "low", OWNER, {}),
    ("withdrawal.paid", "normal", OWNER, {}),
    ("withdrawal.failed", "high", OWNER, {}),
    ("withdrawal.cancelled", "high", OWNER, {}),
    ("withdrawal.returned", "high", OWNER, {}),
    ("payout_batch.settled", "low", WHOLE_AUDIENCE, {}),
    ("payout_batch.partially_failed", "high", WHOLE_AUDIENCE, {}),
    ("payout_batch.failed", "high", WHOLE_AUDIENCE, {}),
    ("payout_batch.cancelled", "low", WHOLE_AUDIENCE, {}),
)  # fmt: skip
_REVIEWS: tuple[_Row, ...] = (
    ("review.invited", "normal!", OWNER, {}),
    ("review.published", "normal", OTHER, {"by": "publish"}),
    ("review.hidden", "high", OWNER, {}),
    ("review.shown", "normal", OWNER, {"event": "review.published", "by": "show"}),
    ("review.answered", "normal", OWNER, {}),
)
_TICKETS: tuple[_Row, ...] = (
    ("ticket.taken", "low", OWNER, {"event": "ticket.in_progress", "by": "take"}),
    ("ticket.replied", "normal", STAFF, {"event": "ticket.in_progress", "by": "reply reopen"}),
    ("ticket.answered", "high!", OWNER, {"event": "ticket.waiting_on_customer"}),
    ("ticket.resolved", "normal", OWNER, {}),
)

_NOT_OF_WORKFLOWS = (
    Kind("message.mention", "message", "high"),
    Kind("message.reply", "message"),
    Kind("message.run", "message"),
    Kind("conversation.invited", "message"),
    Kind("announcement", "marketing", "low", expires_s=30 * DAY_S, link="{link}", for_many=True),
    Kind("saved_search.found", "job", expires_s=14 * DAY_S, for_many=True),
)

KINDS: Mapping[str, Kind] = MappingProxyType({
    kind.type: kind
    for kind in (
        *_NOT_OF_WORKFLOWS,
        *_made("job", _LISTINGS),
        *_made("proposal", _PROPOSALS),
        *_made("contract", _CONTRACTS),
        *_made("payment", _PAYMENTS),
        *_made("review", _REVIEWS),
        *_made("message", _TICKETS),
    )
})  # fmt: skip
"""Every kind, by its type."""

SETTLES_NOTHING = frozenset({"dispute.under_review", "dispute.unresolved"})
"""Events besides the changes after which what was asked for still has to be done."""

UNTIL_ANSWERED = frozenset({"dispute.raised", "dispute.answer_due"})
"""Kinds that ask for an answer which leaves the state of their subject as it is."""


def settles(event: str) -> bool:
    """Whether an event of a subject answers what was asked for about it before."""
    return not event.endswith(".changed") and event not in SETTLES_NOTHING


_BY_EVENT: dict[str, list[Kind]] = {}
for _kind in KINDS.values():
    if _kind.event:
        _BY_EVENT.setdefault(_kind.event, []).append(_kind)


def kind_of(event: str, action: str) -> Kind | None:
    """The kind that a domain event makes, by the action that it tells of; None for none."""
    of_event = _BY_EVENT.get(event, ())
    return next((k for k in of_event if not k.actions or action in k.actions), None)
