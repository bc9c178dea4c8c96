"""Workers: leases that lapse, results that come too late, tries that fail, providers that ail."""

import asyncio
import datetime as dt
from contextlib import nullcontext

import pytest

from protocol.notifications.judgement import Reason
from server.notifications import breaker, leases
from server.notifications.deliverer import Pace
from server.notifications.sender import Handed, Tries
from storage.notifications.deliveries import Outcome
from storage.notifications.judging import Judging
from tests.integration.deliveries.ground import Post

RETRY = Handed(state="retry", error="451 later")


@pytest.fixture
async def due(ground):
    """Ben's e-mail about a contract, which is due."""
    ben = await ground.person()
    await ground.notify(ben)
    await ground.passes(130)
    (row,) = await ground.rows()
    return ben, row["id"]


async def test_of_many_workers_one_sends_each(ground):
    people = [await ground.person(str(number)) for number in range(100)]
    for person in people:
        await ground.notify(person)
    await ground.passes(130)
    await asyncio.gather(*(ground.work(ground.worker(Pace(batch=7))) for _ in range(5)))
    assert len(ground.mail.sent) == 100
    assert {one.ref.user_id for one in ground.mail.sent} == set(people)
    assert {status for _, status, _ in await ground.states()} == {"sent"}


async def test_a_lapsed_lease_is_taken_by_another_and_its_holder_records_nothing(ground, due):
    (first,) = await ground.queue.claim(10)
    assert await ground.queue.claim(10) == []
    await ground.passes(61)
    (second,) = await ground.queue.claim(10)
    assert first[:2] == second[:2] == due
    late, sent = (Outcome(ref=ref, status="sent", reason="sent") for ref in (first, second))
    assert await ground.queue.renew([first]) == set()
    assert await ground.queue.record([late]) == set()
    assert await ground.queue.record([sent]) == {second.id}
    (row,) = await ground.rows()
    # The lapse counted, since whoever had it may have died of it.
    assert (row["status"], row["attempts"]) == ("sent", 1)


async def test_leases_are_renewed_while_a_send_takes_its_time(ground, due, monkeypatch):
    monkeypatch.setattr(leases, "RENEW_S", 0.05)
    begun, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Post):
        async def send(self, facts, written):
            begun.set()
            await go_on.wait()
            return await super().send(facts, written)

    slow = Slow()
    turn = asyncio.create_task(ground.worker(email=slow).turn())
    await begun.wait()
    await ground.passes(61)
    while (await ground.rows())[0]["in_s"] < 50:
        await asyncio.sleep(0.02)
    assert await ground.queue.claim(10) == []
    go_on.set()
    await turn
    assert [row["status"] for row in await ground.rows()] == ["sent"]


async def test_a_worker_that_was_frozen_begins_nothing(ground, due, monkeypatch):
    # By the clock of this machine its leases end as it gets them.
    monkeypatch.setattr(leases, "LEASE_S", 3.0)
    await ground.worker().turn()
    assert ground.mail.sent == []
    (row,) = await ground.rows()
    assert (row["status"], row["attempts"]) == ("deferred", 0)


@pytest.mark.parametrize(("timeout_s", "is_too_long"), [(35.0, False), (36.0, True)])
async def test_a_worker_with_sends_longer_than_a_lease_does_not_begin(
    ground, timeout_s, is_too_long
):
    # Every send would be refused in the seconds before its lease is renewed.
    ground.mail.timeout_s = timeout_s
    with pytest.raises(ValueError, match="email: 36 s") if is_too_long else nullcontext():
        ground.worker()


async def test_a_failing_send_is_tried_again_later_and_at_last_given_up(ground, due):
    tries = Tries({"email": dt.timedelta(seconds=90)})
    pauses = []
    for _ in range(3):
        ground.mail.answers = [RETRY]
        await ground.work(ground.worker(Pace(tries=tries)))
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
        await ground.work(ground.worker(Pace(tries=tries)))
        (row,) = await ground.rows()
        assert (row["status"], row["attempts"], row["error"]) == ("deferred", 0, "454 login")
        assert 26 < row["in_s"] < 34
        await ground.passes(3600)
    await ground.work(ground.worker(Pace(tries=tries)))
    assert [row["status"] for row in await ground.rows()] == ["sent"]


async def test_a_provider_says_when_it_is_asked_again(ground, due):
    ground.mail.answers = [Handed(state="retry", retry_after_s=500)]
    await ground.work()
    assert 499 < (await ground.rows())[0]["in_s"] < 501


async def test_what_is_refused_is_given_up_and_what_is_gone_is_over(ground):
    people = [await ground.person(str(number)) for number in range(2)]
    for person in people:
        await ground.notify(person)
    await ground.passes(130)
    ground.mail.answers = [
        Handed(state="refused", error="554 no"),
        Handed(state="unreachable", reason=Reason.SUPPRESSED, error="550 5.1.1"),
    ]
    await ground.work()
    assert {(row["status"], row["reason"], row["error"]) for row in await ground.rows()} == {
        ("dead", "failed", "554 no"),
        ("suppressed", "suppressed", "550 5.1.1"),
    }


async def test_a_bug_in_one_keeps_no_other(ground):
    class Broken(Post):
        async def send(self, facts, written):
            if facts.ref.user_id == people[0]:
                raise ZeroDivisionError
            return await super().send(facts, written)

    people = [await ground.person(str(number)) for number in range(3)]
    for person in people:
        await ground.notify(person)
    await ground.passes(130)
    broken = Broken()
    await ground.work(ground.worker(email=broken))
    assert {one.ref.user_id for one in broken.sent} == set(people[1:])
    assert sorted(row["status"] for row in await ground.rows()) == ["deferred", "sent", "sent"]


async def test_one_that_cannot_be_judged_keeps_no_other(ground):
    people = [await ground.person(str(number)) for number in range(5)]
    for person in people:
        await ground.notify(person)

    class Poisoned(Judging):
        async def facts(self, refs):
            if people[2] in {ref.user_id for ref in refs}:
                raise ZeroDivisionError
            return await super().facts(refs)

    ground.judging = Poisoned(ground.pool)
    await ground.passes(130)
    await ground.work()
    assert len(ground.mail.sent) == 4
    assert sorted(row["status"] for row in await ground.rows()) == ["dead", *["sent"] * 4]


async def test_a_provider_that_fails_is_left_alone_and_tried_by_one(ground, monkeypatch):
    monkeypatch.setattr(breaker, "FIRST_S", 0.2)
    people = [await ground.person(str(number)) for number in range(20)]
    for person in people:
        await ground.notify(person)
    await ground.passes(130)
    asked = 0

    class Ailing(Post):
        at_once = 1

        async def send(self, *_):
            nonlocal asked
            asked += 1
            return Handed(state="retry", answered=False, error="no connection")

    worker = ground.worker(email=Ailing())
    await worker.turn()
    assert asked == breaker.FAILURES
    # Those that were not tried have not used up a try.
    assert sum(row["attempts"] for row in await ground.rows()) == breaker.FAILURES
    await ground.passes(60)
    assert await worker.turn() == 20
    assert asked == breaker.FAILURES
    await asyncio.sleep(0.25)
    await ground.passes(60)
    await worker.turn()
    assert asked == breaker.FAILURES + 1


async def test_what_many_get_at_once_lets_others_go_first(ground):
    people = [await ground.person(str(number)) for number in range(30)]
    for person in people:
        await ground.owner.execute(
            """
            insert into notification_preferences (user_id, category, channel, is_enabled)
            values ($1, 'marketing', 'email', true)
            """,
            person,
        )
        await ground.notify(person, type="announcement", category="marketing")
    await ground.passes(1000)
    await ground.notify(people[0])
    await ground.passes(130)
    await ground.worker(Pace(batch=10)).turn()
    assert "contract" in {one.category for one in ground.mail.sent}
