"""What another platform has paid out for a job clears as other releases do."""

import datetime as dt
from decimal import Decimal
from uuid import UUID, uuid4

import orjson

from handlers.workflows.money.release import WORKFLOW
from protocol.machine import Party
from storage.database.ids import NewIds
from storage.ledger.accounts import Kind, pending, platform
from storage.ledger.booking import Ledger
from storage.ledger.postings.releases import ExternalPayment, external
from storage.workflows.asks import Ask
from storage.workflows.execution.dues import dues_of
from storage.workflows.rows import Row
from tests.app import Person
from tests.integration.transitions.conftest import Market
from tests.integration.transitions.money.test_spent_meanwhile import in_turn


async def released(market: Market, person: Person) -> UUID:
    """A release of 100 that another platform has paid out, 10 of it the platform's."""
    job = await market.pool.fetchval(
        "INSERT INTO jobs (client_id, platform, external_job_id, title, description, status)"
        " VALUES ($1, 'upwork', $2, 'x', 'x', 'pending') RETURNING id",
        person.id, str(uuid4()),
    )  # fmt: skip
    async with market.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL ROLE parley_service")
        now = await connection.fetchval("SELECT workflow_now()")
        ledger = Ledger(connection, now)
        kept = [platform(kind, "USD") for kind in (Kind.CASH, Kind.FEE)]
        await ledger.open([pending(person.id, "USD"), *kept])
        key, nothing = NewIds(now).next(), Decimal(0)
        paid = (job, person.id, "upwork", str(key), Decimal(100), nothing, Decimal(10), "USD")
        external(ledger, ExternalPayment(key, *paid), now + dt.timedelta(days=5))
        row = Row("releases", {"id": key, "status": "pending", "created_at": now})
        dues = dues_of(WORKFLOW, row, now)
        steps = [*ledger.steps, {"do": "timers", "machine": "release", "id": key, "dues": dues}]
        text = orjson.dumps(steps, default=str, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
        await connection.execute("SELECT workflow_write($1::text::jsonb, $2)", text.decode(), now)
    return key


async def test_of_two_that_clear_it_the_second_finds_it_done(market: Market) -> None:
    person, executor = await market.app.person("Ada"), market.app.app.core.workflows.executor
    key = await released(market, person)
    await market.clock(days=5, seconds=1)
    timer = await market.pool.fetchval("SELECT id FROM timers WHERE entity_id = $1", key)
    ask = Ask(WORKFLOW, "clear", key, party=Party.TIMER, timer=timer)
    done = await in_turn(market, person, "pending", executor.run(ask), executor.run(ask))
    assert [one is None for one in done].count(True) == 1
    assert await market.wallet(person) == {"earned": Decimal(90)}
    assert await market.history("release", str(key)) == ["cleared"]
