"""What went wrong: counted by kind, the first of each kind kept word for word, with its time."""

from collections import Counter
from datetime import UTC, datetime
from enum import Enum

MAX_TOLD = 20
"""Violations of a kind that are kept in words; the rest is only counted."""


class Kind(Enum):
    """The ways in which a promise can be broken."""

    LOST = "lost"
    DUPLICATED = "duplicated"
    REORDERED = "reordered"
    DRIFTED = "unread drift"
    DIFFERENT = "different state"
    STUCK = "not recovered"
    REFUSED = "wrongly refused"
    WIRE_TWICE = "on the wire: came twice"
    WIRE_ORDER = "on the wire: wrong order"
    WIRE_GAP = "on the wire: unannounced gap"
    WIRE_LEFT = "on the wire: told after leaving"
    WIRE_OWN = "on the wire: own message told"
    BEHIND = "others' receipts behind"
    """No violation: such receipts are not durable, and a later one or a sync makes them good."""


SHOWN_ONLY = {Kind.BEHIND}


class Violations:
    """All that went wrong in a run."""

    def __init__(self) -> None:
        self.counts: Counter[Kind] = Counter()
        self.told: dict[Kind, list[str]] = {kind: [] for kind in Kind}
        self.context = ""
        """What is going on, to stand before the words: the fault under way."""

    def note(self, kind: Kind, words: str) -> None:
        """One violation."""
        self.counts[kind] += 1
        if len(self.told[kind]) < MAX_TOLD:
            moment = datetime.now(UTC).strftime("%H:%M:%S.%f")[:12]
            self.told[kind].append(f"{moment} [{self.context}] {words}")

    def summary(self) -> dict[str, int]:
        """The counts by name, of what there is."""
        return {kind.value: count for kind, count in self.counts.items() if count}

    def __bool__(self) -> bool:
        return any(count for kind, count in self.counts.items() if kind not in SHOWN_ONLY)
