"""What the stories find at their place: a category, cards, and how late the provider is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """Ids of what was there or was made before; `suffix` makes addresses of gigs unique.

    `account` is a payout method that is old enough already, if there is one.
    """

    category: str
    card: str
    late_s: float
    suffix: str = ""
    account: str | None = None
