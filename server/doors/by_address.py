"""How many sockets each address has at a door, and which of them ends when there are too many."""

from collections.abc import Iterator

from protocol.addresses import WIDER, networks_of
from server.doors.budget import HeldSocket, SocketBudget, Wait


class SocketsByAddress:
    """At most `most` of an address, and ten times as many of the /48 of an IPv6 address.

    Beyond it an address loses its own: the one without a login that has been waited for longest.
    """

    def __init__(self, budget: SocketBudget, most: int) -> None:
        self._budget = budget
        self._most = most
        self._held: dict[str, set[HeldSocket]] = {}

    def add(self, held: HeldSocket, address: str) -> None:
        """Count a socket, and end those that are too many, which may be the new one."""
        self._count(held, address)
        for network, most in self._limits(address):
            while len(there := self._held.get(network, ())) > most:
                ended = min(there, key=_order)
                self.remove(ended)
                self._budget.end(ended, "address")

    def admit(self, held: HeldSocket, address: str) -> bool:
        """Count a socket if there is a place; False, and not counted, if there is none."""
        self.remove(held)
        if any(len(self._held.get(network, ())) >= most for network, most in self._limits(address)):
            return False
        self._count(held, address)
        return True

    def remove(self, held: HeldSocket) -> None:
        """It counts by no address any more."""
        for network in held.networks:
            there = self._held[network]
            there.discard(held)
            if not there:
                del self._held[network]
        held.networks = ()

    def trim(self, most: int, before: float) -> None:
        """Leave at most `most` of an address that have been waited for since `before` or longer."""
        for network, there in list(self._held.items()):
            limit = most * (WIDER if network.endswith("/48") else 1)
            if len(there) <= limit:
                continue
            settled = sorted((held for held in there if held.since <= before), key=_order)
            for held in settled[: max(0, len(settled) - limit)]:
                self.remove(held)
                self._budget.end(held, "address")

    def _count(self, held: HeldSocket, address: str) -> None:
        held.networks = networks_of(address)
        for network in held.networks:
            self._held.setdefault(network, set()).add(held)

    def _limits(self, address: str) -> Iterator[tuple[str, int]]:
        most = self._most
        for network in networks_of(address):
            yield network, most
            most *= WIDER


def _order(held: HeldSocket) -> tuple[bool, bool, int]:
    """First those without a login that are waited for, the longest first."""
    return held.wait is None, held.is_known, 0 if held.wait is Wait.LEAVING else held.turn
