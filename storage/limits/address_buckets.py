"""Token buckets of this process by address, where a /48 of IPv6 has ten times what a /64 has."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

from protocol.addresses import WIDER, networks_of
from protocol.errors import RequestError
from protocol.tokenbucket import Rate, grant

_NETWORKS = 20_000
"""Buckets that are kept; the longest unused ones are forgotten."""


class AddressBuckets:
    """Buckets of `what`, one an address; with `enabled` false nothing is limited.

    Any other name that something is counted by, such as a user's id, is an address of its own.
    """

    def __init__(
        self,
        what: str,
        rate: Rate,
        *,
        enabled: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._rate = rate
        self._enabled = enabled
        self._clock = clock
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, address: str) -> None:
        """Take one token; raises `RequestError` (`rate_limited`) where there is none."""
        if self._enabled:
            self._keep(self._granted(address))

    def check(self, address: str) -> None:
        """Raise as `take` does, and take nothing."""
        if self._enabled:
            self._granted(address)

    def spend(self, address: str, tokens: float) -> None:
        """Take so many tokens though they may not be there: who comes next waits for them."""
        if self._enabled:
            now = self._clock()
            self._keep(
                {
                    network: max(now, self._full_at.get(network, 0.0)) + tokens / rate.per_s
                    for network, rate in self._rates(address)
                }
            )

    def give_back(self, address: str) -> None:
        """Put back the token that was taken."""
        for network, rate in self._rates(address):
            full_at = self._full_at.get(network)
            if full_at is not None:
                self._full_at[network] = full_at - 1 / rate.per_s

    def _granted(self, address: str) -> dict[str, float]:
        now, granted = self._clock(), {}
        for network, rate in self._rates(address):
            answer = grant(self._full_at.get(network, 0.0), now, rate, least=1, want=1)
            if not answer.tokens:
                raise RequestError.rate_limited(self._what, answer.wait_s)
            granted[network] = answer.full_at
        return granted

    def _keep(self, full_at: dict[str, float]) -> None:
        for network, moment in full_at.items():
            self._full_at[network] = moment
            self._full_at.move_to_end(network)
        while len(self._full_at) > _NETWORKS:
            self._full_at.popitem(last=False)

    def _rates(self, address: str) -> Iterator[tuple[str, Rate]]:
        rate = self._rate
        for network in networks_of(address):
            yield network, rate
            rate = Rate(rate.per_s * WIDER, rate.burst * WIDER)
