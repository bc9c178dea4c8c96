"""A number is what its JSON said, or it is refused."""

import pytest

from protocol.codec import may_be_rounded, refused_rounded_number


@pytest.mark.parametrize(
    "number",
    ["5.000000000000000001", "100.00000000000000000000001", "1e-400", "0.1e-99999999999999999999"],
)
def test_a_number_that_would_be_rounded_is_refused_by_its_place(number):
    body = b'{"split": [{"client_amount": %b, "of": "x"}]}' % number.encode()
    assert may_be_rounded(body)
    refusal = refused_rounded_number(body)
    assert refusal is not None
    assert refusal.details["path"] == "split[0].client_amount"


@pytest.mark.parametrize(
    "number",
    [
        "180.5", "0.1", "999999999999.99", "100.00000000000000000000", "0.30000000000000004", "1e3",
        "9" * 5000, "-0.0",
    ],
)  # fmt: skip
def test_any_other_is_taken(number):
    body = b'{"amount": %b, "said": "1.0000000000000000000001"}' % number.encode()
    assert refused_rounded_number(body) is None


def test_few_bodies_are_looked_at_twice():
    assert not may_be_rounded(b'{"amount": 180.55, "id": "0198f4a8-1111-7222-8333-444455556666"}')
