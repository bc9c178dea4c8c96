"""What may be the number of a card, wherever it stands in a body."""

from uuid import uuid4

import pytest

from handlers.card_numbers import holds_card_number

CARD = "4242424242424242"


@pytest.mark.parametrize(
    "value",
    [
        CARD,
        int(CARD),
        float(CARD),
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "my card: 4242.4242.4242.4242, thanks",
        "４２４２４２４２４２４２４２４２",
        "378282246310005",  # 15 digits
        "4222222222222",  # 13
        "6304000000000000000",  # 19
        {"card": {"numbers": [None, True, CARD]}},
        {CARD: "x"},
        [f"{uuid4()} {CARD}"],
        f"tok_{CARD}",
        f"a{CARD}f",
    ],
)
def test_a_number_is_found(value):
    assert holds_card_number({"it": value})


@pytest.mark.parametrize(
    "value",
    [
        "4242424242424241",  # another check digit
        "424242424242",  # 12 digits
        f"{CARD}0000",  # 20
        "4242",
        "tok_ok-7",
        f"acct_ok-a{CARD}f0123456789abcd",
        f"tok_{CARD}00a0b0c0",
        "00000000-0000-0000-0000-000000000000",
        "42424242-4242-4242-8424-242424242424",
        "424242424242.42",
        4242424242424242.5,
        "2026-11-30T06:25:14.123456Z",
        {},
        [],
        None,
    ],
)
def test_what_is_none_is_let_through(value):
    assert not holds_card_number({"it": value})


def test_a_deep_body_is_searched_without_recursion():
    deep: object = CARD
    for _ in range(100_000):
        deep = [deep]
    assert holds_card_number({"it": deep})
