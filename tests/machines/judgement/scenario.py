"""What happens to one person in one scenario: a script of events, drawn at random.

Times are whole seconds from the beginning. `KINDS` are what may happen; all within `BUSY_S`.
"""

import random
from typing import NamedTuple

BUSY_S = 1500
END_S = 3 * 86_400
"""By then everything has been told that is going to be."""

KINDS = ("say", "name", "edit", "read", "delete", "act", "mute", "leave", "crash", "want")
_WEIGHTS = (30, 10, 6, 14, 8, 16, 3, 2, 8, 3)
_ZONES_NIGHT_S = 6_000


class Event(NamedTuple):
    """`about`: of delete and edit the message, of mute and want 1 or 0, of crash whether it comes
    before the message is handed over (0) or after (1).
    """

    at_s: int
    kind: str
    about: int = 0


class Scenario(NamedTuple):
    """The script, and what holds all the time: who is urgent, and the night, if there is one."""

    events: tuple[Event, ...]
    is_urgent: bool
    night: tuple[int, int] | None
    snooze_s: int


def drawn(dice: random.Random) -> Scenario:
    """A scenario; the same of the same state of the dice."""
    events = []
    said = 0
    moments = sorted(dice.randrange(BUSY_S) for _ in range(dice.randint(2, 14)))
    for at_s, kind in zip(moments, dice.choices(KINDS, _WEIGHTS, k=len(moments)), strict=True):
        about = 0
        if kind in {"say", "name"}:
            said += 1
            about = said
        elif kind in {"edit", "delete"}:
            if not said:
                continue
            about = dice.randint(1, said)
        elif kind in {"mute", "want", "crash"}:
            about = dice.randint(0, 1)
        events.append(Event(at_s, kind, about))
    begins_s = dice.randrange(BUSY_S)
    night = (begins_s, begins_s + _ZONES_NIGHT_S) if dice.random() < 0.2 else None
    snooze_s = dice.randrange(BUSY_S) if dice.random() < 0.15 else 0
    return Scenario(tuple(events), dice.random() < 0.1, night, snooze_s)
