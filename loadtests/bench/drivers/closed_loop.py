"""A closed loop: each asker has one question under way, and its answer brings the next.

So the server is given what it takes and no more. With one asker the latencies are those of an idle
server; with several they hold the time that a question waits for the others.
"""

import select
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from loadtests.bench import figures

_POLL_S = 0.5
_ANSWER_S = 10.0


class Asker(Protocol):
    """One connection with its questions."""

    def fileno(self) -> int:
        """The descriptor, for `epoll`."""

    def ask(self) -> None:
        """Send the next question."""

    def is_answered(self) -> bool:
        """Read what came; True when that ends the answer. Raises when it is an error."""


class Answers(msgspec.Struct, frozen=True):
    """What was answered, how fast: seconds."""

    count: int
    seconds: float
    p50_s: float
    p99_s: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.count / self.seconds


class SilentError(Exception):
    """Nothing was answered at all."""


def run(askers: Sequence[Asker], for_s: float) -> Answers:
    """Have all ask for so long; those under way at the end are waited for.

    Raises `SilentError`, and what the askers raise.
    """
    until = time.perf_counter() + for_s
    return _asked(askers, for_s + _POLL_S, lambda _asker, now: now < until)


def run_each(askers: Sequence[Asker], times: int) -> Answers:
    """As `run`: each asks so many times."""
    left = dict.fromkeys(askers, times)

    def is_next(asker: Asker, _now: float) -> bool:
        left[asker] -= 1
        return left[asker] > 0

    return _asked(askers, _ANSWER_S, is_next)


def _asked(
    askers: Sequence[Asker], patience_s: float, is_next: Callable[[Asker, float], bool]
) -> Answers:
    poll = select.epoll()
    by_descriptor = {asker.fileno(): asker for asker in askers}
    asked: dict[int, float] = {}
    latencies: list[float] = []
    clock = time.perf_counter
    began = clock()
    try:
        for descriptor, asker in by_descriptor.items():
            poll.register(descriptor, select.EPOLLIN)
            asked[descriptor] = clock()
            asker.ask()
        while asked:
            ready = poll.poll(patience_s)
            if not ready:
                raise SilentError(f"{len(asked)} questions were not answered")
            for descriptor, _events in ready:
                asker = by_descriptor[descriptor]
                if not asker.is_answered():
                    continue
                now = clock()
                latencies.append(now - asked.pop(descriptor))
                if is_next(asker, now):
                    asked[descriptor] = now
                    asker.ask()
    finally:
        poll.close()
    return Answers(
        len(latencies),
        clock() - began,
        figures.quantile(latencies, 0.50),
        figures.quantile(latencies, 0.99),
    )
