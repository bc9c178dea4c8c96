"""Which ends of a connection bring the client back, and after how long."""

import random

import pytest

from client.connection.reconnect import Backoff, Verdict, verdict_on
from client.errors import BadFrame, CommandError, ConnectionLost, ErrorReply, ReplyTimeout


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (1000, Verdict.AGAIN),
        (1001, Verdict.AGAIN),
        (1006, Verdict.AGAIN),
        (1011, Verdict.AGAIN),
        (4001, Verdict.NEW_TOKEN),
        (4002, Verdict.STOP),
        (4003, Verdict.NEW_TOKEN),
        (4004, Verdict.AT_ONCE),
        (4005, Verdict.AGAIN),
        (4006, Verdict.WAIT),
        (4008, Verdict.WAIT),
    ],
)
def test_close_codes(code, verdict):
    assert verdict_on(ConnectionLost(code)) is verdict


@pytest.mark.parametrize(
    ("code", "retryable", "verdict"),
    [
        ("unauthenticated", False, Verdict.NEW_TOKEN),
        ("rate_limited", True, Verdict.WAIT),
        ("unavailable", True, Verdict.AGAIN),
        ("validation_failed", False, Verdict.STOP),
    ],
)
def test_refusals_of_hello(code, retryable, verdict):
    error = CommandError("hello", ErrorReply(code, "", {}, retryable))
    assert verdict_on(error) is verdict


def test_what_cannot_be_read_is_not_repeated():
    assert verdict_on(BadFrame("what")) is Verdict.STOP
    assert verdict_on(ConnectionRefusedError()) is Verdict.AGAIN


def test_a_hello_without_an_answer_is_said_again():
    assert verdict_on(ReplyTimeout("hello was not answered within 5 s")) is Verdict.AGAIN


def test_full_jitter_doubles_its_bound_up_to_a_cap():
    backoff = Backoff(base_s=1.0, cap_s=8.0, chance=random.Random(1))
    delays = [backoff.delay_s(Verdict.AGAIN) for _ in range(200)]
    for attempt, delay in enumerate(delays):
        assert 0 <= delay <= min(8.0, 2**attempt)
    assert max(delays) > 7
    assert min(delays[3:]) < 1
    backoff.lasted(backoff.steady_s)
    assert backoff.delay_s(Verdict.AGAIN) <= 1


def test_a_connection_lost_at_once_again_and_again_is_made_ever_later():
    backoff = Backoff(base_s=1.0, cap_s=8.0, chance=random.Random(1))
    assert backoff.delay_s(Verdict.AT_ONCE) == 0
    delays = []
    for _ in range(50):
        backoff.lasted(0.1)
        delays.append(backoff.delay_s(Verdict.AT_ONCE))
    assert max(delays) > 7
    backoff.lasted(60.0)
    assert backoff.delay_s(Verdict.AT_ONCE) == 0


def test_where_the_server_asks_to_wait():
    backoff = Backoff(wait_s=30)
    assert all(15 <= backoff.delay_s(Verdict.WAIT) <= 30 for _ in range(50))
