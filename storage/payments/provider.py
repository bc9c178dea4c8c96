"""The port to payment providers: what is asked of one, and what it answers.

1. Every request has a key that names what it is for. The same key again moves no money a second
   time, and is answered with what has become of the first.
2. An answer that does not come may have been carried out: `ask` tells under the same key.
3. What a provider tells later, it tells in a signed event, which says the same as its answers.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple, Protocol

import msgspec

Kind = Literal["charge", "return", "payout"]
"""From a payer's card to the platform, back to that card, and out to a payee's account."""


class ProviderAwayError(Exception):
    """The provider has not answered; what was asked for may have been carried out."""


class KeyReusedError(Exception):
    """The key was used before, for something else."""


class Charge(msgspec.Struct, frozen=True):
    """What a payer is to pay: the amount and the processing fee on top of it."""

    key: str
    token: str
    amount: Decimal
    fee: Decimal
    currency: str


class Return(msgspec.Struct, frozen=True):
    """What is to go back to where a charge came from."""

    key: str
    charge_key: str
    amount: Decimal
    currency: str


class Payout(msgspec.Struct, frozen=True):
    """What is to be paid to an account, as one of a batch."""

    key: str
    token: str
    amount: Decimal
    currency: str


class Settled(msgspec.Struct, frozen=True, tag="settled"):
    """The money has moved: this much in all, of which the provider keeps `cost` for itself."""

    reference: str
    amount: Decimal
    currency: str
    cost: Decimal = Decimal(0)


class Pending(msgspec.Struct, frozen=True, tag="pending"):
    """It is under way. With `action_url` the payer has to agree there first."""

    reference: str
    action_url: str | None = None


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """No money has moved, and none will under this key."""

    reason: str
    reference: str | None = None


class Returned(msgspec.Struct, frozen=True, tag="returned"):
    """A payout that was settled has come back."""

    reference: str
    amount: Decimal
    currency: str
    reason: str = ""


class NotKnown(msgspec.Struct, frozen=True, tag="not_known"):
    """The provider has never heard of the key."""


Answer = Settled | Pending | Failed | Returned | NotKnown


class Told(NamedTuple):
    """What became of the operation with this key."""

    kind: Kind
    key: str
    answer: Answer


class PaymentProvider(Protocol):
    """A provider. All methods but `told` raise `ProviderAwayError` when no answer comes, and those
    that move money `KeyReusedError` for a key that was used for something else.
    """

    @property
    def name(self) -> str:
        """What it is called in settings, rows and paths."""

    async def charge(self, charge: Charge) -> Answer:
        """Take a payment."""

    async def give_back(self, back: Return) -> Answer:
        """Return a payment, or a part of one."""

    async def pay_out(self, batch_key: str, payouts: Sequence[Payout]) -> Mapping[str, Answer]:
        """Make payouts together; the answer to each by its key."""

    async def ask(self, kind: Kind, key: str) -> Answer:
        """What has become of an operation by now."""

    def told(self, kind: str, data: Mapping[str, Any]) -> Told | None:
        """What an event of this kind says; None where it is about nothing that was asked for.

        Raises `msgspec.ValidationError` for data that events of the kind do not have.
        """
