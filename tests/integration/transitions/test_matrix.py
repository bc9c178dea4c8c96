"""Every action of every machine, in every state, asked by everybody: what `available_actions` says
succeeds, and nothing else does.

A row that is refused stays as it is, so one is asked for all that is refused of it. What succeeds
has a row of its own each. So it is asked where both parties are active, and where one of them is
suspended, who cannot ask.
"""

import asyncio
from collections.abc import AsyncIterator
from itertools import chain
from typing import NamedTuple

import pytest

from handlers.resources import SHOWN
from handlers.workflows import WORKFLOWS
from protocol.errors import HTTP_STATUS
from protocol.machine import ASKABLE, BEGINNING, SAME
from storage.workflows.workflow import Workflow
from tests.app import Answer, Person
from tests.integration.transitions.conftest import Market
from tests.integration.transitions.matrix import agreements, contracts, listings, money, trust
from tests.integration.transitions.matrix.cast import Cast, Scene, casting

SCENES: dict[str, Scene] = {
    **listings.SCENES,
    **contracts.SCENES,
    **agreements.SCENES,
    **money.SCENES,
    **trust.SCENES,
}
AWAITED: frozenset[str] = frozenset()
"""Machines without rows of this matrix."""

ASKED = {
    name: workflow
    for name, workflow in WORKFLOWS.items()
    if workflow.resource in SHOWN and any(workflow.machine.askable())
}


class Row(NamedTuple):
    """A row of the matrix, and whose it is."""

    workflow: Workflow
    scene: Scene
    market: Market
    cast: Cast
    words: str
    suspended: str
    key: str

    @property
    def asking(self) -> dict[str, Person]:
        """Everybody who can ask, by who they are."""
        return {name: p for name, p in self.cast._asdict().items() if name != self.suspended}

    @property
    def state(self) -> str:
        return self.words.split()[0]

    @property
    def path(self) -> str:
        return f"{self.workflow.resource}/{self.key}"

    async def kept(self) -> tuple[str, int | None]:
        """The status, and how often something was written of the row's history."""
        table, pool = self.workflow.machine.table, self.market.pool
        status = await pool.fetchval(f"SELECT status FROM {table} WHERE id = $1::uuid", self.key)
        count = "SELECT count(*) FROM status_history WHERE entity_id = $1::uuid"
        return status, await pool.fetchval(count, self.key)

    async def ask(self, person: Person, action: str, match: str = "*") -> Answer:
        """Ask for an action with a valid body."""
        bodies = await self.scene.bodies(self.market, self.cast, self.key)
        headers = {"If-Match": match}
        return await self.market.act(person, self.path, action, bodies.get(action), headers=headers)

    async def listed(self, person: Person) -> list[str] | None:
        """What somebody may do with the row; None where they do not see it."""
        answer = await self.market.app.http("GET", f"/v1/{self.path}", person)
        assert answer.status in {200, 404}, answer.body
        return None if answer.status == 404 else answer.body["available_actions"]


async def _row(workflow: Workflow, market: Market, words: str, suspended: str) -> Row:
    scene, cast = SCENES[workflow.machine.name], await casting(market.app)
    if words in scene.besides:
        await market.app.as_owner("UPDATE workflow_clock SET ahead = interval '0'")
    key = await scene.make(market, cast, words)
    row = Row(workflow, scene, market, cast, words, suspended, key)
    assert (await row.kept())[0] == row.state
    if suspended:
        who = cast._asdict()[suspended].id
        await market.pool.execute("UPDATE users SET status = 'suspended' WHERE id = $1", who)
    return row


def _refusals(row: Row, name: str, action: str) -> set[int]:
    """How an action is refused that somebody sees the row for, in the order of answers."""
    parties = row.scene.party(name)
    rows = [t for t in row.workflow.machine.named(action) if not t.is_creation]
    may_ever = [t for t in rows if t.by & ASKABLE & parties]
    here = [t for t in may_ever if row.state in t.sources]
    if not may_ever:
        return {403}
    if not here:
        return {409}
    guards = chain.from_iterable(t.guards for t in here)
    return {int(HTTP_STATUS[row.workflow.guards[name].code]) for name in guards}


async def _refused(row: Row) -> AsyncIterator[tuple[str, str]]:
    """Ask for all that is not listed, and see it refused; yields what is listed."""
    before = await row.kept()
    for name, person in row.asking.items():
        listed = await row.listed(person)
        for action in row.workflow.machine.askable():
            if listed is not None and action in listed:
                # A version that the row does not have comes before all that a body says.
                answer = await row.ask(person, action, '"999"')
                assert answer.status == 412, (name, action, answer.body)
                yield name, action
                continue
            answer = await row.ask(person, action)
            wanted = {404} if listed is None else _refusals(row, name, action)
            assert answer.status in wanted, (name, row.words, action, answer.body)
    assert await row.kept() == before, "what is refused changes nothing"


async def _done(row: Row, name: str, action: str) -> None:
    """Ask for what is listed, and see it done."""
    machine = row.workflow.machine
    _, before = await row.kept()
    answer = await row.ask(row.asking[name], action)
    told = {one.status for one in row.workflow.answers_of(action)}
    assert answer.status in told, (name, row.words, action, answer.body)
    parties = row.scene.party(name)
    targets = {
        row.state if t.target == SAME else t.target
        for t in machine.named(action)
        if row.state in t.sources and t.by & parties
    }
    history = await row.market.history(machine.name, row.key)
    assert targets & set(history[before:]), (action, history)


async def _judge(workflow: Workflow, market: Market, words: str, suspended: str) -> int:
    """Ask for everything in one state; how much of it is listed."""
    row = await _row(workflow, market, words, suspended)
    listed = [found async for found in _refused(row)]
    for name, action in listed:
        fresh = await _row(workflow, market, words, suspended)
        assert action in (await fresh.listed(fresh.asking[name]) or ())
        await _done(fresh, name, action)
    return len(listed)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("suspended", ["", "client", "freelancer"])
@pytest.mark.parametrize("name", sorted(ASKED.keys() - AWAITED))
async def test_what_is_listed_succeeds_and_nothing_else(name, suspended, market):
    workflow = ASKED[name]
    states = _states(workflow, in_motion=bool(suspended))
    at_once = asyncio.Semaphore(SCENES[name].at_once)

    async def judge(words: str) -> int:
        async with at_once:
            return await _judge(workflow, market, words, suspended)

    listed = await asyncio.gather(*(judge(state) for state in states))
    if not suspended:
        # Some of these move the clock, which is everybody's, and begin with its own time.
        listed += [await judge(words) for words in SCENES[name].besides]
        assert sum(listed)


def _states(workflow: Workflow, *, in_motion: bool) -> list[str]:
    """The states of a machine; those alone out of which somebody may ask, if `in_motion`."""
    rows = [t for t in workflow.machine.transitions if t.is_askable]
    left = {source for t in rows for source in t.sources} if in_motion else workflow.machine.states
    return sorted(left - {BEGINNING})


def test_every_machine_has_rows():
    assert ASKED.keys() - SCENES.keys() == AWAITED
