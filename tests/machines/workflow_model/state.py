"""What the model knows of one contract: small, hashable, without any time.

Amounts are whole units of the contract's currency.
"""

from typing import Literal, NamedTuple

Party = Literal["client", "freelancer", "staff", "provider", "timer"]
Kind = Literal["milestone", "release"]
WORKING = frozenset({"active", "in_review", "revision_requested"})
ENDED = frozenset({"completed", "refunded", "cancelled", "terminated"})
# What an exploration may leave out, so that it stays small.
CHOICES = frozenset({"amendments", "cancellations", "refunds", "withdrawals", "offers", "disputes"})
OTHER: dict[str, Party] = {"client": "freelancer", "freelancer": "client"}


class Terms(NamedTuple):
    """What the parties agreed on, and how much of the choices an exploration tries."""

    amounts: tuple[int, int] = (3, 3)  # their fees are rounded to 0 and 0, and must sum to 1
    fee_percent: int = 20
    revisions: int = 1
    amended: int = 2  # what an amendment proposes for the second milestone
    dues: tuple[int | None, int | None] = (None, 0)  # seconds after the start
    choices: frozenset[str] = CHOICES


class Milestone(NamedTuple):
    """One of the two; what it holds in escrow is its amount while it is in work."""

    status: str
    amount: int
    released: int = 0
    funded: bool = False
    sent_back: bool = False

    @property
    def held(self) -> int:
        """Its part of the escrow."""
        return self.amount if self.status in {"in_progress", "submitted"} else 0


class Release(NamedTuple):
    """What was released of the milestone at the same place."""

    gross: int
    fee: int
    status: str = "pending"
    refunded: int = 0
    decided: bool = False
    asked: int = 0  # of an open refund

    @property
    def left(self) -> int:
        """The gross amount that was not refunded."""
        return self.gross - self.refunded

    @property
    def pending(self) -> int:
        """Its part of the freelancer's pending money."""
        if self.status not in {"pending", "frozen"}:
            return 0
        return self.left - (self.fee - fee_of_part(self.fee, self.refunded, self.gross))


class Item(NamedTuple):
    """A line of a split: a milestone's escrow or a release, shared between the two."""

    kind: Kind
    seq: int  # 0 or 1
    client: int
    freelancer: int


class Split(NamedTuple):
    """Who gets what of that which is there, and whether unfunded milestones go on."""

    items: tuple[Item, ...]
    go_on: bool = False


class Proposal(NamedTuple):
    """A cancellation or an offer that waits for the other's answer."""

    by: Party
    split: Split


class Amendment(NamedTuple):
    """A new amount for the second milestone that waits for the other's answer."""

    by: Party
    amount: int


class Dispute(NamedTuple):
    """An open dispute."""

    by: Party
    split: Split
    answer: Split | None = None
    status: str = "open"
    escalated: bool = False
    offer: Proposal | None = None


class FeeBase(NamedTuple):
    """From where the parts of the fee are counted: the contract's start, or its amendment."""

    paid: int
    taken: int
    fee: int
    total: int


class Withdrawal(NamedTuple):
    """What the freelancer is taking out."""

    status: str
    amount: int


class State(NamedTuple):
    """One contract, its two milestones, everything open on it, and the money."""

    status: str
    milestones: tuple[Milestone, ...]
    releases: tuple[Release | None, ...]
    base: FeeBase
    wallet: int  # the client's
    dispute: Dispute | None = None
    amendment: Amendment | None = None
    cancellation: Proposal | None = None
    withdrawal: Withdrawal | None = None
    withdrew: frozenset[Party] = frozenset()  # a dispute, and the other did nothing new since
    revisions: int = 0
    fees: int = 0
    earned: int = 0  # the freelancer's
    debt: int = 0
    paid_out: int = 0

    def news_for(self, party: Party) -> "State":
        """The same after the other of the two has done something new."""
        return self._replace(withdrew=self.withdrew - {party})

    @property
    def escrow(self) -> int:
        """E."""
        return sum(milestone.held for milestone in self.milestones)

    @property
    def pending(self) -> int:
        """P."""
        return sum(release.pending for release in self.releases if release)

    @property
    def withdrawing(self) -> int:
        """X."""
        return self.withdrawal.amount if self.withdrawal else 0

    def with_milestone(self, index: int, milestone: Milestone) -> "State":
        """The same with another milestone at `index`."""
        return self._replace(
            milestones=(*self.milestones[:index], milestone, *self.milestones[index + 1 :])
        )

    def with_release(self, index: int, release: Release | None) -> "State":
        """The same with another release at `index`."""
        return self._replace(
            releases=(*self.releases[:index], release, *self.releases[index + 1 :])
        )


class Move(NamedTuple):
    """One thing that somebody or a timer may do.

    `after` names the clock that must have run out, `before` one that must not.
    """

    party: Party
    action: str
    seq: int = 0
    args: Split | int | None = None
    after: "Clock | None" = None
    before: "Clock | None" = None


class Clock(NamedTuple):
    """A timer of the server, or a time that a guard asks for."""

    kind: str
    seq: int = 0


def fee_of_part(fee: int, part: int, whole: int) -> int:
    """Round(fee · part / whole), half to even, in whole units."""
    quotient, rest = divmod(fee * part, whole)
    return quotient + (2 * rest > whole or (2 * rest == whole and quotient % 2 == 1))
