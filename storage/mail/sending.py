"""What whoever sends many mails asks before, and tells afterwards: a statement each for a batch."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from storage.mail.port import MailOutcome
from storage.mail.replies import is_hard
from storage.mail.suppressions import Kind, Noted, Suppressed, Suppressions


class Wanted(msgspec.Struct, frozen=True):
    """A mail that is to be sent: to which address, of which category."""

    to: str
    category: str

    def __repr__(self) -> str:
        return f"Wanted({self.category})"


class Tried(msgspec.Struct, frozen=True):
    """A mail that was tried, and what came of it."""

    to: str
    message_id: str
    outcome: MailOutcome
    at: datetime

    def __repr__(self) -> str:
        return f"Tried({self.message_id}, {self.outcome.state})"


async def stopped(suppressions: Suppressions, wanted: Sequence[Wanted]) -> list[Suppressed | None]:
    """For each mail what stops it; None for one that may be sent. Raises what asyncpg raises."""
    if not wanted:
        return []
    found = await suppressions.of([one.to for one in wanted])
    return [
        None if why is None or not why.stops(one.category) else why
        for one, why in zip(wanted, found, strict=True)
    ]


async def record(suppressions: Suppressions, tried: Sequence[Tried]) -> int:
    """Note of each address what a try says of it; how many are suppressed by it.

    All tries of one mail count once, and not at all when it was sent in the end. Raises what
    asyncpg raises.
    """
    return await suppressions.note(list(_noted(tried)))


def _noted(tried: Sequence[Tried]) -> Iterator[Noted]:
    for one in tried:
        outcome = one.outcome
        if outcome.state == "sent":
            yield Noted(one.to, "sent", one.message_id, one.at)
        elif outcome.is_of_address:
            kind: Kind = "hard" if is_hard(outcome.code) else "soft"
            yield Noted(one.to, kind, one.message_id, one.at, outcome.code)
