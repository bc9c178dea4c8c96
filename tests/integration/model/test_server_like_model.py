"""Walks at random: at each step the server allows, does and shows what the model does."""

import os
import sys
from collections import Counter
from functools import partial
from random import Random
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from server.workflows.payments_wiring import PaymentParts
from tests.app import Serve
from tests.databases import Databases
from tests.integration.model.asking import Key, is_known
from tests.integration.model.probing import probe
from tests.integration.model.shown import compare
from tests.integration.model.walk import Walk
from tests.integration.model.world import CURRENCY, World, all_at_once
from tests.machines.workflow_model.clocks import DAY, HOUR
from tests.machines.workflow_model.moves import is_final
from tests.machines.workflow_model.state import Move, Terms
from tests.machines.workflow_model.timed import due, gates

SEED = int(os.environ.get("PARLEY_MODEL_SEED", "1"))
"""Another one walks other ways."""
MARKETS = int(os.environ.get("PARLEY_MODEL_MARKETS", "4"))
"""In each of the parts. In the first that Hypothesis makes nobody does anything."""
WALKS = 19
"""In a market, all at once."""
STEPS = 12
SILENCE = 200 * DAY
"""By then all timers are carried out."""
FEES = (10, 20, 33, 50)
"""The platform's share in percent, a part each."""


class Plan(NamedTuple):
    """What a walk is drawn from; a failure is shown with as little in it as fails still."""

    amounts: tuple[int, int]
    dues: tuple[int | None, int | None]
    revisions: int
    steps: list[int]
    """Each chooses among what can be done then; 0 does nothing."""


_NUMBERS = st.lists(st.integers(0, 2**32 - 1), min_size=STEPS, max_size=STEPS)
_PLANS = st.builds(
    Plan,
    st.sampled_from([(3, 3), (2, 3), (13, 7), (1, 4), (10, 25)]),
    st.sampled_from([(None, None), (None, 5 * DAY), (3 * DAY, 30 * DAY), (10 * DAY, None)]),
    st.sampled_from([0, 1, 2]),
    _NUMBERS,
)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("fee_percent", FEES)
@seed(SEED)
@settings(
    max_examples=MARKETS,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(plans=st.lists(_PLANS, min_size=WALKS, max_size=WALKS), pauses=_NUMBERS)
async def test_the_server_is_like_the_model(
    serve: Serve,
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
    fee_percent: int,
    plans: list[Plan],
    pauses: list[int],
) -> None:
    # The provider's answers are moves of the walks.
    monkeypatch.setattr(PaymentParts, "runs", property(lambda _parts: ()))
    async with (
        databases.migrated() as url,
        serve(
            database_url=url, owner_database_url=databases.owners(url), timers_poll_s=3600
        ) as app,
    ):
        world = World(app)
        await world.begin(fee_percent)
        walks = [Walk(world, _terms(plan, fee_percent)) for plan in plans]
        await all_at_once([walk.begin for walk in walks])
        for step, pause in enumerate(pauses):
            random = _random(fee_percent, pause)
            await _until(world, walks, world.now + 1)
            await all_at_once(
                [
                    partial(_step, walk, plan.steps[step])
                    for walk, plan in zip(walks, plans, strict=True)
                ]
            )
            await _paid_out(world, walks, random)
            await world.ledger_is_clean()
            await _until(world, walks, world.now + _pause(random, walks, world.now))
        await _falls_silent(world, walks)
        made = Counter(made for walk in walks for made in walk.made)
        sys.stdout.write(f"seed {SEED}: {made.total()} moves, {dict(made.most_common())}\n")
        await _is_over(world, walks)


def _random(fee_percent: int, number: int) -> Random:
    """Of the same number, another one in each part."""
    return Random(f"{fee_percent}:{number}")


def _terms(plan: Plan, fee_percent: int) -> Terms:
    return Terms(plan.amounts, fee_percent, plan.revisions, amended=2, dues=plan.dues)


async def _step(walk: Walk, number: int) -> None:
    walk.random = _random(walk.terms.fee_percent, number)
    if number and walk.random.random() < 0.25:
        await probe(walk)
    move = walk.choose() if number else None
    if move is not None:
        await walk.do(move)
    await compare(walk)


def _pause(random: Random, walks: list[Walk], now: int) -> int:
    """Seconds until something is done again: often until just about when something changes."""
    kind = random.random()
    if kind < 0.4:
        return random.randint(1, HOUR)
    if kind < 0.6:
        return random.randint(HOUR, 4 * DAY)
    walk = random.choice(walks)
    soon = [at for at in (*due(walk.timed).values(), *gates(walk.timed).values()) if at > now + 1]
    return min(soon, default=now + 2) - now + random.choice([-1, 0, 1])


async def _paid_out(world: World, walks: list[Walk], random: Random) -> None:
    """Now and then staff pays out what is approved, and the provider answers."""
    for walk in walks:
        if random.random() < 0.5:
            await walk.provider_answers(pays=random.random() < 0.6)
    await _until(world, walks, world.now + 1)
    approved = [w for w in walks if (x := w.timed.state.withdrawal) and x.status == "approved"]
    if approved and random.random() < 0.6:
        market = world.market
        batch = await market.done(world.staff, "payout-batches", body={"currency": CURRENCY})
        assert batch["withdrawal_count"] == len(approved)
        await market.done(world.staff, f"payout-batches/{batch['id']}", "submit")
        for walk in approved:
            walk.apply(Move("staff", "batch-withdrawal"))
            await compare(walk)


async def _until(world: World, walks: list[Walk], target: int) -> None:
    """Time passes; each timer is carried out in the second in which it is due."""
    while True:
        ends = [end for walk in walks for end in walk.waiting().values()]
        soonest = min([await world.next_due(target), *ends])
        if soonest > target:
            break
        await world.move(max(world.now, soonest))
        touched = []
        for machine, action, row in await world.work_off():
            walk, key = await _whose(world, walks, machine, row)
            if walk is not None and is_known(key, action):
                walk.fired(key, action)
                touched.append(walk)
        for walk in walks:
            late = {clock for clock, end in walk.waiting().items() if end <= world.now}
            assert not late, walk.complaint(f"the server has not carried out {late}")
        await all_at_once([partial(compare, walk) for walk in dict.fromkeys(touched)])
    await world.move(target)


async def _whose(
    world: World, walks: list[Walk], machine: str, row: UUID
) -> tuple[Walk | None, Key]:
    """The walk that a row is of, and what it is there."""
    for walk in walks:
        key = walk.key_of(machine, row)
        if key is not None:
            return walk, key
    if machine == "release":
        contract = await world.pool.fetchval("SELECT contract_id FROM releases WHERE id = $1", row)
        walk = next(w for w in walks if w.rows.ids["contract", 0] == str(contract))
        await walk.learn()
        key = walk.key_of(machine, row)
        assert key is not None
        return walk, key
    return None, (machine, 0)


async def _falls_silent(world: World, walks: list[Walk]) -> None:
    """Nobody acts any more, but the provider, who is asked already."""
    for walk in walks:
        await walk.provider_answers()
    until = world.now + SILENCE
    while await world.next_due(until) <= until:
        await _until(world, walks, world.now + 10 * DAY)


async def _is_over(world: World, walks: list[Walk]) -> None:
    """All is final, no money is on its way, and histories are what was seen."""
    for walk in walks:
        state = walk.timed.state
        assert is_final(state), walk.complaint("it is not over")
        await compare(walk)
        assert (state.escrow, state.pending, state.withdrawing) == (0, 0, 0)
        await walk.learn()
        for (machine, key), states in walk.seen.items():
            row = walk.rows.ids["release", int(key)] if machine == "release" else key
            assert await _history(world, machine, row) == states, walk.complaint(f"{machine} {row}")
    await world.ledger_is_clean(at_rest=True)
    taken = await world.pool.fetchval(
        "SELECT coalesce(sum(l.amount), 0) FROM journal_lines l JOIN ledger_accounts a"
        " ON a.id = l.account_id WHERE a.kind = 'fee' AND a.currency = $1", CURRENCY,
    )  # fmt: skip
    assert taken == sum(walk.timed.state.fees for walk in walks)
    assert await world.pool.fetchval("SELECT count(*) FROM timers") == 0


async def _history(world: World, machine: str, row: str) -> list[str]:
    """The states that a row has had, in order; each began where the one before it had ended."""
    records = await world.pool.fetch(
        "SELECT from_status, to_status, created_at FROM status_history WHERE entity_type = $1"
        " AND entity_id = $2::uuid ORDER BY id", machine, row,
    )  # fmt: skip
    states: list[str | None] = [None]
    waiting = list(records)
    while waiting:
        # Of one second the ids do not tell the order: time stands still in it.
        at = waiting[0]["created_at"]
        found = (r for r in waiting if (r["created_at"], r["from_status"]) == (at, states[-1]))
        record = next(found, None)
        assert record is not None, f"{machine} {row} is not {states[-1]}: {records}"
        waiting.remove(record)
        if record["to_status"] != states[-1]:
            states.append(record["to_status"])
    # Approved is paid at once.
    return [state for state in states if state and (machine, state) != ("milestone", "approved")]
