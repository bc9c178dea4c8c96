"""One budget a person, as long as somebody holds it."""

import gc
from uuid import uuid4

from server.connection.user_budgets import UserBudgets


def test_connections_of_a_person_share_a_budget():
    budgets, anna, ben = UserBudgets(100), uuid4(), uuid4()
    phone, tablet, other = budgets.of(anna, 0.0), budgets.of(anna, 0.5), budgets.of(ben, 0.5)
    phone.bytes_left -= 101
    assert tablet is phone
    assert not tablet.renew(0.5)
    assert tablet.left_s(0.75) == 0.25
    assert other.bytes_left == 100
    assert tablet.renew(1.0)
    assert phone.bytes_left == 100


def test_a_budget_that_nobody_holds_is_forgotten():
    budgets, anna = UserBudgets(100), uuid4()
    budgets.of(anna, 0.0).bytes_left -= 101
    gc.collect()
    assert budgets.of(anna, 0.0).bytes_left == 100


def test_without_a_limit():
    budget = UserBudgets(None).of(uuid4(), 0.0)
    budget.bytes_left -= 1 << 40
    assert budget.bytes_left > 0
