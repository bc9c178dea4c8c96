"""Who is suspended begins no agreement and pays nothing; what runs comes to its end all alike."""

from uuid import UUID

import pytest

from handlers.workflows import WORKFLOWS
from handlers.workflows.money.paying import Pay
from protocol.errors import ErrorCode, RequestError
from storage.database.idempotency import IdempotencyKey
from storage.workflows.asks import Ask
from tests.app import Person
from tests.integration.transitions.contracts.conftest import Deal, Deals


async def asked(
    deals: Deals, machine: str, key: str, action: str, person: Person, body: Pay | None = None
):
    """Ask as somebody whose session has not ended yet."""
    once = IdempotencyKey(person.id, "POST", f"/{key}/{action}", f"{key}{action}", b"x")
    ask = Ask(WORKFLOWS[machine], action, UUID(key), person.id, body, idempotency=once)
    return await deals.app.app.core.workflows.executor.run(ask)


async def test_what_runs_ends_and_nothing_is_paid_for(deals: Deals, deal: Deal) -> None:
    await deal.fund(1)
    await deal.submit(1)
    statement = "UPDATE users SET status = 'suspended' WHERE id = $1"
    await deals.pool.execute(statement, deal.client.id)
    with pytest.raises(RequestError, match="not active") as refused:
        await asked(deals, "milestone", deal.parts[1], "fund", deal.client, Pay(wallet=True))
    assert refused.value.code is ErrorCode.FORBIDDEN
    await asked(deals, "milestone", deal.parts[0], "approve", deal.client)
    assert (await deals.read(deal.freelancer, deal.where(1)))["status"] == "paid"


@pytest.mark.parametrize(
    ("path", "token"),
    [("payment-methods", "provider_token"), ("payout-methods", "provider_account_token")],
)
async def test_they_name_no_method_of_paying(
    deals: Deals, deal: Deal, path: str, token: str
) -> None:
    kind = {"payment-methods": "card", "payout-methods": "bank_transfer"}[path]
    prefix = {"payment-methods": "tok", "payout-methods": "acct"}[path]
    body = {token: f"{prefix}_ok", "type": kind}
    await deals.done(deal.freelancer, path, body=body)
    await deals.pool.execute("UPDATE users SET status = 'suspended' WHERE id = $1", deal.client.id)
    refused = await deals.act(deal.client, path, body=body)
    assert refused.status in {401, 403}
    assert await deals.pool.fetchval(f"SELECT count(*) FROM {path.replace('-', '_')}") == 1
