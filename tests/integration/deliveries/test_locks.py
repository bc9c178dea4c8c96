"""Statements that lock the same deliveries at the same time wait, and never for each other."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
import pytest

from server.notifications.leases import Leases
from storage.notifications import deliveries
from storage.notifications.deliveries import Outcome, Ref

Call = Callable[[], Coroutine[Any, Any, object]]
WAITING = """
select count(*) from pg_stat_activity
where wait_event_type = 'Lock' and datname = current_database()
"""


@pytest.fixture
async def held(ground):
    """Three deliveries that are leased, in the order of their keys."""
    for name in ("anna", "ben", "cleo"):
        await ground.notify(await ground.person(name))
    await ground.passes(130)
    return sorted(await ground.queue.claim("email", 10))


async def _in_turn(
    ground, first, *calls: Callable[[], Coroutine[Any, Any, object]]
) -> list[object]:
    """What these calls come to, each begun while a lock on `first` holds up those before it."""
    async with ground.pool.acquire() as connection, asyncio.TaskGroup() as group:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(
            "select from notification_deliveries where id = $1 for update", first.id
        )
        begun = []
        for number, call in enumerate(calls, 1):
            begun.append(group.create_task(call()))
            while await ground.owner.fetchval(WAITING) < number:
                await asyncio.sleep(0.01)
        await transaction.commit()
    return [task.result() for task in begun]


async def test_renewing_and_recording_do_not_wait_for_each_other(ground, held):
    sent = [Outcome(ref=ref, status="sent", reason="sent", tries=1) for ref in held]
    renewed, recorded = await _in_turn(
        ground,
        held[0],
        lambda: ground.queue.renew(held),
        lambda: ground.queue.record(sent[::-1]),
    )
    assert renewed == recorded == {ref.id for ref in held}


async def test_queueing_and_other_times_of_a_person_do_not_wait_for_each_other(ground):
    ben = await ground.person()
    await ground.owner.execute(
        "insert into notification_settings (user_id, snooze_until) values ($1, '2099-01-01Z')", ben
    )
    for number in range(3):
        await ground.notify(ben, group_key=str(number))
    await ground.passes(130)
    await ground.work()
    rows = await ground.rows("id")
    # By the order of the table, the last is found before the others.
    await ground.owner.execute(
        "update notification_deliveries set edition = edition + 1 where id <> $1", rows[-1]["id"]
    )
    async with ground.pool.acquire() as one:
        await _in_turn(
            ground,
            Ref(ben, rows[0]["id"], rows[0]["id"]),
            lambda: ground.pool.execute(
                "select queue_deliveries(array_agg(user_id), array_agg(id)) from notifications"
            ),
            lambda: one.execute("update notification_settings set snooze_until = null"),
        )
    assert {round(row["in_s"]) for row in await ground.rows()} == {0}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("edition = edition - 1", 1),
        ("edition = edition - 1, status = 'leased', lease = uuid7()", 2),
    ],
    ids=["waits", "is taken"],
)
async def test_what_others_have_just_changed_is_found_in_all_partitions(ground, change, expected):
    """PostgreSQL passes over such rows in a statement that locks them, or even crashes."""
    people = [await ground.person(f"person {number}") for number in range(12)]
    for person in people:
        await ground.notify(person, group_key="g")
    async with ground.pool.acquire() as connection, asyncio.TaskGroup() as group:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(f"update notification_deliveries set {change}")
        queueing = group.create_task(
            ground.pool.execute(
                "select queue_deliveries(array_agg(user_id), array_agg(id)) from notifications"
            )
        )
        while not await ground.owner.fetchval(WAITING):
            await asyncio.sleep(0.01)
        assert not queueing.done()
        await transaction.commit()
    assert len(await ground.rows()) == expected * len(people)


async def test_a_renewal_that_fails_ends_nothing(ground, held, monkeypatch):
    clock = asyncio.get_running_loop().time
    kept = Leases(ground.queue, clock)
    kept.add(held, clock())

    async def deadlocked(*_):
        raise asyncpg.DeadlockDetectedError

    monkeypatch.setattr(ground.queue, "renew", deadlocked)
    await kept.renew()
    assert kept.held_s(held[0]) > deliveries.LEASE_S - 1
