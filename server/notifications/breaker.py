"""Breakers: a provider that fails again and again, or asks for patience, is left alone for a while.

Then one delivery tries it, and the others go on waiting until that one has come back. A trial that
fails may be the fault of what was tried: after it those of other people come first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

FAILURES = 5
"""So many failures in a row open a breaker."""
FIRST_S, MOST_S = 15.0, 600.0
"""How long it stays open: twice as long after each trial that fails."""
TRIAL_S = 60.0
"""A trial whose end is not told is over after this."""
HEAD_START_S = 30.0
"""So long others may try before somebody with whom a trial has failed."""
_KEPT = 1_000


@dataclass(slots=True)
class _State:
    has_answered: bool = False
    failures: int = 0
    open_s: float = 0.0
    opened_at: float = 0.0
    until: float = 0.0
    trial_until: float = 0.0
    trial_of: UUID | None = None
    failed_with: set[UUID] = field(default_factory=set)
    """With whom trials have failed since it was opened."""


class Breakers:
    """The breakers of a process, by the name of the provider. Times are those of `clock`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._of: dict[str, _State] = {}

    def waits_s(self, provider: str, person: UUID) -> float:
        """For how long nothing is to be sent to somebody; 0 where something may be."""
        state = self._of.get(provider)
        if state is None or not state.open_s:
            return 0.0
        behind_s = HEAD_START_S if person in state.failed_with else 0.0
        return max(0.0, max(state.until + behind_s, state.trial_until) - self._clock())

    def is_proven(self, provider: str) -> bool:
        """Whether it has answered, and has not failed since."""
        state = self._of.get(provider)
        return state is not None and state.has_answered and not state.failures

    def begins(self, provider: str, person: UUID) -> float:
        """Something is sent: while the breaker is open, it is the trial. Answers the time."""
        state = self._of.get(provider)
        if state is not None and state.open_s:
            state.trial_until = self._clock() + TRIAL_S
            state.trial_of = person
        return self._clock()

    def answered(self, provider: str, began: float) -> None:
        """It has answered what was begun then, be it with a refusal."""
        state = self._state(provider)
        if state.open_s and began < state.opened_at:
            return  # This was under way before: it says nothing of how the provider is by now.
        self._of[provider] = _State(has_answered=True)

    def failed(self, provider: str, wait_s: float = 0.0) -> None:
        """It has not answered in time, or takes nothing: for `wait_s`, if it says for how long."""
        state, now = self._state(provider), self._clock()
        state.failures += 1
        state.trial_until = 0.0
        if state.trial_of is not None:
            state.failed_with.add(state.trial_of)
            state.trial_of = None
        if now >= state.until and (state.failures >= FAILURES or wait_s):
            state.open_s = min(state.open_s * 2 or FIRST_S, MOST_S)
            state.opened_at = now
            state.until = now + state.open_s
        state.until = max(state.until, now + wait_s)

    def _state(self, provider: str) -> _State:
        if provider not in self._of and len(self._of) >= _KEPT:
            # Whoever makes up names must not have a breaker forgotten that is open.
            del self._of[min(self._of, key=lambda name: self._worth(self._of[name]))]
        return self._of.setdefault(provider, _State())

    def _worth(self, state: _State) -> tuple[bool, bool]:
        return state.open_s > 0, state.has_answered
