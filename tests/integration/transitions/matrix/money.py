"""Deposits, their returns, withdrawals and batches of them, in each of their states."""

from tests.integration.transitions.conftest import Market
from tests.integration.transitions.matrix.cast import Cast, Scene, parties, put
from tests.integration.transitions.money.conftest import Bank

_RETURN = """
INSERT INTO deposit_returns (id, deposit_id, user_id, amount, currency, status,
                             created_at, updated_at)
SELECT uuid7(), id, user_id, 40, currency, '{state}', workflow_now(), workflow_now()
FROM deposits WHERE id = '{deposit}'
"""
_VERIFIED = """
INSERT INTO identity_verifications (user_id, kind, status)
VALUES ('{client}', 'passport', 'approved')
"""
_PAST_GUARDS = "SET session_replication_role = replica;"


async def _captured(market: Market, cast: Cast) -> str:
    await market.fund(cast.client, "100")
    rows = await market.rows(cast.client, "deposits?user_id=me")
    return str(rows[0]["id"])


async def _deposit(market: Market, cast: Cast, words: str) -> str:
    state, *more = words.split()
    key = await _captured(market, cast)
    if more == ["returned"]:
        await market.done(cast.client, f"deposits/{key}", "return")
    return key if state == "captured" else await put(market, "deposits", key, state)


async def _deposit_return(market: Market, cast: Cast, words: str) -> str:
    """A row that no provider is asked about: it would go on by itself."""
    state, *more = words.split()
    deposit = await _captured(market, cast)
    await market.app.as_owner(_PAST_GUARDS + _RETURN.format(deposit=deposit, state=state))
    if more == ["identified"]:
        await market.app.as_owner(_PAST_GUARDS + _VERIFIED.format(client=cast.client.id))
    found = "SELECT id::text FROM deposit_returns WHERE deposit_id = $1::uuid"
    return str(await market.pool.fetchval(found, deposit))


async def _requested(market: Market, cast: Cast) -> str:
    bank = Bank(market)
    verify = "UPDATE user_private SET email_verified_at = now() WHERE user_id = $1"
    await market.pool.execute(verify, cast.freelancer.id)
    await bank.earn(cast.freelancer, "100")
    method = await bank.account(cast.freelancer)
    said = {"amount": "50", "currency": "USD", "payout_method_id": method}
    return str((await market.done(cast.freelancer, "withdrawals", body=said))["id"])


async def _withdrawal(market: Market, cast: Cast, words: str) -> str:
    state, *more = words.split()
    key = await _requested(market, cast)
    if state == "approved":
        await market.done(cast.staff, f"withdrawals/{key}", "approve")
    elif state == "cancelled":
        await market.done(cast.freelancer, f"withdrawals/{key}", "cancel")
    elif state != "requested":
        await put(market, "withdrawals", key, state)
    if more == ["gathered"]:
        await _gathered(market, cast)
    return key


async def _gathered(market: Market, cast: Cast) -> str:
    made = await market.done(cast.admin, "payout-batches", body={"currency": "USD"})
    return str(made["id"])


async def _payout_batch(market: Market, cast: Cast, words: str) -> str:
    await _withdrawal(market, cast, "approved")
    key = await _gathered(market, cast)
    if words == "cancelled":
        await market.done(cast.staff, f"payout-batches/{key}", "cancel")
    elif words != "draft":
        await put(market, "payout_batches", key, words)
    return key


SCENES = {
    "deposit": Scene(_deposit, parties(client="owner"), besides=("captured returned",)),
    "deposit_return": Scene(
        _deposit_return, parties(client="owner"), besides=("failed identified",)
    ),
    # What is earned out of nothing makes accounts that all share.
    "withdrawal": Scene(
        _withdrawal, parties(freelancer="owner"), besides=("approved gathered",), at_once=1
    ),
    # A batch takes all that is approved: rows that are made at the same time take each other's.
    "payout_batch": Scene(_payout_batch, {}, at_once=1),
}
