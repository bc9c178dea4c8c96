"""Where no payments are taken, whoever pays is told so, and nothing waits for ever."""

from tests.app import Serve
from tests.integration.transitions.conftest import Market
from tests.integration.transitions.money.conftest import Bank


async def test_a_payment_fails_and_the_order_still_waits(serve: Serve) -> None:
    async with serve(provider="none", timers_poll_s=3600) as app:
        market = Market(app)
        bank = Bank(market)
        client, freelancer = await app.people("Ada", "Ben")
        card = await bank.card(client)
        contract = await market.order(client, await market.gig(freelancer))
        path = f"contracts/{contract['id']}"
        answer = await market.act(client, path, "pay", {"payment_method_id": card})
        assert answer.status == 202, answer.body
        row = await bank.until(client, f"deposits/{answer.body['payment']['id']}", status="failed")
        assert row["error_message"] == "this instance takes no payments"
        assert (await market.read(client, path))["status"] == "pending_payment"
        aside = "SELECT count(*) FROM outbox_aside WHERE consumer = 'payments'"
        assert await market.pool.fetchval(aside) == 0
