"""What the local provider decides, from key and token alone."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import orjson
import pytest

from storage.payments.play_events import Operation, events_of, reference_of, told
from storage.payments.play_tokens import LATE_S, Behaviour, UnknownTokenError, behaviour_of
from storage.payments.provider import Failed, Pending, Returned, Settled

NOW = datetime(2027, 1, 1, tzinfo=UTC)
CHARGE = Operation("k", "charge", reference_of("charge", "k"), Decimal("10.30"), "USD")
PAYOUT = Operation("k", "payout", reference_of("payout", "k"), Decimal("10.00"), "USD")


def said(operation, token, prefix="tok"):
    events = events_of(operation, behaviour_of(token, prefix), NOW)
    return [(event.kind, (event.due_at - NOW).total_seconds(), event.times) for event in events]


def test_tokens_say_what_happens():
    assert behaviour_of("tok_ok", "tok") == Behaviour()
    assert behaviour_of("tok_ok-of Ada +late=9", "tok") == Behaviour()
    assert behaviour_of("tok_late", "tok") == Behaviour(late_s=LATE_S)
    token = "tok_failed+late=5+doubled+twice+reordered+lost+silent+dead+cost=0.30-7"
    assert behaviour_of(token, "tok") == Behaviour("failed", 5.0, Decimal("0.30"), *([True] * 6))
    assert behaviour_of("acct_returned", "acct", ["late=3"]) == Behaviour("returned", 3.0)


@pytest.mark.parametrize(
    "token",
    [
        "", "tok", "tok_", "ok", "tok_nothing", "tok_returned", "acct_ok", "4242424242424242",
        "tok_ok+nothing", "tok_ok+late", "tok_ok+late=-1", "tok_ok+late=99999999999",
        "tok_ok+doubled=1", "tok_ok+late=1.2.3",
    ],
)  # fmt: skip
def test_other_tokens_are_not_known(token):
    with pytest.raises(UnknownTokenError):
        behaviour_of(token, "tok")


def test_a_payment_begins_and_is_captured():
    assert said(CHARGE, "tok_ok") == [("payment.processing", 0, 1), ("payment.captured", 0, 1)]
    assert said(CHARGE, "tok_late")[1] == ("payment.captured", 1200, 1)
    assert said(CHARGE, "tok_failed")[1] == ("payment.failed", 0, 1)
    assert said(CHARGE, "tok_action_required") == []


def test_switches_make_events_come_late_twice_and_in_another_order():
    assert said(CHARGE, "tok_ok+doubled") == [
        ("payment.processing", 0, 2), ("payment.captured", 0, 2),
    ]  # fmt: skip
    assert said(CHARGE, "tok_ok+reordered+late=7") == [
        ("payment.processing", 9, 1), ("payment.captured", 7, 1),
    ]  # fmt: skip
    assert [times for _kind, _at, times in said(CHARGE, "tok_ok+lost")] == [0, 0]
    twice = events_of(CHARGE, behaviour_of("tok_ok+twice", "tok"), NOW)[1:]
    assert len({event.id for event in twice}) == len(twice) == 2
    assert len({orjson.dumps(orjson.loads(e.body)["data"]) for e in twice}) == 1


def test_a_payout_may_come_back():
    assert said(PAYOUT, "acct_returned", "acct") == [
        ("payout.processing", 0, 1), ("payout.paid", 0, 1), ("payout.returned", 1, 1),
    ]  # fmt: skip


def test_the_same_key_decides_the_same():
    behaviour = behaviour_of("tok_ok+twice", "tok")
    first, again = (events_of(CHARGE, behaviour, NOW) for _ in range(2))
    assert first == again
    other = CHARGE._replace(key="l", reference=reference_of("charge", "l"))
    assert not {e.id for e in first} & {e.id for e in events_of(other, behaviour, NOW)}
    later = events_of(CHARGE, behaviour, NOW + timedelta(days=1))
    assert [event.id for event in later] == [event.id for event in first]


@pytest.mark.parametrize(
    ("token", "answer"),
    [
        ("tok_ok+cost=0.31", Settled(CHARGE.reference, Decimal("10.30"), "USD", Decimal("0.31"))),
        ("tok_wrong_amount", Settled(CHARGE.reference, Decimal("11.30"), "USD")),
        ("tok_wrong_currency", Settled(CHARGE.reference, Decimal("10.30"), "EUR")),
        ("tok_failed", Failed("refused later", CHARGE.reference)),
    ],
)
def test_an_event_says_what_an_answer_says(token, answer):
    begun, ended = events_of(CHARGE, behaviour_of(token, "tok"), NOW)
    assert told(begun.kind, orjson.loads(begun.body)["data"]) == (
        "charge", "k", Pending(CHARGE.reference),
    )  # fmt: skip
    assert told(ended.kind, orjson.loads(ended.body)["data"]) == ("charge", "k", answer)


def test_what_events_of_payouts_and_of_nothing_say():
    event = events_of(PAYOUT, behaviour_of("acct_returned", "acct"), NOW)[2]
    answer = Returned(PAYOUT.reference, Decimal("10.00"), "USD", "the account is closed")
    assert told(event.kind, orjson.loads(event.body)["data"]) == ("payout", "k", answer)
    assert told("account.updated", {}) is None
    assert told("payment.renamed", orjson.loads(event.body)["data"]) is None
