"""kill -9 of the process whose call of the provider is in flight: money moves once."""

import asyncio
from decimal import Decimal

import pytest

from server.workflows import payments_wiring
from tests.faults import process
from tests.wire import WAIT_S

DIES = """
import os, signal
from storage.payments import local

def dying(call):
    async def call_and_die(self, *arguments):
        if "{when}" == "after":
            await call(self, *arguments)
        os.kill(os.getpid(), signal.SIGKILL)
    return call_and_die

for name in ("charge", "pay_out"):
    setattr(local.LocalProvider, name, dying(getattr(local.LocalProvider, name)))
"""
"""The process dies with its first call: before the provider has it, or before it is answered."""


async def until(app, query, *arguments, wanted):
    """Once a query answers this."""
    pool = app.app.core.foundation.pool
    async with asyncio.timeout(WAIT_S):
        while (found := await pool.fetchval(query, *arguments)) != wanted:
            assert found is not None
            await pool.execute("select pg_sleep(0.05)")


@pytest.mark.timeout(180)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_charge_is_made_once(serve, monkeypatch, when):
    script = DIES.replace("{when}", when) + process.SERVE
    with monkeypatch.context() as patch:
        patch.setattr(process, "SERVE", script)
        # This node takes requests, and leaves calls to the others.
        patch.setattr(payments_wiring.PaymentParts, "runs", property(lambda _parts: ()))
        async with serve() as app, process.process_like(app.settings, {}) as other:
            ada = await app.person("Ada")
            card = {"provider_token": "tok_ok-ada", "type": "card"}
            method = (await app.http("POST", "/v1/payment-methods", ada, card)).body["id"]
            body = {"amount": "100", "currency": "USD", "payment_method_id": method}
            key = {"Idempotency-Key": "k"}
            made = await app.http("POST", "/v1/deposits", ada, body, headers=key)
            assert made.status == 201, made.body
            assert await other.ended() == -9
            await until(app, "select status from deposits", wanted="pending")
            book = "select count(*) from local_provider_operations"
            await until(app, book, wanted=1 if when == "after" else 0)
    async with serve() as app:
        await until(app, "select status from deposits", wanted="captured")
        await until(app, "select count(*) from outbox where consumer = 'payments'", wanted=0)
        pool = app.app.core.foundation.pool
        assert await pool.fetchval("select count(*) from local_provider_operations") == 1
        assert await pool.fetchval("select count(*) from journals") == 1
        funded = "select sum(funded) from wallets where user_id = $1"
        assert await pool.fetchval(funded, ada.id) == Decimal(100)
        states = "select array_agg(to_status order by id) from status_history"
        found = await pool.fetchval(states)
        assert found.count("captured") == 1
