"""A tip: what a client gives on top of a completed contract, without a fee."""

from typing import Any

import msgspec

from handlers.workflows.bodies import Amount, positive
from handlers.workflows.contracts.belonging import CHARGED_BACK
from handlers.workflows.words import CONFLICT
from protocol.errors import RequestError
from protocol.money.currency import NONE, shown
from storage.ledger.accounts import NotEnoughError, for_tip
from storage.ledger.postings import releases
from storage.workflows.moves import adopt, length_of
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Guard, Shown

_TIPS = (
    "(SELECT coalesce(sum(t.gross), 0) FROM releases t WHERE t.contract_id = r.id"
    " AND t.kind = 'tip')"
)
GUARDS = {
    "within_tip_days": Guard(
        "{now} <= r.completed_at + setting_length('tip_days')",
        "the contract was completed too long ago",
    ),
    "tips_left": Guard(f"{_TIPS} < r.total_amount", "tips have reached what the contract was for"),
    "no_debt": Guard(
        "NOT EXISTS (SELECT FROM ledger_accounts a WHERE a.kind = 'debt' AND a.user_id = {me}"
        " AND a.balance < 0)",
        "you owe the platform money: a deposit pays it",
        code=CONFLICT,
    ),
    "no_chargeback": Guard(
        "NOT EXISTS (SELECT FROM chargebacks b WHERE b.user_id = r.client_id"
        " AND b.status = 'opened')",
        CHARGED_BACK,
        code=CONFLICT,
    ),
}
"""What must hold for a tip, over the contract."""


class Tip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much."""

    amount: Amount


async def tip(work: Work, contract: Row, body: Tip) -> Shown:
    """Give a tip: it is a release, which clears as others do."""
    currency = contract["currency"]
    amount = positive("amount", body.amount, currency)
    await _first_time(work, contract)
    given = [t["gross"] for t in await work.of("releases", contract_id=contract.id, kind="tip")]
    left = contract["total_amount"] - sum(given, NONE)
    if amount > left:
        raise RequestError.invalid("amount", f"no more than {shown(left, currency)} can be given")
    asked = releases.Tip(
        work.new_ids.next(),
        contract.id,
        contract["client_id"],
        contract["freelancer_id"],
        amount,
        currency,
        work.request_key,
    )
    await work.ledger.open(for_tip(asked.client_id, asked.freelancer_id, currency))
    clears_at = work.now + await length_of(work, "clearing_days")
    try:
        made = releases.tip(work.ledger, asked, clears_at)
    except NotEnoughError as error:
        raise _missing(error) from error
    [values] = made.rows
    return Shown("releases", await adopt(work, "release", "begin", values), 201)


async def _first_time(work: Work, contract: Row) -> None:
    """A request is never carried out twice, also when its answer is forgotten."""
    if work.request_key is None:
        return
    key: dict[str, Any] = {"client_id": contract["client_id"], "request_key": work.request_key}
    for before in await work.of("releases", **key):
        message = "this key was sent before, for a tip that was given"
        raise RequestError(CONFLICT, message, {"resource": "releases", "id": str(before.id)})


def _missing(error: NotEnoughError) -> RequestError:
    missing = shown(error.missing, error.account.currency)
    message = f"{missing} {error.account.currency} are missing in the wallet"
    return RequestError(CONFLICT, message, {"missing": missing})
