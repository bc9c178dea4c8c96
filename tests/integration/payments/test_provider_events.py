"""Events of the provider: stored once, applied, tried again, parked."""

import asyncio
from decimal import Decimal

import pytest

from server.workflows.provider_events import Asking, EventProcessor
from storage.payments.events import Applied, NotThereYet, Refused, SentEvent
from storage.payments.provider import Charge, Settled

BODY = '{"id": "%s", "kind": "payment.captured", "data": {"key": "%s"}}'


async def stored(events, clock, name="evt_1", key="a"):
    event = SentEvent(name, "payment.captured", {"key": key})
    return await events.store("local", event, BODY % (name, key), clock.now)


class Ledger:
    """What was applied, and what it is to answer."""

    def __init__(self):
        self.seen = []
        self.answers = []
        self.states = []

    async def __call__(self, event):
        self.seen.append((event.event_id, event.data["key"]))
        answer = self.answers.pop(0) if self.answers else Applied()
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture
def processor(events, ledger, clock):
    return EventProcessor(events, ledger, clock, ledger.states.append)


async def test_an_event_is_stored_once_and_applied_once(events, processor, ledger, clock):
    told = await asyncio.gather(*(stored(events, clock) for _ in range(5)))
    assert sorted(told) == [False] * 4 + [True]
    taken = await asyncio.gather(*(processor.step() for _ in range(4)))
    assert sum(taken) == 1
    assert ledger.seen == [("evt_1", "a")]
    assert await processor.step() == 0
    clock.move(1_000_000)
    assert not await stored(events, clock)
    assert await processor.step() == 0


async def test_the_same_id_of_another_provider_is_another_event(events, processor, ledger, clock):
    await stored(events, clock)
    await events.store(
        "other", SentEvent("evt_1", "x", {"key": "b"}), BODY % ("evt_1", "b"), clock.now
    )
    assert await processor.step() == 2


async def test_events_are_applied_in_the_order_in_which_they_came(events, processor, ledger, clock):
    for number in (3, 1, 2):
        await stored(events, clock, f"evt_{number}")
        clock.move(1)
    await processor.step()
    assert [name for name, _key in ledger.seen] == ["evt_3", "evt_1", "evt_2"]


async def test_what_is_not_there_yet_is_tried_at_its_times_and_parked(
    events, processor, ledger, clock, logs, pool
):
    ledger.answers = [NotThereYet("no such deposit")] * 5
    await stored(events, clock)
    for pause_s in (0, 5, 60, 600, 3600):
        if pause_s:
            clock.move(pause_s - 1)
            assert await processor.step() == 0
            clock.move(1)
        assert await processor.step() == 1
    assert ledger.states == ["waiting"] * 4 + ["parked"]
    parked = [line for line in logs if line["event"] == "provider_event_parked"]
    assert [(line["event_id"], line["log_level"]) for line in parked] == [("evt_1", "error")]
    assert await events.parked() == 1
    clock.move(1_000_000)
    assert await processor.step() == 0
    row = await pool.fetchrow("select state, error, attempts from provider_events")
    assert tuple(row) == ("parked", "no such deposit", 5)
    assert await events.retry_parked(clock.now) == 1
    assert await processor.step() == 1
    assert ledger.states[-1] == "applied"
    assert await events.parked() == 0


async def test_one_that_waits_holds_up_no_other(events, processor, ledger, clock):
    ledger.answers = [NotThereYet("no such deposit"), Applied()]
    await stored(events, clock, "evt_1")
    await stored(events, clock, "evt_2", "b")
    assert await processor.step() == 2
    assert sorted(ledger.states) == ["applied", "waiting"]
    clock.move(5)
    assert await processor.step() == 1
    assert ledger.states[-1] == "applied"


async def test_a_fault_of_ours_is_told_and_tried_again(events, processor, ledger, clock, logs):
    ledger.answers = [ValueError("a bug")]
    await stored(events, clock)
    await processor.step()
    assert ledger.states == ["waiting"]
    assert [line["event"] for line in logs] == ["provider_event_failed"]
    clock.move(5)
    await processor.step()
    assert ledger.states[-1] == "applied"


async def test_what_never_applies_is_kept_with_its_reason(events, processor, ledger, clock, pool):
    ledger.answers = [Refused("of another account")]
    await stored(events, clock)
    await processor.step()
    clock.move(1_000_000)
    assert await processor.step() == 0
    row = await pool.fetchrow("select state, error from provider_events")
    assert tuple(row) == ("refused", "of another account")


async def test_a_process_that_dies_while_it_applies_leaves_the_event(
    events, processor, ledger, clock
):
    await stored(events, clock)
    assert len(await events.take(clock.now)) == 1  # and nothing follows
    assert await processor.step() == 0
    clock.move(60)
    assert await processor.step() == 1
    assert ledger.states == ["applied"]


async def test_it_runs_when_it_is_woken(events, processor, ledger, clock):
    running = asyncio.create_task(processor.run())
    try:
        await stored(events, clock)
        processor.wake()
        async with asyncio.timeout(10):
            while not ledger.states:
                await asyncio.sleep(0)
    finally:
        running.cancel()
    assert ledger.states == ["applied"]


async def test_what_is_under_way_for_long_is_asked_about(provider, clock):
    answered = []

    async def unsettled(_now):
        return [("charge", "lost"), ("charge", "never made"), ("payout", "lost")]

    async def take(told):
        answered.append(told)

    charge = Charge("lost", "tok_ok+lost", Decimal(10), Decimal(0), "USD")
    reference = (await provider.charge(charge)).reference
    assert await Asking(provider, unsettled, take, clock).step() == 1
    assert answered == [("charge", "lost", Settled(reference, Decimal(10), "USD"))]
