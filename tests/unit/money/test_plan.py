"""The milestones of a contract whose parties named none."""

from decimal import Decimal

import pytest

from protocol.money.plan import planned

D = Decimal


@pytest.mark.parametrize(
    ("total", "currency", "parts"),
    [
        ("1000.00", "USD", [(25, "250"), (50, "250"), (75, "250"), (100, "250")]),
        ("0.03", "USD", [(25, "0.01"), (50, "0.01"), (100, "0.01")]),
        ("0.01", "USD", [(75, "0.01")]),
        ("5", "JPY", [(25, "1"), (50, "1"), (75, "2"), (100, "1")]),
        ("0", "USD", []),
    ],
)
def test_a_total_is_planned_in_quarters_without_parts_of_zero(total, currency, parts):
    made = [(percent, amount) for percent, amount in planned(D(total), currency)]
    assert made == [(percent, D(amount)) for percent, amount in parts]
