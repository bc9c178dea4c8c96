"""Digests: what they gather, by what is unread and wanted when they are sent."""

import pytest

from storage.notifications import judging

pytestmark = pytest.mark.parametrize("ground", ["as_planned", "as_for_many"], indirect=True)


async def _reader(ground):
    """Ben, who is told once a day."""
    ben = await ground.person()
    await ground.owner.execute(
        "insert into notification_settings (user_id, digest) values ($1, 'daily')", ben
    )
    return ben


async def _told(ground, ben, *categories):
    """Ben is told of so much, and it waits for his digest."""
    for category in categories:
        await ground.notify(ben, type=f"{category}.x", category=category, group_key=category)
    await ground.passes(130)
    await ground.work()


async def _switch(ground, key, value):
    await ground.owner.execute("update platform_settings set value = $2 where key = $1", key, value)


async def test_a_digest_gathers_what_is_unread_when_it_is_sent(ground):
    ben = await _reader(ground)
    for number in range(23):
        await ground.notify(ben, group_key=str(number))
    await ground.notify(ben, priority="urgent", group_key="u")
    await ground.passes(130)
    await ground.work()
    assert [one.priority for one in ground.mail.sent] == ["urgent"]
    rows = await ground.rows("group_key = 'digest'")
    assert {(row["status"], row["reason"]) for row in rows} == {
        ("cancelled", "digest"), ("sent", "sent"), ("pending", None)
    }  # fmt: skip
    digest = rows[-1]
    # Judged early, since its person has moved, it waits for the end of the window that is now.
    await ground.owner.execute("update users set timezone = 'Asia/Tokyo' where id = $1", ben)
    await ground.work()
    moved = (await ground.rows("group_key = 'digest'"))[-1]
    assert (moved["status"], moved["reason"]) == ("deferred", "digest")
    assert moved["next_attempt_at"] != digest["next_attempt_at"]
    assert digest["next_attempt_at"].timestamp() == digest["edition"]
    await ground.owner.execute("update notifications set read_at = now() where group_key = '3'")
    await ground.passes(86_400)
    await ground.work()
    (mail,) = [one for one in ground.mail.sent if one.is_digest]
    assert len(mail.items) == 22
    carried = await ground.owner.fetchval(
        "select count(*) from notification_delivery_items where delivery_id = $1", digest["id"]
    )
    assert carried == 22
    # What it has told is not in the next one, which has nothing to tell.
    await ground.notify(ben, group_key="new")
    await ground.passes(130)
    await ground.work()
    await ground.owner.execute("update notifications set read_at = now()")
    await ground.passes(2 * 86_400)
    await ground.work()
    last = (await ground.rows("group_key = 'digest', edition"))[-1]
    assert (last["status"], last["reason"]) == ("cancelled", "read")


async def test_what_comes_while_a_digest_is_on_its_way_waits_for_the_next(ground):
    ben = await _reader(ground)
    await ground.notify(ben, group_key="a")
    await ground.passes(130)
    await ground.work()
    # The window has ended, and a worker has its digest.
    await ground.owner.execute(
        """
        update notification_deliveries set status = 'leased', lease = gen_random_uuid(),
            next_attempt_at = now() + interval '1 minute' where group_key = 'digest'
        """
    )
    await ground.notify(ben, group_key="b")
    await ground.owner.execute(
        "update notification_deliveries set next_attempt_at = now() where status = 'pending'"
    )
    await ground.work()
    rows = await ground.rows("created_at")
    assert (rows[-1]["status"], rows[-1]["reason"]) == ("deferred", "digest")


async def test_a_category_that_is_switched_off_is_in_no_digest(ground):
    ben = await _reader(ground)
    await _told(ground, ben, "job", "contract")
    await _switch(ground, "deliver_job_email", "false")
    await ground.passes(86_400)
    await ground.work()
    (mail,) = ground.mail.sent
    assert [item.category for item in mail.items] == ["contract"]


async def test_a_digest_of_nothing_else_is_switched_off_and_the_next_tells_it(ground):
    ben = await _reader(ground)
    await _told(ground, ben, "job")
    await _switch(ground, "deliver_job_email", "false")
    await ground.passes(86_400)
    await ground.work()
    digest = (await ground.rows("group_key = 'digest'"))[-1]
    assert (digest["status"], digest["reason"]) == ("suppressed", "switched_off")
    await _switch(ground, "deliver_job_email", "true")
    await _told(ground, ben, "review")
    await ground.passes(86_400)
    await ground.work()
    (mail,) = ground.mail.sent
    assert [item.category for item in mail.items] == ["review", "job"]


async def test_a_digest_has_its_own_bound_and_what_it_only_counts_has_no_data(ground, monkeypatch):
    monkeypatch.setattr(judging, "DIGEST_MOST", 4)
    monkeypatch.setattr(judging, "DIGEST_SHOWN", 2)
    for ben in [await _reader(ground) for _ in range(3)]:
        for number in range(5):
            await ground.notify(ben, group_key=str(number), data={"number": number})
    await ground.passes(130)
    await ground.work()
    await ground.passes(86_400)
    await ground.work()
    told = [[item.data for item in mail.items] for mail in ground.mail.sent]
    assert told == [[{"number": 4}, {"number": 3}, {}, {}]] * 3


async def test_digests_that_take_too_long_together_are_judged_in_parts(ground, monkeypatch):
    for ben in [await _reader(ground) for _ in range(8)]:
        await ground.notify(ben)
    await ground.passes(130)
    await ground.work()
    await ground.passes(86_400)
    monkeypatch.setattr(judging, "CALL_S", 1.5)
    # Eight digests take 2.4 s now.
    await ground.owner.execute(
        """
        create or replace function delivery_wanted(p_user uuid, p_category text, p_channel text)
        returns boolean language plpgsql as $$
        begin
            perform pg_sleep(case p_category when 'contract' then 0.3 else 0 end);
            return true;
        end $$
        """
    )
    facts = await ground.judging.facts(await ground.queue.claim("email", 20))
    assert [len(one.items) for one in facts] == [1] * 8
