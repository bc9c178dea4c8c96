"""What is judged as the tables stand: each reason comes from rows."""

import datetime as dt
from collections import Counter

import pytest

MENTION = "message.mention"
FAR = "2099-01-01T00:00:00Z"
pytestmark = pytest.mark.parametrize("ground", ["as_planned", "as_for_many"], indirect=True)


@pytest.fixture
async def told(ground):
    """Ada has written to Ben, who is told by e-mail and on one device, and nothing is due yet."""
    ada, ben = await ground.person("ada"), await ground.person("ben", devices=1)
    talk = await ground.talk(ada, ben)
    await ground.tell(talk, ben, await ground.seeder.message(talk))
    return talk, ada, ben


async def _ended(ground) -> set[tuple[str, str | None]]:
    await ground.passes(130)
    await ground.work()
    return {(status, reason) for _, status, reason in await ground.states()}


async def test_what_nobody_minds_is_sent_once(ground, told):
    assert await _ended(ground) == {("sent", "sent")}
    assert await _ended(ground) == {("sent", "sent")}
    assert len(ground.mail.sent) == len(ground.push.sent) == 1
    (mail,) = ground.mail.sent
    assert mail.email == f"{mail.ref.user_id}@example.org"
    assert (mail.tells, mail.items[0].type, mail.locale) == (1, "message.run", "en")
    assert ground.push.sent[0].device.platform == "web"


async def test_reading_cancels_by_the_watermark_alone(ground, told):
    talk, _, ben = told
    await ground.seeder.read(talk, ben, 1)
    assert await _ended(ground) == {("cancelled", "read")}


@pytest.mark.parametrize(
    ("assignment", "reason"), [("left_at = now()", "left"), ("is_muted = true", "muted")]
)
async def test_who_has_left_or_muted_is_not_told(ground, told, assignment, reason):
    talk, _, ben = told
    await ground.seeder.change_member(talk, ben, assignment)
    assert await _ended(ground) == {("cancelled", reason)}


async def test_a_deleted_message_is_not_told(ground, told):
    talk, _, _ = told
    await ground.seeder.delete(talk, 1)
    assert await _ended(ground) == {("cancelled", "deleted")}


async def test_of_several_messages_those_that_are_left_are_told(ground, told):
    talk, _, ben = told
    await ground.tell(talk, ben, await ground.seeder.message(talk))
    await ground.seeder.delete(talk, 2)
    assert await _ended(ground) == {("sent", "sent")}


async def test_what_was_pushed_is_not_pushed_again_where_the_new_message_is_deleted(ground, told):
    talk, _, ben = told
    assert await _ended(ground) == {("sent", "sent")}
    await ground.tell(talk, ben, await ground.seeder.message(talk))
    await ground.seeder.delete(talk, 2)
    await ground.passes(90_000)
    await ground.work()
    assert sorted(set(await ground.states())) == [
        ("email", "cancelled", "deleted"),
        ("email", "sent", "sent"),
        ("push", "cancelled", "deleted"),
        ("push", "sent", "sent"),
    ]


async def test_a_run_leaves_out_what_names_its_reader(ground, told):
    talk, _, ben = told
    assert await _ended(ground) == {("sent", "sent")}
    seq = await ground.seeder.message(talk)
    await ground.owner.execute("update messages set mentions = array[$1::uuid] where seq = 2", ben)
    await ground.tell(talk, ben, seq)
    await ground.passes(90_000)
    await ground.work()
    assert len(ground.push.sent) == 1
    await ground.tell(talk, ben, seq, MENTION)
    await ground.passes(130)
    await ground.work()
    assert [one.items[0].type for one in ground.push.sent] == ["message.run", MENTION]


async def test_a_block_ends_it(ground, told):
    _, ada, ben = told
    await ground.owner.execute("insert into user_blocks values ($1, $2)", ben, ada)
    assert await _ended(ground) == {("cancelled", "blocked")}


@pytest.mark.parametrize("status", ["suspended", "deleted"])
async def test_a_closed_account_is_told_nothing(ground, told, status):
    _, _, ben = told
    await ground.owner.execute("update users set status = $2 where id = $1", ben, status)
    assert await _ended(ground) == {("cancelled", "account_closed")}


async def test_a_notification_that_has_ended_says_why(ground):
    ben = await ground.person(devices=1)
    await ground.notify(ben)
    await ground.owner.execute("update notifications set read_at = now(), ended = 'settled'")
    assert await _ended(ground) == {("cancelled", "settled")}


async def test_what_has_expired_is_not_told(ground):
    ben = await ground.person()
    await ground.notify(ben, expires_at="2020-01-01T00:00:00Z")
    assert await _ended(ground) == {("cancelled", "expired")}


async def test_a_preference_counts_that_was_set_meanwhile(ground, told):
    _, _, ben = told
    await ground.owner.execute(
        """
        insert into notification_preferences (user_id, category, channel, is_enabled)
        values ($1, 'message', 'email', false), ($1, 'message', 'push', false)
        """,
        ben,
    )
    assert await _ended(ground) == {("cancelled", "preference_off")}


async def test_a_switch_stops_a_category_and_channel_at_once(ground, told):
    await ground.owner.execute(
        "update platform_settings set value = 'false' where key = 'deliver_message_push'"
    )
    await ground.passes(130)
    await ground.work()
    assert await ground.states() == [
        ("email", "sent", "sent"),
        ("push", "suppressed", "switched_off"),
    ]


async def test_a_logout_ends_the_pushes_to_its_device(ground, told):
    await ground.owner.execute("update sessions set revoked_at = now(), revoked_reason = 'logout'")
    await ground.passes(130)
    await ground.work()
    assert await ground.states() == [
        ("email", "sent", "sent"),
        ("push", "suppressed", "device_gone"),
    ]


async def test_an_address_that_takes_no_mail_is_left_alone(ground, told):
    rows = await ground.rows()
    ground.mail.shut = {rows[0]["id"]}
    await ground.passes(130)
    await ground.work()
    assert (await ground.states())[0] == ("email", "suppressed", "suppressed")


async def test_an_address_that_is_another_accounts_gets_no_mail(ground, told):
    await ground.owner.execute("update user_private set email_canonical = null")
    await ground.passes(130)
    await ground.work()
    assert (await ground.states())[0] == ("email", "suppressed", "suppressed")


async def test_a_snooze_defers_and_what_is_urgent_passes(ground, told):
    _, _, ben = told
    await ground.owner.execute(
        "insert into notification_settings (user_id, snooze_until) values ($1, '2099-01-01Z')", ben
    )
    await ground.notify(ben, priority="urgent")
    await ground.passes(130)
    await ground.work()
    rows = await ground.rows("priority, channel")
    assert [row["status"] for row in rows] == ["deferred", "deferred", "sent", "sent"]
    assert {row["next_attempt_at"] for row in rows[:2]} == {dt.datetime.fromisoformat(FAR)}
    await ground.owner.execute("update notification_settings set snooze_until = null")
    await ground.owner.execute(
        "update notification_deliveries set next_attempt_at = now() where status = 'deferred'"
    )
    await ground.work()
    assert {status for _, status, _ in await ground.states()} == {"sent"}


async def test_quiet_hours_defer_by_the_clock_of_the_person(ground, told):
    _, _, ben = told
    await ground.owner.execute("update users set timezone = 'Asia/Tokyo' where id = $1", ben)
    now = await ground.owner.fetchval("select now() at time zone 'Asia/Tokyo'")
    start, end = now - dt.timedelta(hours=1), now + dt.timedelta(hours=1)
    await ground.owner.execute(
        """insert into quiet_hours (user_id, weekday, "from", until) values ($1, $2, $3, $4)""",
        ben,
        start.weekday(),
        start.time().replace(microsecond=0),
        end.time().replace(microsecond=0),
    )
    assert await _ended(ground) == {("deferred", "quiet_until")}
    assert {round(row["in_s"], -1) for row in await ground.rows()} == {3600}


async def test_another_zone_and_another_snooze_are_judged_at_once(ground, told):
    _, _, ben = told
    await ground.owner.execute(
        "insert into notification_settings (user_id, snooze_until) values ($1, '2099-01-01Z')", ben
    )
    assert await _ended(ground) == {("deferred", "snoozed_until")}
    await ground.owner.execute(
        "update notification_settings set snooze_until = now() - interval '1 s'"
    )
    await ground.work()
    assert {state[1:] for state in await ground.states()} == {("sent", "sent")}


async def test_being_active_postpones_for_ten_minutes_in_all(ground, told):
    _, _, ben = told
    for passed_s in (130, 50, 500):
        await ground.passes(passed_s)
        ground.active[ben] = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=45)
        await ground.work()
        assert {state[1:] for state in await ground.states()} == {("deferred", "active_until")}
    await ground.passes(60)
    ground.active[ben] = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=45)
    await ground.work()
    assert {status for _, status, _ in await ground.states()} == {"sent"}


async def test_caps_hold_back_what_is_too_much_and_security_has_none(ground):
    ben = await ground.person(devices=1)
    await ground.owner.execute(
        "update platform_settings set value = '2' where key in ('pushes_per_hour', 'mails_per_day')"
    )
    for number in range(4):
        await ground.notify(ben, group_key=str(number))
    await ground.passes(130)
    await ground.work()
    assert sorted(await ground.states()) == [
        (channel, *state)
        for channel in ("email", "push")
        for state in [("deferred", "capped")] * 2 + [("sent", "sent")] * 2
    ]
    for category in ("security", "payment"):
        await ground.notify(ben, type="x", category=category, group_key=category)
    await ground.passes(130)
    await ground.work()
    assert [len(post.sent) for post in (ground.mail, ground.push)] == [4, 4]
    await ground.passes(3600)
    await ground.work()
    assert [len(post.sent) for post in (ground.mail, ground.push)] == [4, 6]


async def test_messages_keep_nothing_else_from_somebody(ground):
    ben = await ground.person(devices=1)
    await ground.owner.execute(
        """
        update platform_settings set value = '2'
        where key in ('mails_per_day', 'pushes_per_hour')
        """
    )
    for number in range(3):
        await ground.notify(ben, type="conversation.invited", category="message", group_key=number)
    await ground.notify(ben, group_key="contract")
    await ground.passes(130)
    await ground.work()
    # By a batch of its own too, and by what was sent before.
    await ground.notify(ben, group_key="another")
    await ground.passes(130)
    await ground.work()
    for post in (ground.mail, ground.push):
        sent = Counter(one.category for one in post.sent)
        assert sent == {"message": 2, "contract": 2}
    assert [reason for _, status, reason in await ground.states() if status == "deferred"] == [
        "capped",
        "capped",
    ]


_UNDER_WAY = """
update notification_deliveries set status = 'leased', lease = gen_random_uuid()
where channel = 'email' and status = 'pending'
"""


@pytest.mark.parametrize("are_both", [False, True])
async def test_of_two_of_which_one_was_under_way_the_later_tells_it_all(ground, told, are_both):
    talk, _, ben = told
    await ground.owner.execute(_UNDER_WAY)
    await ground.tell(talk, ben, await ground.seeder.message(talk))
    if are_both:
        await ground.owner.execute(_UNDER_WAY)
    await ground.passes(130)
    await ground.work()
    assert [(d, s, r) for d, s, r in await ground.states() if d == "email"] == [
        ("email", "cancelled", "replaced"),
        ("email", "sent", "sent"),
    ]
