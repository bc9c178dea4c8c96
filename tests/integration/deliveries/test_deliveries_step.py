"""The step that makes deliveries a queue, on rows of before, and its way back."""

import datetime as dt
from collections.abc import AsyncIterator

import asyncpg
import pytest

from handlers.resources.machines import NOTIFICATION_DELIVERY
from storage.database import migrate
from storage.database.postgres import connect_pool
from storage.notifications.dead import Choice, replay_dead
from storage.notifications.delivery_reader import DeliveryReader
from tests.integration.deliveries.ground import Ground

BEFORE, LAST, STEP = "0041", "0047", "0048"
"""Rows are made before the issue's first step that touches them, and taken back to just before."""
PEOPLE = """
    insert into users (display_name, kind) values ('anna', 'both'), ('ben', 'both');
    insert into user_private (user_id, email) select id, display_name || '@example.org' from users;
    insert into notifications (user_id, type, category, priority, title, content)
    select id, t.type, t.category, t.priority, 'Title', 'Content' from users, (values
        ('contract.started', 'contract', 'high'), ('proposal.received', 'proposal', 'normal'),
        ('review.published', 'review', 'low')
    ) t (type, category, priority) where display_name = 'anna';
"""
DELIVERIES = """
    insert into notification_deliveries
        (user_id, notification_id, channel, attempts, next_attempt_at, error, created_at)
    select u.id, coalesce(n.id, gen_random_uuid()), d.channel, d.attempts, d.next_at::timestamptz,
           d.error, d.made::timestamptz
    from (values
        ('anna', 'contract.started', 'email', 1, '2026-03-01Z', null, '2026-02-01Z'),
        ('anna', 'contract.started', 'push', 0, null, null, '2026-02-02Z'),
        ('anna', 'proposal.received', 'email', 2, null, null, '2026-02-03Z'),
        ('anna', 'proposal.received', 'push', 0, '2026-03-02Z', null, '2026-02-04Z'),
        ('anna', 'review.published', 'email', 5, null, '554 no', '2026-02-05Z'),
        ('ben', 'gone', 'email', 1, null, null, '2026-02-06Z')
    ) d (name, type, channel, attempts, next_at, error, made)
    join users u on u.display_name = d.name
    left join notifications n on n.user_id = u.id and n.type = d.type;
    update notification_deliveries set status = 'ok'
    where created_at in ('2026-02-02Z', '2026-02-06Z');
    update notification_deliveries set status = 'dead' where created_at = '2026-02-05Z';
"""
OLD = """
    select u.display_name, coalesce(n.type, 'gone'), d.channel, d.status, d.attempts, d.error
    from notification_deliveries d join users u on u.id = d.user_id
    left join notifications n on n.user_id = d.user_id and n.id = d.notification_id order by 1, 2, 3
"""
NEW = """
    select u.display_name, coalesce(n.type, 'gone'), d.channel, d.status, d.reason, d.category,
           d.priority
    from notification_deliveries d join users u on u.id = d.user_id
    join notification_delivery_items i on i.user_id = d.user_id and i.delivery_id = d.id
    left join notifications n on n.user_id = d.user_id and n.id = i.notification_id order by 1, 2, 3
"""
OLD_ROWS = [
    ("anna", "contract.started", "email", "pending", 1, None),
    ("anna", "contract.started", "push", "ok", 0, None),
    ("anna", "proposal.received", "email", "pending", 2, None),
    ("anna", "proposal.received", "push", "pending", 0, None),
    ("anna", "review.published", "email", "dead", 5, "554 no"),
    ("ben", "gone", "email", "ok", 1, None),
]
NEW_ROWS = [
    ("anna", "contract.started", "email", "pending", None, "contract", "high"),
    ("anna", "contract.started", "push", "sent", "sent", "contract", "high"),
    ("anna", "proposal.received", "email", "pending", None, "proposal", "normal"),
    ("anna", "proposal.received", "push", "pending", None, "proposal", "normal"),
    ("anna", "review.published", "email", "dead", "failed", "review", "low"),
    ("ben", "gone", "email", "sent", "sent", "message", "normal"),
]
OLD_TRANSITIONS = {("", "pending"), ("pending", "ok"), ("pending", "dead")}


@pytest.fixture
async def ground(empty_database_url: str) -> AsyncIterator[Ground]:
    """Rows of before on the schema of today, and a worker."""
    await migrate.upgrade(empty_database_url, BEFORE)
    connection = await asyncpg.connect(empty_database_url, timeout=10)
    await connection.execute(PEOPLE)
    await connection.execute(DELIVERIES)
    assert await _rows(connection, OLD) == OLD_ROWS
    await migrate.upgrade(empty_database_url, STEP)
    pool = await connect_pool(empty_database_url, size=4, statement_timeout_ms=5000)
    yield Ground(pool, connection)
    await pool.close()
    await connection.close(timeout=10)


async def _rows(connection: asyncpg.Connection, asked: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await connection.fetch(asked)]


async def _transitions(connection: asyncpg.Connection) -> set[tuple[str, str]]:
    rows = await connection.fetch(
        "select from_status, to_status from status_transitions"
        " where table_name = 'notification_deliveries'"
    )
    return {(row["from_status"], row["to_status"]) for row in rows}


async def test_rows_of_before_are_carried_over_and_worked_off(ground):
    assert await _rows(ground.owner, NEW) == NEW_ROWS
    machine = NOTIFICATION_DELIVERY.transitions
    assert await _transitions(ground.owner) == {
        (s, one.target) for one in machine for s in one.sources
    }
    rows = await ground.rows("created_at")
    days = [None if row["sent_at"] is None else row["sent_at"].day for row in rows]
    assert days == [None, 2, None, None, None, 6]
    # Of one that had no time to be tried at: when it was made.
    due = [dt.datetime(2026, month, day, tzinfo=dt.UTC) for month, day in ((3, 1), (2, 3), (3, 2))]
    assert [row["next_attempt_at"] for row in rows if row["status"] == "pending"] == due

    await ground.owner.execute(
        """
        insert into notification_preferences (user_id, category, channel, is_enabled)
        select id, 'proposal', 'push', true from users
        """
    )
    await ground.work()
    assert {row[1:5] for row in await _rows(ground.owner, NEW)} == {
        ("contract.started", "email", "sent", "sent"),
        ("contract.started", "push", "sent", "sent"),
        ("proposal.received", "email", "sent", "sent"),
        # Nobody knows to which device.
        ("proposal.received", "push", "suppressed", "device_gone"),
        ("review.published", "email", "dead", "failed"),
        ("gone", "email", "sent", "sent"),
    }
    mailed = [one.items[0].type for one in ground.mail.sent]
    assert sorted(mailed) == ["contract.started", "proposal.received"]
    assert not ground.push.sent
    assert len(await replay_dead(ground.owner, Choice())) == 1
    await ground.work()
    assert ground.mail.sent[-1].items[0].type == "review.published"
    anna, started = await ground.owner.fetchrow(
        "select user_id, id from notifications where type = 'contract.started'"
    )
    told = await DeliveryReader(ground.pool, 30).of_notification(anna, anna, started)
    assert {(one.channel, one.status) for one in told} == {("email", "sent"), ("push", "sent")}


async def test_taken_back_it_leaves_what_the_version_before_can_say(ground, empty_database_url):
    await migrate.downgrade(empty_database_url, LAST)
    assert await _rows(ground.owner, OLD) == OLD_ROWS
    assert await _transitions(ground.owner) == OLD_TRANSITIONS
    with pytest.raises(asyncpg.PostgresError, match="ok"):
        await ground.owner.execute(
            "update notification_deliveries set status = 'ok' where status = 'dead'"
        )
    await migrate.upgrade(empty_database_url, STEP)
    assert await _rows(ground.owner, NEW) == NEW_ROWS

    # What the version before cannot say: two devices, a digest, and what came to nothing.
    (anna,) = await ground.owner.fetchrow("select id from users where display_name = 'anna'")
    await ground.owner.execute(
        "insert into notification_settings (user_id, digest) values ($1, 'daily')", anna
    )
    for _ in range(2):
        await ground.device(anna)
    await ground.notify(anna, type="contract.accepted", group_key="a", priority="urgent")
    await ground.notify(anna, type="contract.tipped", group_key="t")
    await ground.passes(130)
    await ground.work()
    assert len(ground.push.sent) == 4
    await migrate.downgrade(empty_database_url, LAST)
    rows = await _rows(ground.owner, OLD)
    # The e-mails of before wait for the digest, which the version before does not have.
    assert [row[:4] for row in rows] == [
        ("anna", "contract.accepted", "email", "ok"),
        ("anna", "contract.accepted", "push", "ok"),
        ("anna", "contract.started", "push", "ok"),
        ("anna", "contract.tipped", "push", "ok"),
        ("anna", "review.published", "email", "dead"),
        ("ben", "gone", "email", "ok"),
    ]
