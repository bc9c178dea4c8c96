"""What is queued with a notification: by which channels, when, and what follows what."""

import asyncio
from typing import Any

import orjson
import pytest

from protocol.notifications.categories import CATEGORIES, is_on_by_default, may_be_turned_off
from protocol.notifications.judgement import cap_of
from protocol.notifications.kinds import KINDS

RUN, MENTION = "message.run", "message.mention"


async def test_a_notification_is_mailed_later_and_pushed_soon_to_each_device(ground):
    ben = await ground.person(devices=2)
    await ground.notify(ben)
    rows = await ground.rows()
    assert [row["channel"] for row in rows] == ["email", "push", "push"]
    assert [round(row["in_s"]) for row in rows] == [120, 20, 20]
    assert {row["endpoint"] for row in rows[1:]} == {
        str(row["id"]) for row in await ground.owner.fetch("select id from push_devices")
    }
    items = await ground.owner.fetch("select * from notification_delivery_items")
    assert {item["delivery_id"] for item in items} == {row["id"] for row in rows}


@pytest.mark.parametrize(
    "ending",
    [
        "update sessions set refresh_expires_at = now() - interval '1 s'",
        "update sessions set revoked_at = now(), revoked_reason = 'logout'",
        "update push_devices set expires_at = now() - interval '1 s'",
        "update push_devices set stale_at = now()",
    ],
)
async def test_a_device_whose_login_or_subscription_has_ended_is_not_pushed_to(ground, ending):
    ben = await ground.person(devices=1)
    await ground.owner.execute(ending)
    await ground.notify(ben)
    assert [row["channel"] for row in await ground.rows()] == ["email"]


async def test_a_run_has_waited_already(ground):
    ada, ben = await ground.person(), await ground.person(devices=1)
    talk = await ground.talk(ada, ben)
    await ground.tell(talk, ben, await ground.seeder.message(talk))
    assert [round(row["in_s"]) for row in await ground.rows()] == [100, 0]


async def test_the_defaults_of_the_database_are_those_of_the_program(ground):
    ben = await ground.person()
    for category in CATEGORIES:
        for channel in ("email", "push"):
            wanted = await ground.pool.fetchval(
                "select delivery_wanted($1, $2, $3)", ben, category, channel
            )
            assert wanted == is_on_by_default(category, channel), (category, channel)
    for category in CATEGORIES:
        if may_be_turned_off(category, "email"):
            await ground.owner.execute(
                """
                insert into notification_preferences (user_id, category, channel, is_enabled)
                values ($1, $2, 'email', false)
                """,
                ben,
                category,
            )
        assert may_be_turned_off(category, "email") != await ground.pool.fetchval(
            "select delivery_wanted($1, $2, 'email')", ben, category
        )


async def test_what_many_get_at_once_goes_last_by_its_type_and_what_is_urgent_first(ground):
    rank = "select delivery_rank($1, $2)"
    for kind in KINDS.values():
        ranks = [await ground.pool.fetchval(rank, kind.type, name) for name in ("low", "urgent")]
        assert ranks == ([2, 2] if kind.for_many else [1, 0]), kind.type
    ben = await ground.person()
    await ground.notify(ben, type="announcement", category="security")
    assert [row["rank"] for row in await ground.rows()] == [2]


async def test_caps_count_what_the_program_counts(ground):
    for category in [*CATEGORIES, "digest"]:
        cap = await ground.pool.fetchval("select delivery_cap($1)", category)
        assert cap == cap_of(category), category


async def test_what_is_off_is_not_queued_and_what_is_switched_on_is(ground):
    ben = await ground.person(devices=1)
    await ground.notify(ben, type="promotion", category="marketing")
    assert await ground.rows() == []
    await ground.owner.execute(
        """
        insert into notification_preferences (user_id, category, channel, is_enabled)
        values ($1, 'marketing', 'email', true)
        """,
        ben,
    )
    await ground.notify(ben, type="promotion", category="marketing")
    assert [(row["channel"], row["rank"]) for row in await ground.rows()] == [("email", 1)]


async def test_what_waits_tells_the_newest_and_is_followed_by_none(ground):
    ada, ben = await ground.person(), await ground.person(devices=1)
    talk = await ground.talk(ada, ben)
    for _ in range(3):
        await ground.tell(talk, ben, await ground.seeder.message(talk))
    assert [row["edition"] for row in await ground.rows()] == [1, 1]


async def test_a_worker_that_has_it_already_is_followed_by_another(ground):
    ada, ben = await ground.person(), await ground.person(devices=1)
    talk = await ground.talk(ada, ben)
    await ground.tell(talk, ben, await ground.seeder.message(talk))
    await ground.passes(100)
    assert len(await ground.queue.claim("email", 9) + await ground.queue.claim("push", 9)) == 2
    await ground.tell(talk, ben, await ground.seeder.message(talk))
    assert [row["edition"] for row in await ground.rows()] == [1, 2, 1, 2]


async def test_a_worker_cannot_take_what_a_transaction_has_just_found_waiting(ground):
    ada, ben = await ground.person(), await ground.person()
    talk = await ground.talk(ada, ben)
    await ground.tell(talk, ben, await ground.seeder.message(talk))
    await ground.passes(100)
    seq = await ground.seeder.message(talk)
    async with ground.pool.acquire() as connection, connection.transaction():
        pool, ground.pool = ground.pool, connection
        await ground.tell(talk, ben, seq)
        ground.pool = pool
        assert await ground.queue.claim("email", 10) == []
    await ground.work()
    assert [one.items[0].seq for one in ground.mail.sent] == [2]


async def test_what_is_urgent_waits_for_none(ground):
    ben = await ground.person()
    for _ in range(2):
        await ground.notify(ben, priority="urgent", group_key="g")
        await asyncio.sleep(0.002)
    assert len(await ground.rows()) == 2


@pytest.mark.parametrize(
    ("kind", "is_read", "expected_s"),
    [(RUN, False, 86_400), (RUN, True, 86_400), (MENTION, False, 86_400), (MENTION, True, 120)],
)
async def test_mail_tells_an_unread_run_once_a_day_and_what_was_read_anew(
    ground, kind, is_read, expected_s
):
    ada, ben = await ground.person(), await ground.person()
    talk = await ground.talk(ada, ben)
    await ground.tell(talk, ben, await ground.seeder.message(talk), kind)
    await ground.passes(130)
    await ground.work()
    assert len(ground.mail.sent) == 1
    if is_read:
        await ground.seeder.read(talk, ben, 1)
    await ground.tell(talk, ben, await ground.seeder.message(talk), kind)
    assert round((await ground.rows())[-1]["in_s"], -1) == expected_s


async def test_a_push_follows_a_minute_after_the_one_before(ground):
    ada, ben = await ground.person(), await ground.person(devices=1)
    talk = await ground.talk(ada, ben)
    await ground.tell(talk, ben, await ground.seeder.message(talk))
    await ground.work()
    await ground.passes(25)
    await ground.tell(talk, ben, await ground.seeder.message(talk))
    assert round((await ground.rows())[-1]["in_s"]) == 35


async def test_hours_of_a_whole_week_have_what_waits_judged_again_a_few_times_only(ground):
    ben = await ground.person()
    await ground.owner.execute(
        "insert into notification_settings (user_id, snooze_until) values ($1, '2099-01-01Z')", ben
    )
    await ground.notify(ben)
    await ground.passes(130)
    await ground.work()
    hours = [
        {"weekday": day, "from": f"{hour:02}:00", "until": f"{hour:02}:30"}
        for day in range(7)
        for hour in range(4)
    ]
    save = "select set_notification_wishes($1, $2::jsonb)"
    updated = """
        select sum(n_tup_upd)::integer from pg_stat_xact_user_tables
        where relname like 'notification_deliveries_%'
    """
    saved: list[dict[str, Any]] = [{"quiet_hours": hours}, {"quiet_hours": []}]
    for said in saved:
        async with ground.owner.transaction():
            await ground.owner.execute(save, ben, orjson.dumps(said).decode())
            assert 1 <= await ground.owner.fetchval(updated) < 8
        (row,) = await ground.rows()
        assert round(row["in_s"]) == 0
        await ground.work()
