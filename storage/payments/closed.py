"""No provider: nothing is charged, returned or paid out. For instances that take no payments."""

from collections.abc import Mapping, Sequence
from typing import Any

from storage.payments.provider import Answer, Charge, Failed, Kind, NotKnown, Payout, Return, Told

_REASON = "this instance takes no payments"


class NoProvider:
    """Refuses all that would move money."""

    name = "none"

    async def charge(self, charge: Charge) -> Answer:  # noqa: ARG002  # nothing is looked at
        """Refuse."""
        return Failed(_REASON)

    async def give_back(self, back: Return) -> Answer:  # noqa: ARG002  # as above
        """Refuse."""
        return Failed(_REASON)

    async def pay_out(
        self,
        batch_key: str,  # noqa: ARG002  # as above
        payouts: Sequence[Payout],
    ) -> Mapping[str, Answer]:
        """Refuse each."""
        return {payout.key: Failed(_REASON) for payout in payouts}

    async def ask(self, kind: Kind, key: str) -> Answer:  # noqa: ARG002  # as above
        """Nothing was ever taken."""
        return NotKnown()

    def told(self, kind: str, data: Mapping[str, Any]) -> Told | None:  # noqa: ARG002  # as above
        """It sends no events."""
        return None
