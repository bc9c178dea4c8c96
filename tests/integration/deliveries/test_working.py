"""Workers: leases that lapse, results that come too late, what goes first, what is at fault."""

import asyncio
from contextlib import nullcontext

import pytest
from structlog.testing import capture_logs

from protocol.errors import ErrorCode, RequestError
from server.notifications import leases, send_queue
from server.notifications.channel_worker import LAPSES, Pace
from server.notifications.sender import Handed
from storage.notifications.deliveries import Outcome
from storage.notifications.judging import Judging
from tests.integration.deliveries.ground import POLL_S, Post


class Held(Post):
    """Takes what it is handed once it is let go."""

    def __init__(self):
        super().__init__()
        self.timeout_s = 30
        self.begun = 0
        self.go_on = asyncio.Event()

    async def send(self, facts, composed):
        self.begun += 1
        await self.go_on.wait()
        return await super().send(facts, composed)

    async def holds(self, count):
        """Return once it has been handed so many."""
        while self.begun < count:
            await asyncio.sleep(POLL_S)


async def test_of_many_workers_one_sends_each(ground):
    people = await ground.due(100)
    workers = [ground.worker(Pace(batch=7, poll_s=POLL_S)) for _ in range(5)]
    await asyncio.gather(*map(ground.work, workers))
    assert len(ground.mail.sent) == 100
    assert {one.ref.user_id for one in ground.mail.sent} == set(people)
    assert {status for _, status, _ in await ground.states()} == {"sent"}


class SlowJudging(Judging):
    """Takes long for each."""

    async def facts(self, refs):
        await asyncio.sleep(0.02 * len(refs))
        return await super().facts(refs)


async def test_where_judging_takes_longer_than_it_is_good_for_fewer_are_judged_at_once(
    ground, monkeypatch
):
    monkeypatch.setattr(send_queue, "GOOD_S", 0.3)
    ground.judging = SlowJudging(ground.pool)
    ground.mail.at_once = 100
    await ground.due(100)
    async with asyncio.timeout(20):
        await ground.work()
    assert len(ground.mail.sent) == 100


async def test_what_is_due_is_sent_without_a_pause(ground):
    # A share of each lease is left to what many get at once, of which there is nothing here.
    await ground.due(100)
    async with asyncio.timeout(20), ground.working(ground.worker(Pace(poll_s=60))):
        while len(ground.mail.sent) < 100:
            await asyncio.sleep(POLL_S)


async def test_a_lapsed_lease_is_taken_by_another_and_its_holder_records_nothing(ground, due):
    (first,) = await ground.queue.claim("email", 10)
    assert await ground.queue.claim("email", 10) == []
    await ground.passes(61)
    (second,) = await ground.queue.claim("email", 10)
    assert first[:2] == second[:2] == due
    late, sent = (Outcome(ref=ref, status="sent", reason="sent") for ref in (first, second))
    assert await ground.queue.renew([first]) == set()
    assert await ground.queue.record([late]) == set()
    assert await ground.queue.record([sent]) == {second.id}
    # The lapse counted, since whoever had it may have died of it.
    assert (first.lapses, second.lapses) == (0, 1)


async def test_what_nobody_who_had_it_has_told_of_is_given_up(ground, due):
    for _ in range(LAPSES + 1):
        assert await ground.queue.claim("email", 10)
        await ground.passes(61)
    await ground.work()
    assert [row["status"] for row in await ground.rows()] == ["dead"]
    assert ground.mail.sent == []


async def test_leases_are_renewed_while_a_send_takes_its_time(ground, due, monkeypatch):
    monkeypatch.setattr(leases, "RENEW_S", 0.05)
    slow, rests = Held(), asyncio.Event()
    claim = ground.queue.claim

    async def claimed(channel, most):
        taken = await claim(channel, most)
        if channel == "email" and not taken:
            rests.set()
        return taken

    monkeypatch.setattr(ground.queue, "claim", claimed)
    async with ground.working(ground.worker(Pace(poll_s=60), email=slow)):
        await slow.holds(1)
        # From now on it does not look for others, nor for the one that it has.
        await rests.wait()
        await ground.passes(61)
        while (await ground.rows())[0]["in_s"] < 50:
            await asyncio.sleep(POLL_S)
        assert await ground.queue.claim("email", 10) == []
        slow.go_on.set()
    assert [row["status"] for row in await ground.rows()] == ["sent"]


async def test_a_worker_that_was_frozen_begins_nothing(ground, due, monkeypatch):
    # By the clock of this machine its leases end as it gets them.
    monkeypatch.setattr(leases, "LEASE_S", 3.0)
    await ground.work()
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


async def test_a_worker_that_stops_ends_what_it_has_begun_and_gives_the_rest_back(ground):
    people = await ground.due(30)
    held = Held()
    worker = ground.worker(email=held)
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        held.go_on.set()
        while len(held.sent) < 8:
            await asyncio.sleep(POLL_S)
        held.go_on.clear()
        await held.holds(len(held.sent) + 8)
        stopping = group.create_task(worker.stop())
        await asyncio.sleep(0)
        begun = held.begun
        held.go_on.set()
        await stopping
    assert held.begun == len(held.sent) == begun < 30
    rows = await ground.rows()
    assert {row["id"] for row in rows if row["status"] == "sent"} == {
        one.ref.id for one in held.sent
    }
    # Nobody has to wait for a lease to end, and none counts as one that has lapsed.
    rest = [row for row in rows if row["status"] != "sent"]
    assert {(row["lease"], row["lapses"], row["attempts"]) for row in rest} == {(None, 0, 0)}
    await ground.work()
    told = [one.ref.user_id for one in (*held.sent, *ground.mail.sent)]
    assert sorted(told) == sorted(people)
    assert held.noted == len(held.sent)


async def test_what_waits_too_long_for_a_slot_is_judged_again(ground, monkeypatch):
    await ground.due(3)
    monkeypatch.setattr(send_queue, "GOOD_S", 0.1)
    held = Held()
    held.at_once = 1
    async with ground.working(ground.worker(email=held)):
        await held.holds(1)
        await ground.owner.execute(
            "update platform_settings set value = 'false' where key = 'deliver_contract_email'"
        )
        while sorted(reason or "" for *_, reason in await ground.states()) != [
            "", "switched_off", "switched_off",
        ]:  # fmt: skip
            await asyncio.sleep(POLL_S)
        held.go_on.set()
    assert len(held.sent) == 1


async def test_what_is_sent_is_composed_with_its_slot(ground):
    await ground.due(20)

    class Composing(Held):
        composed = 0

        def compose(self, facts, words):
            self.composed += 1
            return super().compose(facts, words)

    slow = Composing()
    async with ground.working(ground.worker(email=slow)):
        await slow.holds(2)
        # Others are judged and wait.
        assert slow.composed == slow.begun
        slow.go_on.set()


async def test_slow_mail_keeps_no_push_waiting(ground):
    held = Held()
    await ground.due(30)
    async with ground.working(ground.worker(email=held)):
        await held.holds(2)
        ben = await ground.person("ben", devices=1)
        await ground.notify(ben)
        await ground.passes(20)
        async with asyncio.timeout(5):
            while not ground.push.sent:
                await asyncio.sleep(POLL_S)
        held.go_on.set()


async def test_what_is_urgent_goes_before_all_that_is_due(ground):
    await ground.due(40)
    ben = await ground.person("ben")
    await ground.notify(ben, priority="urgent")
    await ground.passes(121)
    assert [ref.user_id for ref in await ground.queue.claim("email", 1)] == [ben]
    assert len(await ground.queue.claim("push", 10)) == 0
    assert len(await ground.queue.claim("email", 100)) == 40


async def test_a_send_that_ends_in_its_own_time_is_not_cut_off(ground, due):
    class Slow(Post):
        async def send(self, facts, composed):
            await asyncio.sleep(self.timeout_s + 0.3)
            return await super().send(facts, composed)

    slow = Slow()
    slow.timeout_s = 0.2
    await ground.work(ground.worker(email=slow))
    assert [row["status"] for row in await ground.rows()] == ["sent"]


async def test_a_result_that_cannot_be_stored_keeps_no_other(ground):
    people = await ground.due(4)

    class Odd(Post):
        async def send(self, facts, composed):
            handed = await super().send(facts, composed)
            is_odd = facts.ref.user_id == people[0]
            return Handed(state="sent", message_id="<\0>") if is_odd else handed

    await ground.work(ground.worker(email=Odd()))
    rows = await ground.rows()
    assert [row["status"] for row in rows] == ["sent"] * 4
    assert {row["user_id"] for row in rows if row["message_id"] is None} == {people[0]}


async def test_without_postgresql_it_waits_and_says_so(ground, due, monkeypatch):
    claim, is_away = ground.queue.claim, True

    async def asked(*arguments):
        if is_away:
            raise RequestError(ErrorCode.UNAVAILABLE, "away")
        return await claim(*arguments)

    monkeypatch.setattr(ground.queue, "claim", asked)
    with capture_logs() as logs:
        async with ground.working():
            while not logs:
                await asyncio.sleep(POLL_S)
            is_away = False
            while not ground.mail.sent:
                await asyncio.sleep(POLL_S)
    assert {(one["event"], one["log_level"]) for one in logs} == {("deliveries_wait", "warning")}


@pytest.mark.parametrize("step", ["compose", "send"])
async def test_a_bug_in_one_keeps_no_other(ground, step):
    people = await ground.due(3)

    class Broken(Post):
        def compose(self, facts, words):
            self.stumble("compose", facts)
            return super().compose(facts, words)

        async def send(self, facts, composed):
            self.stumble("send", facts)
            return await super().send(facts, composed)

        def stumble(self, at, facts):
            if at == step and facts.ref.user_id == people[0]:
                raise ZeroDivisionError

    broken = Broken()
    await ground.work(ground.worker(email=broken))
    assert {one.ref.user_id for one in broken.sent} == set(people[1:])
    assert sorted(row["status"] for row in await ground.rows()) == ["deferred", "sent", "sent"]


async def test_one_that_cannot_be_judged_keeps_no_other_and_is_taken_up_again(ground):
    people = await ground.due(5)

    class Poisoned(Judging):
        async def facts(self, refs):
            if people[2] in {ref.user_id for ref in refs}:
                raise ZeroDivisionError
            return await super().facts(refs)

    ground.judging = Poisoned(ground.pool)
    async with ground.working():
        while len([row for row in await ground.rows() if row["status"] == "sent"]) < 4:
            await asyncio.sleep(POLL_S)
    ground.judging = Judging(ground.pool)
    await ground.passes(61)
    await ground.work()
    assert {status for _, status, _ in await ground.states()} == {"sent"}


async def test_what_many_get_at_once_lets_others_go_first(ground):
    people = [await ground.person(str(number)) for number in range(30)]
    for person in people:
        await ground.notify(person, type="saved_search.found", category="job")
    await ground.passes(1000)
    for person in people[:5]:
        await ground.notify(person)
    await ground.passes(130)
    rows = {row["id"]: row["category"] for row in await ground.rows()}
    taken = [rows[ref.id] for ref in await ground.queue.claim("email", 8)]
    assert taken.count("contract") == 5
    assert taken.count("job") == 3
