"""The local provider on its book: keys, events at their time, what it answers when it is asked."""

import asyncio
from decimal import Decimal

import orjson
import pytest

from storage.payments.local import LocalProvider
from storage.payments.provider import (
    Charge,
    Failed,
    KeyReusedError,
    NotKnown,
    Payout,
    Pending,
    ProviderAwayError,
    Return,
    Returned,
    Settled,
)


def charge(key, token="tok_ok", amount="10.00"):
    return Charge(key, token, Decimal(amount), Decimal("0.30"), "USD")


def back(key, of, amount="10.30", currency="USD"):
    return Return(key, of, Decimal(amount), currency)


async def sent(provider):
    """All that is due, in the order in which it is sent."""
    taken = []

    async def take(raw):
        taken.append(orjson.loads(raw))

    while await provider.send_due(take):
        pass
    return [(event["kind"], event["data"]["key"]) for event in taken]


async def test_a_payment_is_pending_until_its_event(provider):
    answer = await provider.charge(charge("a"))
    assert isinstance(answer, Pending)
    assert answer.action_url is None
    assert await sent(provider) == [("payment.processing", "a"), ("payment.captured", "a")]
    assert await sent(provider) == []
    settled = Settled(answer.reference, Decimal("10.30"), "USD")
    assert await provider.ask("charge", "a") == settled
    assert await provider.ask("return", "a") == NotKnown()
    assert await provider.ask("charge", "b") == NotKnown()


async def test_the_same_key_charges_once(provider, pool):
    answers = await asyncio.gather(*(provider.charge(charge("a")) for _ in range(8)))
    assert len({answer.reference for answer in answers}) == 1
    assert any(isinstance(answer, Pending) for answer in answers)
    assert await pool.fetchval("select count(*) from local_provider_operations") == 1
    assert len(await sent(provider)) == 2
    assert isinstance(await provider.charge(charge("a")), Settled)
    with pytest.raises(KeyReusedError):
        await provider.charge(charge("a", amount="11.00"))


async def test_its_book_outlives_it(provider, pool, clock):
    first = await provider.charge(charge("a", "tok_late"))
    other = LocalProvider(pool, clock)
    assert await other.ask("charge", "a") == first
    assert await sent(other) == [("payment.processing", "a")]
    clock.move(1199)
    assert await sent(other) == []
    assert await other.ask("charge", "a") == first
    clock.move(1)
    assert await sent(other) == [("payment.captured", "a")]
    assert isinstance(await other.ask("charge", "a"), Settled)


@pytest.mark.parametrize("token", ["tok_declined", "nonsense", "acct_ok"])
async def test_what_is_declined_at_once_has_no_event(provider, token):
    answer = await provider.charge(charge("a", token))
    assert isinstance(answer, Failed)
    assert await provider.charge(charge("a", token)) == answer
    assert await provider.ask("charge", "a") == answer
    assert await sent(provider) == []


async def test_a_call_without_an_answer_is_carried_out(provider):
    with pytest.raises(ProviderAwayError):
        await provider.charge(charge("a", "tok_ok+silent+lost"))
    assert await sent(provider) == []
    assert isinstance(await provider.ask("charge", "a"), Settled)
    assert isinstance(await provider.charge(charge("a", "tok_ok+silent+lost")), Settled)


async def test_switches_that_hold_for_every_token(pool, clock):
    provider = LocalProvider(pool, clock, ["late=5", "doubled"])
    await provider.charge(charge("a"))
    assert await sent(provider) == [("payment.processing", "a")] * 2
    clock.move(5)
    assert await sent(provider) == [("payment.captured", "a")] * 2


@pytest.mark.parametrize(("agrees", "told"), [(True, "captured"), (False, "failed")])
async def test_a_payer_has_to_agree(provider, agrees, told):
    answer = await provider.charge(charge("a", "tok_action_required"))
    assert answer.action_url.endswith(answer.reference)
    assert await sent(provider) == []
    assert await provider.decide(answer.reference, agrees=agrees)
    assert await provider.decide(answer.reference, agrees=not agrees) is False  # it is decided
    assert await sent(provider) == [(f"payment.{told}", "a")]
    assert await provider.decide("another", agrees=True) is None


async def test_two_clicks_decide_once(provider, pool):
    answer = await provider.charge(charge("a", "tok_action_required+late=9"))
    await asyncio.gather(*(provider.decide(answer.reference, agrees=i % 2 == 0) for i in range(6)))
    assert await pool.fetchval("select count(*) from local_provider_events") == 1


async def test_no_more_is_returned_than_was_paid(provider, clock):
    await provider.charge(charge("a"))
    answers = await asyncio.gather(
        *(provider.give_back(back(f"r{i}", "a", "4.00")) for i in range(5))
    )
    assert sum(isinstance(answer, Failed) for answer in answers) == 3
    assert isinstance(await provider.give_back(back("rest", "a", "2.30")), Pending | Settled)
    assert isinstance(await provider.give_back(back("more", "a", "0.01")), Failed)
    kinds = [kind for kind, _key in await sent(provider)]
    assert kinds.count("return.succeeded") == 3


@pytest.mark.parametrize(
    ("token", "asked"),
    [
        ("tok_ok+dead", back("r", "a")),
        ("tok_ok", back("r", "a", currency="EUR")),
        ("tok_ok", back("r", "a", "10.31")),
        ("tok_ok", back("r", "another")),
        ("tok_late", back("r", "a")),
        ("tok_declined", back("r", "a")),
    ],
)
async def test_what_was_not_paid_is_not_returned(provider, token, asked):
    await provider.charge(charge("a", token))
    assert isinstance(await provider.give_back(asked), Failed)
    assert isinstance(await provider.ask("return", "r"), Failed)


async def test_payouts_of_a_batch_go_their_own_ways(provider, clock):
    tokens = ["acct_ok", "acct_failed", "acct_returned", "acct_declined"]
    payouts = [Payout(token, token, Decimal(5), "USD") for token in tokens]
    answers = await provider.pay_out("batch", payouts)
    assert isinstance(answers["acct_declined"], Failed)
    assert {key for key in answers if isinstance(answers[key], Pending)} == {*tokens[:3]}
    again = await provider.pay_out("batch", payouts)
    assert [type(again[token]) for token in tokens] == [Settled, Failed, Settled, Failed]
    clock.move(1)
    told = {(kind, key) for kind, key in await sent(provider) if "processing" not in kind}
    assert told == {
        ("payout.paid", "acct_ok"), ("payout.failed", "acct_failed"),
        ("payout.paid", "acct_returned"), ("payout.returned", "acct_returned"),
    }  # fmt: skip
    assert isinstance(await provider.ask("payout", "acct_ok"), Settled)
    assert isinstance(await provider.ask("payout", "acct_returned"), Returned)
    with pytest.raises(KeyReusedError):
        await provider.pay_out("another batch", payouts[:1])


async def test_an_event_that_is_not_taken_is_sent_again(provider):
    await provider.charge(charge("a"))

    async def refuse(_raw):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await provider.send_due(refuse)
    assert len(await sent(provider)) == 2
