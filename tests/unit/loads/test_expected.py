"""A message is received by each it was sent to, once, or lost."""

from loadtests.scenarios.expected import Expected, Lost


def test_each_receiver_has_its_own_latency():
    expected = Expected()
    expected.sent("m", "pairs", ["a", "b"], 10.0)
    assert expected.received("m", "a", 10.5) == 0.5
    assert expected.received("m", "b", 12.0) == 2.0
    assert not expected.awaits(["a", "b"])


def test_what_comes_twice_or_to_others_is_not_measured():
    expected = Expected()
    expected.sent("m", "pairs", ["a", "b"], 10.0)
    expected.received("m", "a", 10.5)
    assert expected.received("m", "a", 10.6) is None
    assert expected.received("m", "somebody", 10.6) is None
    assert expected.received("another", "a", 10.6) is None


def test_what_does_not_come_in_time_is_lost_once_for_each_receiver():
    expected = Expected()
    expected.sent("m", "pairs", ["a", "b", "c"], 10.0)
    expected.sent("later", "storm", ["a"], 15.0)
    expected.received("m", "a", 10.5)
    assert expected.overdue(19.0, 10.0) == []
    assert expected.overdue(20.5, 10.0) == [Lost("m", "pairs"), Lost("m", "pairs")]
    assert expected.overdue(20.5, 10.0) == []
    assert expected.awaits(["a"])


def test_who_has_left_and_what_was_refused_is_not_waited_for():
    expected = Expected()
    expected.sent("m", "pairs", ["a"], 10.0)
    expected.sent("refused", "pairs", ["b"], 10.0)
    expected.left("a")
    expected.refused("refused")
    assert not expected.awaits(["a", "b"])
    assert expected.overdue(99.0, 10.0) == []
