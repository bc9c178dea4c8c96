"""One sender and many members: what is counted, and that nobody may be left out."""

import pytest

from loadtests.bench.drivers import audience as module
from loadtests.bench.drivers.audience import Audience
from loadtests.bench.drivers.turns import StalledError
from tests.unit.bench.room import DIALECT, FIRST_ID, Ends, acknowledge, deliver, say


@pytest.fixture
def ends():
    made = Ends(4)
    yield made
    made.close()


@pytest.fixture
def audience(ends, monkeypatch):
    monkeypatch.setattr(module, "_DRAIN_S", 0.2)
    sender, *members = ends.ours
    made = Audience(DIALECT, sender, "room")
    made.add(members)
    yield made
    made.close()


def test_a_window_is_sent_and_an_acknowledgement_sends_the_next(audience, ends):
    audience.begin(2)
    assert audience.sent == 2
    acknowledge(ends.theirs[0], FIRST_ID)
    deliver(ends.theirs[1], FIRST_ID)
    counts = audience.run(0.05)
    assert audience.sent == 3
    assert len(counts.to_reply) == 1
    assert counts.deliveries == len(counts.to_received) == 1


def test_all_got_all(audience, ends):
    audience.begin(1)
    acknowledge(ends.theirs[0], FIRST_ID)
    for member in ends.theirs[1:]:
        deliver(member, FIRST_ID)
    audience.end()


def test_a_member_that_was_left_out_is_noticed(audience, ends):
    audience.begin(1)
    acknowledge(ends.theirs[0], FIRST_ID)
    for member in ends.theirs[2:]:
        deliver(member, FIRST_ID)
    with pytest.raises(StalledError, match="1 of 3 members"):
        audience.end()


def test_a_member_that_was_told_twice_is_noticed(audience, ends):
    audience.begin(1)
    acknowledge(ends.theirs[0], FIRST_ID)
    for member in (*ends.theirs[1:], ends.theirs[1]):
        deliver(member, FIRST_ID)
    with pytest.raises(StalledError, match="1 of 3 members"):
        audience.end()


def test_what_is_not_acknowledged_is_noticed(audience, ends):
    audience.begin(1)
    for member in ends.theirs[1:]:
        deliver(member, FIRST_ID)
    with pytest.raises(StalledError, match="1 were not acknowledged"):
        audience.end()


def test_a_ping_within_the_payload_is_answered(audience, ends):
    audience.begin(1)
    say(ends.theirs[1], "2")
    deliver(ends.theirs[2], FIRST_ID)
    audience.run(0.05)
    # Masked by zero, as the driver does.
    assert ends.theirs[1].recv(100) == b"\x81\x81\0\0\0\x003"
