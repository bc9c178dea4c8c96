"""Many people at once, in tables whose statistics PostgreSQL has: plans for few prove little."""

import pytest


async def test_mails_and_pushes_are_judged_in_tables_with_statistics(ground):
    people = [await ground.person(str(number), devices=1) for number in range(30)]
    for person in people:
        await ground.notify(person)
    await ground.passes(130)
    await ground.analyse()
    facts = await ground.judging.facts(
        await ground.queue.claim("email", 200) + await ground.queue.claim("push", 200)
    )
    assert {one.email for one in facts if one.channel == "email"} == {
        f"{person}@example.org" for person in people
    }
    assert len([one for one in facts if one.device is not None]) == 30


async def _digests(ground, people, each):
    """For each person a digest that is due, for which so many unread notifications wait."""
    await ground.owner.execute(
        """
        insert into notification_settings (user_id, digest)
        select person, 'hourly' from unnest($1::uuid[]) person
        """,
        people,
    )
    await ground.owner.execute(
        """
        insert into notifications (user_id, type, category, group_key, updated_at)
        select person, 'gig.suspended', 'job', 'g:' || n, now() - make_interval(secs => n)
        from unnest($1::uuid[]) person, generate_series(1, $2::integer) n
        """,
        people,
        each,
    )
    for statement in (
        """
        insert into notification_deliveries (user_id, channel, endpoint, group_key, edition,
                                             category, next_attempt_at)
        select user_id, 'email', 'email', group_key, 1, category, now() from notifications
        """,
        """
        insert into notification_delivery_items (user_id, notification_id, delivery_id)
        select user_id, n.id, d.id
        from notifications n join notification_deliveries d using (user_id, group_key)
        """,
        "update notification_deliveries set status = 'leased', lease = gen_random_uuid()",
        """
        update notification_deliveries
        set status = 'cancelled', reason = 'digest', lease = null, next_attempt_at = null
        """,
        """
        insert into notification_deliveries (user_id, channel, endpoint, group_key, edition,
                                             category, next_attempt_at)
        select user_id, 'email', 'email', 'digest', extract(epoch from now()) - 60, 'digest', now()
        from notification_settings
        """,
    ):
        await ground.owner.execute(statement)


@pytest.mark.parametrize("has_statistics", [True, False])
async def test_each_of_many_digests_tells_all_that_waits_for_it(ground, has_statistics):
    people = [await ground.person(str(number)) for number in range(200)]
    await _digests(ground, people, 60)
    if has_statistics:
        await ground.analyse()
    await ground.work()
    assert {one.ref.user_id: len(one.items) for one in ground.mail.sent} == dict.fromkeys(
        people, 60
    )
