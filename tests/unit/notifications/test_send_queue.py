"""Who gets a slot: the most urgent, nobody all of them, and nothing by a judgement that is old."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.notifications.send_queue import GOOD_S, PERSON_SLOTS, Judged, SendQueue

KNOWN = "known.example"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> SendQueue:
    return SendQueue(16, 100, {KNOWN}.__contains__, clock)


def _judged(
    at: float, person: UUID | None = None, provider: str = KNOWN, priority: str = "normal"
) -> Judged:
    ref = SimpleNamespace(id=uuid4(), user_id=person or uuid4())
    facts: Any = SimpleNamespace(ref=ref, priority=priority)
    return Judged(facts, (), provider, at)


def _begun(queue: SendQueue) -> list[Judged]:
    return list(iter(queue.begin, None))


def test_the_most_urgent_goes_first_and_then_the_first(queue, clock):
    asked = [_judged(clock.now, priority=name) for name in ("low", "normal", "urgent", "normal")]
    queue.put(asked)
    assert _begun(queue) == [asked[2], asked[1], asked[3], asked[0]]


def test_no_more_go_than_there_are_slots_and_as_many_wait(queue, clock):
    assert queue.room == 32
    queue.put(_judged(clock.now) for _ in range(32))
    begun = _begun(queue)
    assert (len(begun), queue.room, queue.is_low) == (16, 0, False)
    queue.ended(begun[0])
    assert queue.room == 1 and len(_begun(queue)) == 1


@pytest.mark.parametrize(("sent", "ahead"), [(5, 16), (50, 50), (500, 100)])
def test_as_many_wait_as_were_sent_within_the_last_second(queue, clock, sent, ahead):
    for _ in range(sent):
        queue.put([_judged(clock.now)])
        queue.ended(_begun(queue)[0])
    assert queue.room == 16 + ahead
    clock.now += 1.5
    assert queue.room == 32


def test_one_person_gets_a_few_slots_and_others_go_on(queue, clock):
    greedy = uuid4()
    queue.put([*(_judged(clock.now, greedy) for _ in range(20)), _judged(clock.now)])
    begun = _begun(queue)
    assert len(begun) == PERSON_SLOTS + 1
    queue.ended(begun[0])
    assert [one.facts.ref.user_id for one in _begun(queue)] == [greedy]


def test_providers_that_never_answered_get_a_quarter_together(queue, clock):
    fresh = [_judged(clock.now, provider=f"{number}.example") for number in range(20)]
    queue.put([*fresh, *(_judged(clock.now) for _ in range(5))])
    begun = _begun(queue)
    assert len([one for one in begun if one.provider != KNOWN]) == 4
    assert len([one for one in begun if one.provider == KNOWN]) == 5


def test_of_those_one_person_gets_one(queue, clock):
    greedy = uuid4()
    fresh = [_judged(clock.now, greedy, f"{number}.example") for number in range(20)]
    queue.put([*fresh, _judged(clock.now, provider="another.example")])
    assert [one.provider for one in _begun(queue)] == ["0.example", "another.example"]


def test_nothing_begins_by_an_old_judgement_and_it_is_taken_out(queue, clock):
    old, new = _judged(clock.now), _judged(clock.now + 1)
    queue.put([old, new])
    clock.now += GOOD_S + 0.5
    assert _begun(queue) == [new]
    assert queue.take_stale() == [old]
    assert queue.room == 31
