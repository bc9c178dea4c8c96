"""Domain events: to their audience, once each, in the order of each row's commits."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from protocol.events import DomainEvent
from server.workflows.domain_events import CONSUMER, DomainEvents
from storage.outbox.leases import RowLeases
from storage.outbox.rows import Batch
from tests.app import Person, Serve, Served
from tests.faults.clients import client_of
from tests.wire import WAIT_S, Wire

NOTE = "SELECT workflow_tell(jsonb_build_array($1::jsonb))"


def event(
    audience: Sequence[Person], version: int = 1, row: UUID | None = None, **other: Any
) -> str:
    """What a workflow notes of a milestone."""
    noted = {
        "do": "event",
        "name": "milestone.submitted",
        "audience": [str(person.id) for person in audience],
        "resource": "milestones",
        "id": str(row or uuid4()),
        "status": "submitted",
        "version": version,
        "action": "submit",
        "actor_id": None,
    }
    return orjson.dumps(noted | other).decode()


async def note(app: Served, *events: str) -> None:
    """Note events in a transaction each."""
    for one in events:
        await app.app.core.foundation.pool.execute(NOTE, one)
    app.app.core.workflows.domain.wake()


async def waiting(app: Served) -> int:
    """How many rows wait to be told."""
    rows: int = await app.app.core.foundation.pool.fetchval(
        "SELECT count(*) FROM outbox WHERE consumer = $1", CONSUMER
    )
    return rows


async def told_all(app: Served, *wires: Wire) -> None:
    """Return when no row waits, and connections have what was published."""
    async with asyncio.timeout(WAIT_S):
        while await waiting(app):
            await asyncio.gather(*(wire.flushed() for wire in wires))
    for wire in wires:
        await wire.flushed()


def heard(wire: Wire) -> list[tuple[str, int]]:
    """Name and version of the domain events that a connection got."""
    frames = [f for f in wire.frames if f.get("d", {}).get("resource") == "milestones"]
    return [(frame["ev"], frame["d"]["version"]) for frame in frames if "ev" in frame]


async def test_those_whom_it_concerns_are_told_once_on_every_connection(app: Served) -> None:
    anna, ben, cara = await app.people("anna", "ben", "cara")
    a, b = await app.connect(anna), await app.connect(ben, "msgpack")
    b2, c = await app.connect(ben), await app.connect(cara)
    row = uuid4()
    await note(app, event([anna, ben, anna], 3, row, actor_id=str(ben.id)), event([], 4, row))
    for wire in (a, b, b2):
        frame = await wire.expect("milestone.submitted")
        assert frame["d"] == {
            "resource": "milestones",
            "id": str(row),
            "status": "submitted",
            "version": 3,
            "action": "submit",
            "actor_id": str(ben.id),
        }
        assert frame["eid"] and frame["at"]
    await told_all(app, a, b, b2, c)
    assert [len(heard(wire)) for wire in (a, b, b2, c)] == [1, 1, 1, 0]


async def test_what_was_rolled_back_is_not_told(app: Served) -> None:
    (anna,) = await app.people("anna")
    a = await app.connect(anna)
    async with app.app.core.foundation.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(NOTE, event([anna], 1))
        await transaction.rollback()
    await note(app, event([anna], 2))
    await told_all(app, a)
    assert heard(a) == [("milestone.submitted", 2)]


async def test_who_comes_back_is_told_what_was_missed(app: Served) -> None:
    (anna,) = await app.people("anna")
    a = await app.connect(anna)
    await note(app, event([anna], 1))
    at = (await a.expect("milestone.submitted"))["at"]
    await a.close()
    await note(app, *(event([anna], version) for version in (2, 3)))
    await told_all(app)
    back = await app.open()
    resume = {"epoch": a.hello["epoch"], "offset": at, "revs": {}}
    hello = await back.ask("hello", token=anna.token, resume=resume)
    assert (hello["resumed"], hello["missed"]) == (True, 2)
    await back.flushed()
    assert [version for _ev, version in heard(back)] == [2, 3]


async def test_the_client_library_hands_them_on_with_their_shape(app: Served) -> None:
    (anna,) = await app.people("anna")
    async with client_of(app, anna) as device:
        subscription = device.session.changes()
        row = uuid4()
        await note(app, event([anna], 5, row))
        async with asyncio.timeout(WAIT_S):
            change = await anext(one async for one in subscription if "milestone" in one.name)
    assert change.name == "milestone.submitted"
    assert change.d == DomainEvent("milestones", str(row), "submitted", 5, "submit", None)


async def test_events_of_a_row_come_in_the_order_of_its_commits(serve: Serve) -> None:
    """Two nodes are woken by each commit, and both lease."""
    count = 150
    async with serve() as one, serve() as two:
        anna, ben = await one.people("anna", "ben")
        wires = [await one.connect(anna), await two.connect(anna), await two.connect(ben)]
        rows = [uuid4(), uuid4()]

        async def change(app: Served, row: UUID) -> None:
            for version in range(1, count + 1):
                await app.app.core.foundation.pool.execute(NOTE, event([anna, ben], version, row))
                one.app.core.workflows.domain.wake()
                two.app.core.workflows.domain.wake()

        await asyncio.gather(change(one, rows[0]), change(two, rows[1]))
        await told_all(one, *wires)
        for wire in wires:
            await wire.shown(lambda f: f.get("d", {}).get("version") == count)
            async with asyncio.timeout(WAIT_S):
                while len(heard(wire)) < 2 * count:
                    await wire.flushed()
            for row in rows:
                of_row = [
                    f["d"]["version"] for f in wire.frames if f.get("d", {}).get("id") == str(row)
                ]
                assert of_row == list(range(1, count + 1))


async def test_a_row_that_says_no_event_holds_up_nobody(app: Served) -> None:
    (anna,) = await app.people("anna")
    a = await app.connect(anna)
    broken = orjson.dumps({"name": "milestone.paid", "audience": [str(anna.id)]}).decode()
    await note(app, event([anna], 1), broken, event([anna], 2))
    await a.expect("milestone.submitted", where=lambda d: d["version"] == 2)
    assert [version for _ev, version in heard(a)] == [1, 2]
    pool = app.app.core.foundation.pool
    async with asyncio.timeout(WAIT_S):
        # It is tried again, and set aside in the end.
        while not await pool.fetchval("SELECT tries FROM outbox WHERE consumer = $1", CONSUMER):
            await a.flushed()


@pytest.mark.parametrize("has_published", [False, True])
async def test_a_process_that_dies_over_its_rows(app: Served, has_published: bool) -> None:
    """Another one tells them; what was published already is not told again."""
    (anna,) = await app.people("anna")
    a = await app.connect(anna)
    core = app.app.core
    dead = uuid4()
    gone = DomainEvents(core.foundation.pool, dead, core.bus.publisher, lambda: True)
    leases = RowLeases(core.foundation.pool, dead, CONSUMER, in_order=True)
    async with core.foundation.pool.acquire() as connection:
        # It lives until it has taken them.
        await connection.execute(
            "SELECT pg_advisory_lock_shared(hashtextextended('parley.owner:' || $1::uuid, 0))", dead
        )
        async with connection.transaction():
            await connection.execute(NOTE, event([anna], 1))
            await connection.execute(NOTE, event([anna], 2))
            await connection.execute(
                "UPDATE outbox SET owner = $1, "
                "available_at = clock_timestamp() + interval '1 hour' WHERE consumer = $2",
                dead,
                CONSUMER,
            )
        claim = await leases.waiting([CONSUMER], Batch(10, 10))
        assert len(claim.rows) == 2
        if has_published:
            await gone._tell(claim, claim.rows)
            await a.expect("milestone.submitted", where=lambda d: d["version"] == 2)
        await connection.execute(
            "SELECT pg_advisory_unlock_shared(hashtextextended('parley.owner:' || $1::uuid, 0))",
            dead,
        )
    core.workflows.domain.wake()
    await told_all(app, a)
    await a.shown(lambda frame: frame.get("d", {}).get("version") == 2)
    assert [version for _ev, version in heard(a)] == [1, 2]
