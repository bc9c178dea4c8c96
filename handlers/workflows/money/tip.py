"""A tip: what a client gives on top of a completed contract, without a fee."""

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from handlers.workflows.bodies import Amount, positive
from handlers.workflows.money.requests import first_time, missing_told
from handlers.workflows.money.words import NO_CHARGEBACK, NO_DEBT
from handlers.workflows.words import CONFLICT
from protocol.errors import RequestError
from protocol.money.currency import NONE, shown
from storage.ledger.accounts import for_tip
from storage.ledger.postings import releases
from storage.workflows.moves import adopt, length_of
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Guard, Shown

_LEFT = (
    "(SELECT sum(CASE t.kind WHEN 'tip' THEN -t.gross ELSE t.gross - t.refunded END)"
    " FROM releases t WHERE t.contract_id = r.id)"
)
GUARDS = {
    "within_tip_days": Guard(
        "{now} <= r.completed_at + setting_length('tip_days')",
        "the contract was completed too long ago",
    ),
    "wallet_holds_some": Guard(
        "EXISTS (SELECT FROM ledger_accounts a WHERE a.user_id = r.client_id"
        " AND a.currency = r.currency AND a.kind IN ('wallet_funded', 'wallet_earned')"
        " AND a.balance > 0)",
        "a tip is paid from the wallet, which holds nothing of this currency",
        code=CONFLICT,
    ),
    "tips_left": Guard(f"{_LEFT} > 0", "tips have reached what was paid for the work"),
    "no_debt": NO_DEBT,
    "no_chargeback": NO_CHARGEBACK,
}
"""What must hold for a tip, over the contract."""


class Tip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much."""

    amount: Amount


def left_for_tips(releases: Iterable[Row]) -> Decimal:
    """What of a contract's work was paid for, and not given back, less all tips of it.

    Below zero where so much was given back that tips are more than what is paid.
    """
    parts = (r["gross"] if r["kind"] == "tip" else r["refunded"] - r["gross"] for r in releases)
    return -sum(parts, NONE)


async def tip(work: Work, contract: Row, body: Tip) -> Shown:
    """Give a tip: it is a release, which clears as others do."""
    currency = contract["currency"]
    amount = positive("amount", body.amount, currency)
    client = contract["client_id"]
    key = await first_time(work, "release", client_id=client)
    left = left_for_tips(await work.of("releases", contract_id=contract.id))
    if amount > left:
        raise RequestError.invalid("amount", f"no more than {shown(left, currency)} can be given")
    asked = releases.Tip(
        work.new_ids.next(),
        contract.id,
        client,
        contract["freelancer_id"],
        amount,
        currency,
        key,
    )
    await work.ledger.open(for_tip(asked.client_id, asked.freelancer_id, currency))
    clears_at = work.now + await length_of(work, "clearing_days")
    with missing_told():
        made = releases.tip(work.ledger, asked, clears_at)
    await work.say_of("contract", "tip", contract, amount=amount)
    [values] = made.rows
    return Shown("releases", await adopt(work, "release", "begin", values), 201)
