"""What hands deliveries over: one for e-mail, one for push."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from protocol.notifications.judgement import Reason
from protocol.notifications.rendering import Rendered
from storage.notifications.judging import Facts


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of handing one over.

    `sent`: the provider has it. `retry`: perhaps later, not before `retry_after_s`. `refused`: this
    will never be taken, for the fault of what was sent. `unreachable`: nothing reaches that device
    or address, which is over for `reason`. `answered` says whether the provider did, be it with a
    refusal; `is_try` whether it heard of this delivery at all. For `pause_s` it asks to be left
    alone, whatever it would be for. `error` is for operators.
    """

    state: Literal["sent", "retry", "refused", "unreachable"]
    answered: bool = True
    is_try: bool = True
    pause_s: float = 0.0
    reason: Reason = Reason.SUPPRESSED
    retry_after_s: float | None = None
    message_id: str | None = None
    error: str | None = None


TRIED: Mapping[str, dt.timedelta] = MappingProxyType(
    # RFC 5321, section 4.5.4.1: four to five days. A push tells what has just happened.
    {"email": dt.timedelta(days=5), "push": dt.timedelta(days=1)}
)


class Tries(msgspec.Struct, frozen=True):
    """How long something is tried by each channel, and how long it waits before each further try.

    Time in which it was not to be sent, or the provider took nothing at all, does not count.
    """

    lasting: Mapping[str, dt.timedelta] = TRIED
    first: dt.timedelta = dt.timedelta(seconds=30)
    longest: dt.timedelta = dt.timedelta(hours=1)

    def are_over(self, channel: str, tries: int) -> bool:
        """Whether so many tries, with the pauses between them, have lasted long enough."""
        return sum(map(self._pause, range(1, tries)), dt.timedelta()) >= self.lasting[channel]

    def pause(self, tries: int, retry_after_s: float | None, jitter: float) -> dt.timedelta:
        """The pause after so many tries; `jitter` is 0 to 1, and spreads it by a fifth."""
        pause = self._pause(tries) * (0.9 + 0.2 * jitter)
        return max(pause, dt.timedelta(seconds=retry_after_s or 0.0))

    def _pause(self, tries: int) -> dt.timedelta:
        doubled: dt.timedelta = self.first * 2 ** min(max(tries - 1, 0), 16)
        return min(doubled, self.longest)


class Sender(Protocol):
    """Hands over what one channel carries. Each `send` ends within `timeout_s`, and `at_once` may
    be under way.
    """

    timeout_s: float
    at_once: int

    def provider(self, facts: Facts) -> str:
        """Whose service it goes through."""
        ...

    async def unreachable(self, batch: Sequence[Facts]) -> Collection[UUID]:
        """The ids of those of a batch whose address or device nothing is sent to.

        Raises `RequestError` (`unavailable`).
        """
        ...

    def compose(self, facts: Facts, words: Sequence[Rendered]) -> object:
        """What is sent, made of the words of what it tells. Raises for what cannot be sent."""
        ...

    async def send(self, facts: Facts, composed: object) -> Handed:
        """Hand one over; raises nothing for what the network does, and waits for nothing else."""
        ...

    async def note(self) -> None:
        """Store what sends have told of addresses and devices since the last time.

        Raises nothing: what cannot be stored now is stored with the next.
        """
        ...
