"""A number is what its JSON said, or it is refused."""

import json
import random
from uuid import UUID

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


@pytest.mark.parametrize("before", [": ", ":", ": [", ": [1, ", ": [1,", ":\n\t", ": -", ":[-"])
def test_a_number_is_found_wherever_one_may_stand(before):
    for number in ("1e-400", "5.000000000000000001"):
        assert may_be_rounded(f'{{"amount"{before}{number}'.encode())


def test_no_body_is_looked_at_twice_for_its_ids():
    draw = random.Random(20)
    for _ in range(1000):
        items = [{"release_id": UUID(int=draw.getrandbits(128)), "amount": 180.55}] * 5
        body = json.dumps({"items": items, "version": 3}, default=str)
        assert not may_be_rounded(body.encode()), body
