"""How many tokens that nobody has an address may try: each costs a look into the database."""

import time
from collections import OrderedDict
from collections.abc import Callable

from protocol.addresses import WIDER, networks_of
from protocol.errors import RequestError
from protocol.tokenbucket import Rate, grant

_NETWORKS = 20_000
"""Buckets that are kept; the longest unused ones are forgotten."""


class BadTokens:
    """Buckets of this process, one an address; with `enabled` false nothing is limited.

    A token is taken before the look and given back when it was good, so that those who have good
    ones never wait, and of many bad ones at once no more are looked for than the bucket holds.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        enabled: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate = Rate(max(1, per_minute) / 60, max(1, per_minute))
        self._enabled = enabled
        self._clock = clock
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, address: str) -> None:
        """Before a look; raises `RequestError` (`rate_limited`) when there were too many."""
        if not self._enabled:
            return
        now, taken, factor = self._clock(), {}, 1
        for network in networks_of(address):
            rate = Rate(self._rate.per_s * factor, self._rate.burst * factor)
            answer = grant(self._full_at.get(network, 0.0), now, rate, least=1, want=1)
            if not answer.tokens:
                raise RequestError.rate_limited("bad tokens", answer.wait_s)
            taken[network] = answer.full_at
            factor *= WIDER
        for network, full_at in taken.items():
            self._full_at[network] = full_at
            self._full_at.move_to_end(network)
        while len(self._full_at) > _NETWORKS:
            self._full_at.popitem(last=False)

    def give_back(self, address: str) -> None:
        """The token was good, or nobody could look."""
        factor = 1
        for network in networks_of(address):
            full_at = self._full_at.get(network)
            if full_at is not None:
                self._full_at[network] = full_at - 1 / (self._rate.per_s * factor)
            factor *= WIDER
