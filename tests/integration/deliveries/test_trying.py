"""Tries that fail, and providers that ail."""

import asyncio
import datetime as dt

from protocol.notifications.judgement import Reason
from server.notifications import breaker
from server.notifications.channel_worker import Pace
from server.notifications.sender import Handed, Tries
from tests.integration.deliveries.ground import POLL_S, Post

RETRY = Handed(state="retry", error="451 later")


async def test_a_provider_says_when_it_is_asked_again(ground, due):
    ground.mail.answers = [Handed(state="retry", retry_after_s=500)]
    await ground.work()
    assert 499 < (await ground.rows())[0]["in_s"] < 501


async def test_a_provider_that_asks_for_patience_is_asked_nothing_meanwhile(ground):
    await ground.due(20)
    busy = Handed(state="retry", answered=False, pause_s=500, retry_after_s=500, error="503")
    ground.mail.answers = [busy] * 20
    ground.mail.at_once = 1
    await ground.work()
    assert len(ground.mail.answers) == 19
    rows = await ground.rows()
    assert {(row["status"], row["reason"]) for row in rows} == {("deferred", "failed")}
    assert min(row["in_s"] for row in rows) > 490
    assert sum(row["attempts"] for row in rows) == 1


async def test_a_push_that_its_provider_keeps_back_is_over_after_a_day(ground):
    ben = await ground.person(devices=1)
    await ground.notify(ben)
    away = Handed(state="retry", answered=False, is_try=False, error="no connection")
    ground.push.answers = [away]
    await ground.passes(20)
    await ground.work()
    await ground.passes(86_400)
    await ground.work()
    assert ("push", "cancelled", "expired") in await ground.states()


async def test_a_failing_send_is_tried_again_later_and_at_last_given_up(ground, due):
    tries = Tries({"email": dt.timedelta(seconds=90)})
    pauses = []
    for _ in range(3):
        ground.mail.answers = [RETRY]
        await ground.work(ground.worker(Pace(poll_s=POLL_S, tries=tries)))
        (row,) = await ground.rows()
        pauses.append(row["in_s"])
        await ground.passes(3600)
    assert 26 < pauses[0] < 34
    assert 53 < pauses[1] < 67
    assert (row["status"], row["reason"], row["attempts"]) == ("dead", "failed", 3)
    assert row["error"] == "451 later"


async def test_a_mail_is_tried_for_days_and_once_an_hour_at_least():
    tries = Tries()
    most = next(n for n in range(1, 1_000) if tries.are_over("email", n))
    lasted = sum((tries.pause(n, None, 0.5) for n in range(1, most)), dt.timedelta())
    assert dt.timedelta(days=5) <= lasted < dt.timedelta(days=5, hours=1)
    assert max(tries.pause(n, None, 0.5) for n in range(1, most)) == dt.timedelta(hours=1)
    assert tries.are_over("push", 40)


async def test_what_a_provider_has_not_heard_of_is_no_try(ground, due):
    away = Handed(state="retry", answered=False, is_try=False, error="454 login")
    tries = Tries({"email": dt.timedelta(0)})
    for _ in range(3):
        ground.mail.answers = [away]
        await ground.work(ground.worker(Pace(poll_s=POLL_S, tries=tries)))
        (row,) = await ground.rows()
        assert (row["status"], row["attempts"], row["error"]) == ("deferred", 0, "454 login")
        assert 26 < row["in_s"] < 34
        await ground.passes(3600)
    await ground.work(ground.worker(Pace(poll_s=POLL_S, tries=tries)))
    assert [row["status"] for row in await ground.rows()] == ["sent"]


async def test_what_is_refused_is_given_up_and_what_is_gone_is_over(ground):
    await ground.due(2)
    ground.mail.answers = [
        Handed(state="refused", error="554 no"),
        Handed(state="unreachable", reason=Reason.SUPPRESSED, error="550 5.1.1"),
    ]
    await ground.work()
    assert {(row["status"], row["reason"], row["error"]) for row in await ground.rows()} == {
        ("dead", "failed", "554 no"),
        ("suppressed", "suppressed", "550 5.1.1"),
    }


async def test_a_provider_that_fails_is_left_alone_and_tried_by_one(ground, monkeypatch):
    monkeypatch.setattr(breaker, "FIRST_S", 0.5)
    await ground.due(20)
    asked = 0

    class Ailing(Post):
        async def send(self, *_):
            nonlocal asked
            asked += 1
            return Handed(state="retry", answered=False, error="no connection")

    ailing = Ailing()
    ailing.at_once = 1
    async with ground.working(ground.worker(email=ailing)):
        while {row["status"] for row in await ground.rows()} != {"deferred"}:
            await asyncio.sleep(POLL_S)
        assert asked == breaker.FAILURES
        # Those that were not tried have not used up a try.
        assert sum(row["attempts"] for row in await ground.rows()) == breaker.FAILURES
        await asyncio.sleep(0.5)
        await ground.passes(60)
        while asked == breaker.FAILURES:
            await asyncio.sleep(POLL_S)
        while {row["status"] for row in await ground.rows()} != {"deferred"}:
            await asyncio.sleep(POLL_S)
        assert asked == breaker.FAILURES + 1


async def test_caps_count_what_was_tried_and_let_that_be_tried_again(ground):
    ben = await ground.person()
    await ground.owner.execute(
        "update platform_settings set value = '2' where key = 'mails_per_day'"
    )
    for number in range(2):
        await ground.notify(ben, group_key=str(number))
    await ground.passes(130)
    ground.mail.answers = [RETRY] * 2
    await ground.work()
    await ground.notify(ben, group_key="another")
    await ground.passes(130)
    await ground.work()
    assert sorted((row["group_key"], row["reason"]) for row in await ground.rows()) == [
        ("0", "sent"), ("1", "sent"), ("another", "capped"),
    ]  # fmt: skip
