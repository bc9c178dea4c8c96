"""What a schedule is: a name, how often, what is done."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

AGAIN_S = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0)
"""The pause after each failure in a row; the last of them stands for all that follow."""


class Outcome(NamedTuple):
    """What came of a run: what an operator is told of it, figures by name mostly.

    `again_s` is the pause until the next run, where work was left that the usual time is too long
    for.
    """

    told: Mapping[str, object] = {}
    again_s: float | None = None


class NotDoneError(Exception):
    """A run that could not do all; the message is for an operator. It is tried again soon."""


@dataclass(frozen=True, slots=True)
class Every:
    """So many seconds after the end of the run before; a new one at once."""

    seconds: float

    def first(self, now: dt.datetime) -> dt.datetime:
        """When it is done for the first time."""
        return now

    def following(self, now: dt.datetime) -> dt.datetime:
        """When it is done after a run that ends now."""
        return now + dt.timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day, at this hour of UTC."""

    hour: int

    def first(self, now: dt.datetime) -> dt.datetime:
        """When it is done for the first time."""
        return self.following(now)

    def following(self, now: dt.datetime) -> dt.datetime:
        """When it is done after a run that ends now."""
        at = now.astimezone(dt.UTC).replace(hour=self.hour, minute=0, second=0, microsecond=0)
        return at if at > now else at + dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Something to do again and again. Nobody does it twice at a time; who dies leaves it due.

    A run that was missed is done once, however often it was missed. One that takes longer than
    `within_s` is ended, and has failed.
    """

    name: str
    when: Every | Daily
    run: Callable[[], Awaitable[Outcome]]
    within_s: float

    def after_failure(self, now: dt.datetime, failures: int) -> dt.datetime:
        """When it is tried again that has failed so often in a row: never later than usual."""
        pause_s = AGAIN_S[min(failures, len(AGAIN_S)) - 1]
        return min(now + dt.timedelta(seconds=pause_s), self.when.following(now))

    def after(self, now: dt.datetime, outcome: Outcome) -> dt.datetime:
        """When it is done after a run with this outcome."""
        usual = self.when.following(now)
        if outcome.again_s is None:
            return usual
        return min(usual, now + dt.timedelta(seconds=outcome.again_s))
