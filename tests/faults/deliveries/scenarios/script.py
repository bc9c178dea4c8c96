"""What happens in one scenario: a script that is drawn at random, and the same of the same dice.

A few people write in a few conversations, all within `BUSY_MS`. People, conversations and messages
are numbers, each taken modulo how many there are.
"""

import random
from collections.abc import Sequence
from typing import Literal, NamedTuple

BUSY_MS = 1_500_000
END_MS = 5 * 86_400_000
"""By then everything has been told that is going to be."""
PEOPLE = 4
TALKS: tuple[tuple[int, ...], ...] = ((0, 1), (0, 1, 2, 3))
"""Who is in each conversation; of two people, it is theirs alone."""

Channel = Literal["email", "push"]
CHANNELS: tuple[Channel, ...] = ("email", "push")

_WEIGHTS = {
    "say": 20,
    "name": 10,
    "answer": 8,
    "edit": 6,
    "read": 12,
    "delete": 9,
    "leave": 3,
    "mute": 7,
    "block": 5,
    "act": 8,
    "want": 8,
    "see": 5,
    "archive": 4,
    "look": 3,
}
_FATES = ("claimed", "before", "after", "recording", "recorded", "meanwhile", "meanwhile")
_MEANWHILE = (
    "say",
    "name",
    "name",
    "answer",
    "edit",
    "read",
    "delete",
    "leave",
    "block",
    "archive",
)


class Event(NamedTuple):
    """Something that somebody does.

    `about` is a message, or another person; of "mute", "block" and "want" whether it is so (odd) or
    not. `is_quiet`: it does not show that the person is there.
    """

    kind: str
    who: int
    where: int
    about: int
    is_quiet: bool


class Step(NamedTuple):
    """What happens at once; then the consumers of the outbox look, or do not yet."""

    at_ms: int
    events: tuple[Event, ...]
    is_consumed: bool
    is_worked: bool
    """Whether a worker looks too."""


class Fate(NamedTuple):
    """What becomes of a worker that has something to do.

    `meanwhile`: the events happen while it sends what it has judged. Else it dies: once it has
    leased something (`claimed`), before or after the `number`-th is taken by its receiver, before
    or after that is recorded.
    """

    kind: str
    number: int
    events: tuple[Event, ...]


class Scenario(NamedTuple):
    """`fates` are those of the first workers that look; None: nothing happens. `behind` says which
    of them look before the consumers have.

    `is_prompt`: whatever is due is worked off at once, else only where a step says so. `devices`
    is how many each person has.
    """

    steps: tuple[Step, ...]
    fates: tuple[Fate | None, ...]
    behind: tuple[bool, ...]
    is_prompt: bool
    workers: int
    batch: int
    devices: tuple[int, ...]


def drawn(dice: random.Random) -> Scenario:
    """A scenario."""
    kinds, weights = list(_WEIGHTS), list(_WEIGHTS.values())
    moments = sorted(dice.sample(range(BUSY_MS // 1000), dice.randint(4, 16)))
    steps = [
        Step(
            at_s * 1000,
            _events(dice, dice.choices(kinds, weights, k=dice.choice((1, 1, 1, 2, 3)))),
            is_consumed=dice.random() < 0.7,
            is_worked=dice.random() < 0.4,
        )
        for at_s in moments
    ]
    if dice.random() < 0.1:
        steps = sorted([*steps, *_there_for_long(dice)])
    return Scenario(
        tuple(steps),
        tuple(_fate(dice) if dice.random() < 0.3 else None for _ in range(8)),
        tuple(dice.random() < 0.3 for _ in range(8)),
        is_prompt=dice.random() < 0.6,
        workers=dice.choice((1, 1, 2)),
        batch=dice.choice((2, 5, 200)),
        devices=tuple(dice.choice((0, 1, 1, 1, 2)) for _ in range(PEOPLE)),
    )


def _there_for_long(dice: random.Random) -> list[Step]:
    """Somebody does something again and again, for longer than anything is held back."""
    begins_s = dice.randrange(300, BUSY_MS // 1000 - 900)
    act = Event("act", dice.randrange(PEOPLE), dice.randrange(len(TALKS)), 0, is_quiet=False)
    return [
        Step(at_s * 1000, (act,), is_consumed=False, is_worked=True)
        for at_s in range(begins_s, begins_s + 850, 50)
    ]


def _fate(dice: random.Random) -> Fate:
    kind = dice.choice(_FATES)
    kinds = dice.choices(_MEANWHILE, k=4) if kind == "meanwhile" else []
    return Fate(kind, dice.randint(1, 3), _events(dice, kinds))


def _events(dice: random.Random, kinds: Sequence[str]) -> tuple[Event, ...]:
    return tuple(
        Event(
            kind,
            dice.randrange(PEOPLE),
            dice.randrange(len(TALKS)),
            dice.randrange(1000),
            dice.random() < 0.5,
        )
        for kind in kinds
    )
