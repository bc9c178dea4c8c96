"""How long something that keeps ending waits before it is started again."""

import pytest

from server.processes.backoff import Backoff


def test_the_first_follows_at_once_and_others_wait_longer_and_longer():
    backoff = Backoff(first_s=0.5, cap_s=3, steady_s=30)
    assert [backoff.delay_s(0.1) for _ in range(6)] == [0, 0.5, 1, 2, 3, 3]


def test_what_lived_for_a_while_begins_anew():
    backoff = Backoff(first_s=0.5, cap_s=3, steady_s=30)
    assert [backoff.delay_s(lived_s) for lived_s in (0, 0, 0, 29.9, 30, 1)] == [
        0,
        0.5,
        1,
        2,
        0,
        0.5,
    ]


@pytest.mark.parametrize("times", [100, 5000])
def test_it_stays_at_its_cap(times):
    backoff = Backoff()
    assert max(backoff.delay_s(0) for _ in range(times)) == backoff.cap_s
