"""What requests about money have in common: a key, a currency, and a wallet that may lack it."""

import contextlib
from collections.abc import Iterator
from uuid import UUID

from protocol.errors import RequestError
from protocol.money.currency import exponent, shown
from storage.ledger.accounts import NotEnoughError
from storage.workflows.work import Work
from storage.workflows.workflow import Conflict

SENT_BEFORE = Conflict("this key was sent before")
MONEY_MISSING = Conflict("money is missing in the wallet")


async def first_time(
    work: Work, machine: str, *, about: UUID | str | None = None, **owner: UUID
) -> str | None:
    """The request's key, as it stays on the row of the machine that it makes.

    `about` is what the key is for, where it may be sent for several things. Raises `RequestError`
    (409) where a row of the same owner has the key: a request is never carried out twice, also when
    its answer is forgotten.
    """
    if work.request_key is None:
        return None
    key = work.request_key if about is None else f"{about}:{work.request_key}"
    workflow = work.workflows[machine]
    for before in await work.of(workflow.machine.table, **owner, request_key=key):
        details = {"resource": workflow.resource, "id": str(before.id)}
        message = f"{SENT_BEFORE.says}, for a {workflow.noun}"
        raise SENT_BEFORE.error(details, message=message)
    return key


def taken_currency(currency: str) -> str:
    """A currency that is dealt in; raises `RequestError` for any other."""
    try:
        exponent(currency)
    except ValueError as error:
        raise RequestError.invalid("currency", str(error)) from error
    return currency


@contextlib.contextmanager
def missing_told() -> Iterator[None]:
    """Raise `RequestError` (409) with what is missing where a wallet holds too little."""
    try:
        yield
    except NotEnoughError as error:
        currency = error.account.currency
        missing = shown(error.missing, currency)
        message = f"{missing} {currency} are missing in the wallet"
        details = {"missing": missing, "currency": currency}
        raise MONEY_MISSING.error(details, message=message) from error
