"""How often the HTTP door may be asked: without a login by address, with one by person.

A request costs the event loop a millisecond whatever it asks for, and so does its refusal. So a
refusal is told only after a moment: one connection then asks once in it, and an address has so many
connections only (`server/doors/by_address.py`).
"""

from typing import Literal
from uuid import UUID

from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.tokenbucket import Rate
from storage.limits.address_buckets import AddressBuckets

REFUSED_S = 1.0
"""After this time a refusal is told."""
LATE_S = 0.5
"""Probes and preflights are never refused; beyond the rate they are answered this much later."""


class RequestRates:
    """Requests and bytes of this process; with `enabled` false nothing is limited."""

    def __init__(self, limits: Limits, *, enabled: bool = True) -> None:
        unauthenticated = Rate(
            max(1, limits.unauthenticated_requests_per_s),
            max(1, limits.unauthenticated_requests_burst),
        )
        answered = Rate(
            max(1, limits.unauthenticated_bytes_per_s), max(1, limits.unauthenticated_bytes_burst)
        )
        person = Rate(max(1, limits.requests_per_s), max(1, limits.requests_burst))
        self._unauthenticated = AddressBuckets("requests", unauthenticated, enabled=enabled)
        self._answered = AddressBuckets("bytes", answered, enabled=enabled)
        self._unrefused = {
            what: AddressBuckets(what, unauthenticated, enabled=enabled)
            for what in ("probes", "preflights")
        }
        self._people = AddressBuckets("requests", person, enabled=enabled)

    def unauthenticated(self, address: str) -> None:
        """A request without a login; raises `RequestError` (`rate_limited`) for one too many."""
        self._answered.check(address)
        self._unauthenticated.take(address)

    def uncount(self, address: str) -> None:
        """A request that was counted as without a login was none."""
        self._unauthenticated.give_back(address)

    def person(self, user_id: UUID) -> None:
        """A request of somebody; raises as `unauthenticated` does."""
        self._people.take(str(user_id))

    def answered(self, address: str, size: int) -> None:
        """So many bytes are answered to a request without a login."""
        self._answered.spend(address, size)

    def late(self, what: Literal["probes", "preflights"], address: str) -> float:
        """Such a request; the seconds after which it is answered."""
        try:
            self._unrefused[what].take(address)
        except RequestError:
            return LATE_S
        return 0.0


UNLIMITED = RequestRates(Limits(), enabled=False)
