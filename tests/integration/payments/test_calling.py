"""The consumer of the outbox that calls the provider: once a key, whatever happens meanwhile."""

import asyncio
import contextlib
from decimal import Decimal
from uuid import uuid4

import asyncpg
import orjson
import pytest

from server.workflows import payments
from server.workflows.payments import Payments
from storage.outbox.failed_rows import Patience
from storage.outbox.process_lease import ProcessLease
from storage.payments.closed import NoProvider
from storage.payments.local import LocalProvider
from storage.payments.provider import (
    Failed,
    NotKnown,
    Pending,
    ProviderAwayError,
    Settled,
    Told,
)


class Scene:
    """A consumer and what it was answered."""

    def __init__(self, pool, provider):
        self.pool = pool
        self.answered = []
        self.calls = 0
        self.refuse = 0
        self.payments = self.process(provider)

    def process(self, provider, owner=None):
        """Another process."""
        return Payments(self.pool, owner or uuid4(), provider, self._answered)

    async def _answered(self, told):
        self.calls += 1
        if self.calls <= self.refuse:
            raise ValueError("a bug")
        self.answered.append(told)

    async def put(self, kind="charge", **data):
        """A row of the outbox."""
        said = {"provider": "local", "key": "a", "currency": "USD", "amount": "10.00"} | data
        await self.pool.execute(
            "insert into outbox (consumer, kind, data) values ('payments', $1, $2)",
            kind, orjson.dumps(said).decode(),
        )  # fmt: skip

    async def left(self):
        """Rows that are not done."""
        return await self.pool.fetchval("select count(*) from outbox where consumer = 'payments'")

    async def consume(self, process=None):
        """All that is due."""
        consumer = (process or self.payments).consumers[0]
        while (await consumer.consume()).rows:
            pass


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    """What fails is tried again at once."""
    monkeypatch.setattr(payments, "PATIENCE", Patience(pauses_s=(0.0, 0.0)))


@pytest.fixture
def scene(pool, provider):
    return Scene(pool, provider)


async def operations(pool):
    return await pool.fetchval("select count(*) from local_provider_operations")


async def test_a_charge_is_made_and_its_answer_taken(scene):
    await scene.put(token="tok_ok", fee="0.30")
    await scene.consume()
    ((kind, key, answer),) = scene.answered
    assert (kind, key, type(answer)) == ("charge", "a", Pending)
    assert await scene.left() == 0


async def test_returns_and_payouts(scene, provider):
    await scene.put(token="tok_ok", fee="0.30")
    await scene.put("return", key="r", charge_key="a", amount="4.00")
    payouts = [{"key": k, "token": "acct_ok", "amount": "5", "currency": "USD"} for k in "xy"]
    await scene.put("payout", key="batch", payouts=payouts)
    await scene.consume()
    assert [told[:2] for told in scene.answered] == [
        ("charge", "a"), ("return", "r"), ("payout", "x"), ("payout", "y"),
    ]  # fmt: skip
    assert isinstance(await provider.ask("payout", "y"), Settled)


async def test_a_call_without_an_answer_is_asked_about_and_not_made_again(scene, monkeypatch):
    calls = []
    charge = LocalProvider.charge

    async def counted(self, asked):
        calls.append(asked.key)
        return await charge(self, asked)

    monkeypatch.setattr(LocalProvider, "charge", counted)
    await scene.put(token="tok_ok+silent", fee="0.30")
    await scene.consume()
    assert calls == ["a"]
    ((_kind, _key, answer),) = scene.answered
    assert isinstance(answer, Settled)
    assert answer.amount == Decimal("10.30")


async def test_an_answer_that_could_not_be_taken_is_asked_for_again(scene):
    scene.refuse = 1
    await scene.put(token="tok_ok", fee="0.30")
    await scene.consume()
    assert scene.calls == 2
    assert isinstance(scene.answered[0].answer, Settled)
    assert await operations(scene.pool) == 1


async def test_a_process_that_dies_with_its_call_in_flight(scene, provider, pool):
    """Its lease ends with its connection; the next process asks before it calls."""

    class Dying(LocalProvider):
        async def charge(self, asked):
            await super().charge(asked)
            raise asyncio.CancelledError

    dying = scene.process(Dying(pool, provider._clock))
    await scene.put(token="tok_ok", fee="0.30")
    with contextlib.suppress(asyncio.CancelledError, asyncpg.ConnectionDoesNotExistError):
        await scene.consume(dying)
    assert (await scene.left(), scene.answered) == (1, [])
    await scene.consume()
    assert isinstance(scene.answered[0].answer, Settled)
    assert (await scene.left(), await operations(pool)) == (0, 1)


async def test_many_processes_call_once(scene, provider, database_url):
    for number in range(10):
        await scene.put(token="tok_ok", fee="0", key=f"k{number}")
    async with contextlib.AsyncExitStack() as stack:
        processes = []
        for _ in range(4):
            lease = ProcessLease(database_url, uuid4())
            await lease.open()
            stack.callback(lease.close)
            processes.append(scene.process(provider, lease.owner))
        await asyncio.gather(*map(scene.consume, processes))
    assert sorted(told.key for told in scene.answered) == [f"k{number}" for number in range(10)]


async def test_a_provider_that_is_away_for_long_sets_the_row_aside(scene, monkeypatch, pool, logs):
    async def away(_self, _charge):
        raise ProviderAwayError

    async def unknown(_self, _kind, _key):
        return NotKnown()

    monkeypatch.setattr(LocalProvider, "charge", away)
    monkeypatch.setattr(LocalProvider, "ask", unknown)
    await scene.put(token="tok_ok", fee="0.30")
    await scene.consume()
    assert (scene.answered, await scene.left()) == ([], 0)
    assert await pool.fetchval("select count(*) from outbox_aside where consumer = 'payments'") == 1
    assert any(line["event"] == "outbox_row_set_aside" for line in logs)


@pytest.mark.parametrize(
    "row",
    [
        {"token": "tok_ok"},
        {"token": "tok_ok", "fee": "much"},
    ],
)
async def test_a_row_that_cannot_be_called_for_is_set_aside(scene, pool, row):
    await scene.put(**row)
    await scene.consume()
    assert (scene.answered, await operations(pool)) == ([], 0)
    assert await pool.fetchval("select count(*) from outbox_aside where consumer = 'payments'") == 1


async def test_what_another_provider_was_to_do_fails_with_the_reason(scene, pool):
    await scene.put(provider="another", token="tok_ok", fee="0")
    payouts = [{"key": k, "token": "acct_ok", "amount": "5", "currency": "USD"} for k in "xy"]
    await scene.put("payout", provider="another", key="batch", payouts=payouts)
    await scene.consume()
    reason = "the provider another is not in use"
    assert scene.answered == [
        Told("charge", "a", Failed(reason)),
        Told("payout", "x", Failed(reason)),
        Told("payout", "y", Failed(reason)),
    ]
    assert await operations(pool) == 0


async def test_what_another_provider_may_have_done_is_set_aside(scene, pool):
    await scene.put(provider="another", token="tok_ok", fee="0")
    await pool.execute("update outbox set tries = 1 where consumer = 'payments'")
    await scene.consume()
    assert scene.answered == []
    assert await pool.fetchval("select count(*) from outbox_aside where consumer = 'payments'") == 1


@pytest.mark.parametrize("named", ["none", "local"])
async def test_without_a_provider_every_charge_fails(pool, named):
    """Cards are the local provider's unless they say another."""
    scene = Scene(pool, NoProvider())
    await scene.put(provider=named, token="tok_ok", fee="0")
    await scene.consume()
    assert isinstance(scene.answered[0].answer, Failed)
    assert await scene.left() == 0


async def test_without_a_provider_what_another_may_have_been_called_for_is_set_aside(pool):
    scene = Scene(pool, NoProvider())
    await scene.put(token="tok_ok", fee="0")
    await pool.execute("update outbox set tries = 1")
    await scene.consume()
    assert (scene.answered, await scene.left()) == ([], 0)
    assert await pool.fetchval("select count(*) from outbox_aside where consumer = 'payments'") == 1


async def test_no_transaction_is_open_while_it_calls(scene, monkeypatch, pool):
    states = []

    async def looking(_self, charge):
        states.extend(
            await pool.fetch(
                "select state from pg_stat_activity where datname = current_database() "
                "and pid <> pg_backend_pid() and state like 'idle in transaction%'"
            )
        )
        return Failed("not today", charge.key)

    monkeypatch.setattr(LocalProvider, "charge", looking)
    await scene.put(token="tok_ok", fee="0.30")
    await scene.consume()
    assert (len(scene.answered), states) == (1, [])
