"""The token bucket against what it promises, on whole numbers, where sums are exact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.tokenbucket import EPSILON_S, Rate, grant

RATES = st.builds(Rate, st.sampled_from([0.25, 0.5, 1.0, 2.0, 8.0]), st.integers(1, 20))
PAUSES = st.integers(0, 12)


@st.composite
def runs(draw):
    rate = draw(RATES)
    asks = st.integers(1, rate.burst)
    return rate, draw(st.lists(st.tuples(PAUSES, asks), max_size=40))


def carried_out(rate, steps):
    """Each ask as (moment, cost, what was answered, the state before)."""
    full_at, now, done = 0.0, 1000.0, []
    for pause, cost in steps:
        now += pause
        answer = grant(full_at, now, rate, least=cost, want=cost)
        done.append((now, cost, answer, full_at))
        full_at = answer.full_at
    return done


@given(runs())
def test_decides_as_a_bucket_that_is_filled_and_counted(run):
    rate, steps = run
    tokens, last = float(rate.burst), 1000.0
    for now, cost, answer, _ in carried_out(rate, steps):
        tokens = min(rate.burst, tokens + (now - last) * rate.per_s)
        last = now
        assert (answer.tokens == cost) == (tokens >= cost)
        tokens -= answer.tokens


@given(runs())
def test_no_stretch_of_time_gets_more_than_the_burst_and_the_rate(run):
    rate, steps = run
    done = carried_out(rate, steps)
    for first, (begin, *_) in enumerate(done):
        given_out = 0.0
        for now, _, answer, _ in done[first:]:
            given_out += answer.tokens
            assert given_out <= rate.burst + (now - begin) * rate.per_s


@given(runs())
def test_a_refusal_costs_nothing_and_names_the_first_moment_that_succeeds(run):
    rate, steps = run
    for now, cost, answer, before in carried_out(rate, steps):
        if answer.tokens:
            assert answer.wait_s == 0
            continue
        assert answer.full_at == before
        at = now + answer.wait_s
        assert grant(before, at, rate, least=cost, want=cost).tokens == cost
        early = at - max(10 * EPSILON_S, answer.wait_s / 1000)
        assert grant(before, early, rate, least=cost, want=cost).tokens == 0


@given(RATES, st.integers(1, 50))
def test_who_keeps_to_the_rate_is_never_refused(rate, times):
    full_at = 0.0
    for i in range(times):
        answer = grant(full_at, i / rate.per_s, rate, least=1, want=1)
        assert answer.tokens == 1
        full_at = answer.full_at


@given(RATES, st.integers(1, 40), st.data())
def test_a_lease_takes_what_is_there_and_never_less_than_asked_for(rate, want, data):
    least = data.draw(st.integers(1, min(want, rate.burst)))
    used = data.draw(st.integers(1, rate.burst))
    full_at = grant(0.0, 1000.0, rate, least=used, want=used).full_at
    answer = grant(full_at, 1000.0, rate, least=least, want=want)
    left = rate.burst - used
    assert answer.tokens == (min(want, left) if left >= least else 0)


@pytest.mark.parametrize(("least", "want"), [(0, 1), (2, 1), (6, 6), (-1, 1)])
def test_what_no_wait_could_give_is_a_mistake_of_the_caller(least, want):
    with pytest.raises(ValueError, match="cannot give"):
        grant(0.0, 0.0, Rate(1, 5), least=least, want=want)
