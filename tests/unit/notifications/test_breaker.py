"""Providers that fail, or ask for patience, and those whose names somebody makes up."""

from uuid import UUID

import pytest

from server.notifications import breaker
from server.notifications.breaker import FAILURES, FIRST_S, HEAD_START_S, MOST_S, Breakers

WHO = "push.example"
ADA, BEN = UUID(int=1), UUID(int=2)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breakers(clock: Clock) -> Breakers:
    return Breakers(clock)


def _fails(breakers: Breakers, times: int = FAILURES, who: str = WHO) -> None:
    for _ in range(times):
        breakers.begins(who, ADA)
        breakers.failed(who)


def test_failures_in_a_row_open_it_and_an_answer_between_does_not(breakers):
    _fails(breakers, FAILURES - 1)
    breakers.answered(WHO, breakers.begins(WHO, ADA))
    _fails(breakers, FAILURES - 1)
    assert breakers.waits_s(WHO, BEN) == 0
    _fails(breakers, 1)
    assert breakers.waits_s(WHO, BEN) == FIRST_S


def test_then_one_tries_and_each_failure_doubles_the_wait(breakers, clock):
    _fails(breakers)
    waits = []
    for _ in range(8):
        clock.now += breakers.waits_s(WHO, BEN)
        assert breakers.waits_s(WHO, BEN) == 0
        began = breakers.begins(WHO, ADA)
        assert breakers.waits_s(WHO, BEN) > 0
        breakers.failed(WHO)
        waits.append(breakers.waits_s(WHO, BEN))
    assert waits[:3] == [2 * FIRST_S, 4 * FIRST_S, 8 * FIRST_S]
    assert waits[-1] == MOST_S
    clock.now += MOST_S
    began = breakers.begins(WHO, ADA)
    breakers.answered(WHO, began)
    assert breakers.waits_s(WHO, BEN) == 0 and breakers.is_proven(WHO)


def test_after_a_trial_that_fails_other_people_come_first(breakers, clock):
    _fails(breakers)
    clock.now += FIRST_S
    breakers.begins(WHO, ADA)
    breakers.failed(WHO)
    clock.now += 2 * FIRST_S
    assert breakers.waits_s(WHO, ADA) == HEAD_START_S
    assert breakers.waits_s(WHO, BEN) == 0
    clock.now += HEAD_START_S
    assert breakers.waits_s(WHO, ADA) == 0
    breakers.answered(WHO, breakers.begins(WHO, ADA))
    _fails(breakers)
    clock.now += FIRST_S
    assert breakers.waits_s(WHO, ADA) == 0


def test_a_provider_that_asks_for_patience_is_left_alone_as_long_as_it_says(breakers, clock):
    breakers.answered(WHO, breakers.begins(WHO, ADA))
    breakers.failed(WHO, 300)
    assert breakers.waits_s(WHO, BEN) == 300
    # What was under way before is answered yet, which says nothing of how it is by now.
    breakers.answered(WHO, clock.now - 1)
    assert breakers.waits_s(WHO, BEN) == 300
    clock.now += 300
    assert breakers.waits_s(WHO, BEN) == 0
    breakers.begins(WHO, ADA)
    assert breakers.waits_s(WHO, BEN) > 0


def test_it_is_proven_by_an_answer_until_it_fails(breakers):
    assert not breakers.is_proven(WHO)
    breakers.answered(WHO, breakers.begins(WHO, ADA))
    assert breakers.is_proven(WHO)
    _fails(breakers, 1)
    assert not breakers.is_proven(WHO)


def test_made_up_names_make_it_forget_no_open_breaker_and_no_proven_provider(breakers, monkeypatch):
    monkeypatch.setattr(breaker, "_KEPT", 10)
    breakers.answered("good.example", breakers.begins("good.example", ADA))
    _fails(breakers)
    for number in range(100):
        _fails(breakers, 1, f"{number}.example")
    assert breakers.waits_s(WHO, BEN) == FIRST_S
    assert breakers.is_proven("good.example")
