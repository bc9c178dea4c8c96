"""Fees, shares and plans over any amounts: parts add up, and none is negative or too large."""

from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from protocol.money.currency import NONE, is_whole, of_units, parse_amount, shown
from protocol.money.fees import FeeTerms, Tier, fee_given_back, fee_of
from protocol.money.plan import planned
from protocol.money.shares import WHOLE, split_release

CURRENCIES = st.sampled_from(["USD", "CNY", "JPY"])
UNITS = st.integers(1, 10**6) | st.integers(1, 10**14 - 1)
PERCENTS = st.integers(0, 10_000).map(lambda points: Decimal(points).scaleb(-2))


def cut(draw, units, most=8):
    """Units in parts that sum to them, each at least one."""
    count = draw(st.integers(1, min(most, units)))
    bounds = st.integers(1, units - 1) if units > 1 else st.nothing()
    at = sorted(draw(st.sets(bounds, max_size=count - 1))) if count > 1 else []
    return [upto - before for before, upto in zip([0, *at], [*at, units], strict=True)]


@st.composite
def contracts(draw):
    """A contract's terms by a tier, and its releases in order."""
    currency, units = draw(CURRENCIES), draw(UNITS)
    total = of_units(units, currency)
    tiers = (Tier(NONE, None, draw(PERCENTS)),)
    terms = FeeTerms(total, fee_of(total, tiers, currency), currency)
    return terms, tiers, [of_units(n, currency) for n in cut(draw, units)]


def released_in_turn(terms, releases, before=NONE):
    """The fee of each release, and what was released in the end."""
    fees = []
    for gross in releases:
        fees.append(terms.part(before, gross))
        before += gross
    return fees, before


@given(contracts())
def test_the_parts_of_a_fee_add_up_to_it_and_none_exceeds_its_release(contract):
    terms, _, releases = contract
    fees, released = released_in_turn(terms, releases)
    assert (sum(fees), released) == (terms.fee, terms.total)
    for gross, fee in zip(releases, fees, strict=True):
        assert NONE <= fee <= gross
        assert is_whole(fee, terms.currency)


@given(contracts(), st.data())
def test_after_amendments_the_parts_still_add_up_and_those_taken_stay(contract, data):
    terms, tiers, releases = contract
    taken, released = [], NONE
    for gross in releases:
        fee = terms.part(released, gross)
        assert NONE <= fee <= gross
        taken.append(fee)
        released += gross
        if data.draw(st.booleans()):
            more = of_units(data.draw(st.integers(0, 10**6)), terms.currency)
            total = terms.total + more
            of_total = fee_of(total, tiers, terms.currency)
            terms = terms.amended(total, of_total, released)
            assert (terms.base_released, terms.base_taken) == (released, sum(taken))
    rest = terms.total - released
    assert NONE <= terms.part(released, rest) <= rest
    assert sum(taken) + terms.part(released, rest) == terms.fee


@given(contracts(), st.data())
def test_refunds_give_back_the_fee_of_their_release_and_never_more_than_themselves(contract, data):
    terms, _, _ = contract
    currency, back, before = terms.currency, [], NONE
    for units in cut(data.draw, int(terms.total.scaleb(2 if currency != "JPY" else 0))):
        refunded = of_units(units, currency)
        fee = fee_given_back(terms.total, terms.fee, before, refunded, currency)
        assert NONE <= fee <= refunded
        back.append(fee)
        before += refunded
    assert sum(back) == terms.fee


@given(contracts(), st.data())
def test_a_team_gets_all_of_a_release_and_nobody_a_line_of_nothing(contract, data):
    terms, _, _ = contract
    shares = {UUID(int=n): part for n, part in enumerate(cut(data.draw, WHOLE))}
    net = terms.total - terms.fee
    parts = split_release(net, terms.fee, shares, terms.currency)
    assert sum((part.net for part in parts), NONE) == net
    assert sum((part.fee for part in parts), NONE) == terms.fee
    assert sum((part.gross for part in parts), NONE) == terms.total
    unit = of_units(1, terms.currency)
    for part in parts:
        assert part.fee >= NONE
        assert part.net >= unit or (net == NONE and len(parts) == 1)
        assert abs(part.net * WHOLE - net * shares[part.member]) < unit * WHOLE


@given(CURRENCIES, UNITS)
def test_a_plan_sums_to_its_total_in_parts_that_differ_by_a_unit_at_most(currency, units):
    parts = [amount for _, amount in planned(of_units(units, currency), currency)]
    assert sum(parts) == of_units(units, currency)
    unit = of_units(1, currency)
    assert min(parts) >= unit
    assert all(abs(part * 4 - of_units(units, currency)) <= 4 * unit for part in parts)


@given(CURRENCIES, st.integers(0, 10**12 - 1))
def test_an_amount_is_read_as_it_is_shown(currency, units):
    amount = of_units(units, currency)
    text = shown(amount, currency)
    assert parse_amount(text, currency) == amount
    assert shown(parse_amount(text, currency), currency) == text
