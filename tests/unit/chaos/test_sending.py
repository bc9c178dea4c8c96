"""A client that pipelines its sends finds each that was overtaken."""

from loadtests.chaos.judges.sending import SendOrder


def drafts(count):
    order = SendOrder()
    return order, [order.draft(f"client-{number}", "text") for number in range(count)]


def test_all_in_the_order_sent():
    order, sent = drafts(3)
    assert [order.stored(one, seq) for one, seq in zip(sent, (4, 6, 7), strict=True)] == [""] * 3
    assert order.pending == []


def test_a_later_send_overtakes_a_refused_one():
    order, (first, second, third) = drafts(3)
    assert order.stored(second, 1) == ""
    assert order.stored(third, 2) == ""
    assert order.pending == [first]
    assert order.stored(first, 3) == "seq 3 is the send number 1 and out of order with seq 1"


def test_replies_may_come_in_any_order():
    order, (first, second, third) = drafts(3)
    assert [order.stored(third, 9), order.stored(first, 7), order.stored(second, 8)] == [""] * 3


def test_a_send_before_those_that_are_long_settled():
    order, (first, second) = drafts(2)
    order.stored(first, 5)
    order.stored(second, 6)
    late = order.draft("client-2", "text")
    assert "out of order with seq 6" in order.stored(late, 4)


def test_what_was_refused_for_good_is_not_waited_for():
    order, (first, second) = drafts(2)
    order.dropped(first)
    assert order.stored(second, 1) == ""
    assert order.pending == []
