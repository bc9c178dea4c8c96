"""What a connection came with: its address, its header's token, and its place among others."""

from collections.abc import Callable


class Arrival:
    """Of one connection."""

    __slots__ = ("_counted", "address", "token")

    def __init__(
        self, address: str, token: str | None, counted: tuple[Callable[[], None], ...]
    ) -> None:
        self.address = address
        self.token = token
        self._counted = counted

    def said_hello(self) -> None:
        """It is somebody's; to be called again by each further hello does nothing."""
        for said_hello in self._counted:
            said_hello()
