"""The defaults of who is told of what, and what stays on."""

from itertools import product

from protocol.notifications.categories import (
    CATEGORIES,
    CHANNELS,
    is_on_by_default,
    may_be_turned_off,
)


def test_who_has_set_nothing_is_told_of_all_in_app():
    assert all(is_on_by_default(category, "in_app") for category in CATEGORIES)


def test_mail_comes_by_default_of_all_but_marketing():
    off = [category for category in CATEGORIES if not is_on_by_default(category, "email")]
    assert off == ["marketing"]


def test_push_comes_by_default_of_what_cannot_wait():
    pushed = {category for category in CATEGORIES if is_on_by_default(category, "push")}
    assert pushed == {"message", "contract", "payment", "security"}


def test_security_and_payment_stay_on_in_app_and_by_mail_and_no_other_pair_does():
    fixed = {pair for pair in product(CATEGORIES, CHANNELS) if not may_be_turned_off(*pair)}
    assert fixed == set(product(("security", "payment"), ("in_app", "email")))
    assert all(is_on_by_default(*pair) for pair in fixed)
