"""Breakers: a provider that fails again and again is left alone for a while.

Then one delivery tries it, and the others go on waiting until that one has come back.
"""

from collections.abc import Callable
from dataclasses import dataclass

FAILURES = 5
"""So many failures in a row open a breaker."""
FIRST_S, MOST_S = 15.0, 600.0
"""How long it stays open: twice as long after each trial that fails."""
TRIAL_S = 60.0
"""A trial whose end is not told is over after this."""
_KEPT = 1_000


@dataclass(slots=True)
class _State:
    failures: int = 0
    open_s: float = 0.0
    until: float = 0.0
    trial_until: float = 0.0


class Breakers:
    """The breakers of a process, by the name of the provider. Times are those of `clock`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._of: dict[str, _State] = {}

    def waits_s(self, provider: str) -> float:
        """For how long nothing is to be sent; 0 where something may be."""
        state = self._of.get(provider)
        if state is None or not state.open_s:
            return 0.0
        return max(0.0, state.until - self._clock(), state.trial_until - self._clock())

    def begins(self, provider: str) -> None:
        """Something is sent: while the breaker is open, it is the trial."""
        state = self._of.get(provider)
        if state is not None and state.open_s:
            state.trial_until = self._clock() + TRIAL_S

    def ended(self, provider: str, *, well: bool) -> None:
        """The provider has answered in time, be it with a refusal; or it has not."""
        if well:
            self._of.pop(provider, None)
            return
        if len(self._of) >= _KEPT and provider not in self._of:
            self._of.pop(next(iter(self._of)))
        state = self._of.setdefault(provider, _State())
        state.failures += 1
        state.trial_until = 0.0
        if state.failures >= FAILURES and self._clock() >= state.until:
            state.open_s = min(state.open_s * 2 or FIRST_S, MOST_S)
            state.until = self._clock() + state.open_s
