"""A debt cannot be walked away from: it is paid before anything else, and stops what would not."""

from decimal import Decimal

import pytest

from tests.app import Person
from tests.integration.transitions.money.conftest import Bank
from tests.integration.transitions.trust.conftest import Deal, Trust, refused


class Debtor:
    """A freelancer who has earned 450 of 500, and a client who asks all of it back."""

    def __init__(self, trust: Trust, bank: Bank, deal: Deal, staff: Person, release: str) -> None:
        self.trust = trust
        self.bank = bank
        self.deal = deal
        self.staff = staff
        self.release = release

    @property
    def who(self) -> Person:
        """The freelancer."""
        return self.deal.freelancer

    async def withdrawal(self, amount: str = "450") -> str:
        """A withdrawal of so much; its path."""
        body = {"amount": amount, "currency": "USD"}
        body["payout_method_id"] = await self.bank.account(self.who)
        made = await self.deal.market.done(self.who, "withdrawals", body=body)
        return f"withdrawals/{made['id']}"

    async def gathered(self, amount: str = "450") -> tuple[str, str]:
        """A withdrawal that is in a batch; the paths of both."""
        where = await self.withdrawal(amount)
        await self.deal.market.done(self.staff, where, "approve")
        body = {"currency": "USD"}
        batch = await self.deal.market.done(self.staff, "payout-batches", body=body)
        return where, f"payout-batches/{batch['id']}"

    async def refunded(self, amount: str = "500") -> None:
        """Staff gives back so much of what has cleared."""
        asked = {"release_id": self.release, "amount": amount, "reason": "It was copied."}
        refund = await self.deal.market.done(self.deal.client, "refunds", body=asked)
        await self.deal.market.done(self.staff, f"refunds/{refund['id']}", "approve")

    async def wallet(self) -> dict[str, Decimal]:
        """What the freelancer has, and owes."""
        found: dict[str, Decimal] = await self.deal.market.wallet(self.who)
        return found


@pytest.fixture
async def debtor(trust: Trust) -> Debtor:
    """Who has earned 450."""
    bank = Bank(trust.market)
    deal = await trust.deal("500")
    await trust.market.pool.execute(
        "UPDATE user_private SET email_verified_at = now() WHERE user_id = $1", deal.freelancer.id
    )
    [release] = await deal.paid(1)
    await deal.market.clock(days=5, seconds=1)
    await trust.timers()
    return Debtor(trust, bank, deal, await trust.staff(), release)


async def test_a_refund_takes_what_waits_to_be_paid_out(debtor: Debtor) -> None:
    market = debtor.deal.market
    first, second = [await debtor.withdrawal(amount) for amount in ("150", "300")]
    await debtor.refunded("200")
    # The latest is enough: of 300 and nothing else 180 are taken.
    assert (await market.read(debtor.who, second))["status"] == "cancelled"
    assert (await market.read(debtor.who, first))["status"] == "requested"
    assert await debtor.wallet() == {"earned": 120, "withdrawing": 150}
    await debtor.refunded("300")
    assert (await market.read(debtor.who, first))["status"] == "cancelled"
    assert await debtor.wallet() == {}


async def test_nobody_who_owes_is_paid_out(debtor: Debtor) -> None:
    market, staff = debtor.deal.market, debtor.staff
    where, batch = await debtor.gathered()
    await debtor.refunded()
    assert await debtor.wallet() == {"withdrawing": 450, "debt": 450}
    alone = await market.act(staff, batch, "submit")
    assert "owe" in refused(alone, 409)["message"]
    await market.done(staff, batch, "cancel")
    # Approved, and not to be gathered again.
    refused(await market.act(staff, "payout-batches", body={"currency": "USD"}), 409)
    # What comes back pays the debt before it is earned.
    await market.done(debtor.who, where, "cancel")
    assert await debtor.wallet() == {}


async def test_a_batch_goes_on_without_who_owes(debtor: Debtor) -> None:
    market, bank = debtor.deal.market, debtor.bank
    other = await bank.verified("Otto")
    await bank.earn(other, "10")
    body = {"amount": "10", "currency": "USD", "payout_method_id": await bank.account(other)}
    paid = await market.done(other, "withdrawals", body=body)
    await market.done(debtor.staff, f"withdrawals/{paid['id']}", "approve")
    where, batch = await debtor.gathered("400")
    assert (await market.read(debtor.staff, batch))["total_amount"] == "410.00"
    await debtor.refunded()
    submitted = await market.done(debtor.staff, batch, "submit")
    assert (submitted["total_amount"], submitted["withdrawal_count"]) == ("10.00", 1)
    left = await market.read(debtor.who, where)
    assert (left["status"], left["available_actions"]) == ("approved", ["cancel"])
    await bank.until(other, f"withdrawals/{paid['id']}", status="paid")
    await bank.until(debtor.staff, batch, status="settled")
    # 50 were earned and 450 were to go back.
    assert await debtor.wallet() == {"withdrawing": 400, "debt": 400}


async def test_a_withdrawal_of_who_owes_is_not_approved(debtor: Debtor) -> None:
    market = debtor.deal.market
    where = await debtor.withdrawal("100")
    await debtor.trust.app.as_owner(
        "INSERT INTO ledger_accounts (kind, user_id, currency, balance)"
        f" VALUES ('debt', '{debtor.who.id}', 'EUR', -1)"
    )
    assert await market.actions(debtor.staff, where) == ["cancel"]
    assert "owes" in refused(await market.act(debtor.staff, where, "approve"), 409)["message"]
    await debtor.trust.app.as_owner("UPDATE ledger_accounts SET balance = 0 WHERE kind = 'debt'")


async def test_who_owes_pays_nothing_from_the_wallet(debtor: Debtor) -> None:
    market, friend = debtor.deal.market, await debtor.trust.app.person("Fritz")
    contract = await market.contract(debtor.who, friend, ["100"])
    [milestone] = await market.milestones(debtor.who, contract)
    held = f"milestones/{milestone['id']}"
    order = await market.order(debtor.who, await market.gig(friend, price="50"))
    await debtor.trust.app.as_owner(
        "INSERT INTO ledger_accounts (kind, user_id, currency, balance)"
        f" VALUES ('debt', '{debtor.who.id}', 'EUR', -1)"
    )
    for path, action in ((held, "fund"), (f"contracts/{order['id']}", "pay")):
        answer = await market.act(debtor.who, path, action, {"wallet": True})
        assert "you owe" in refused(answer, 409)["message"], path
        # By card it is paid all the same.
        assert action in await market.actions(debtor.who, path)
        body = {"payment_method_id": await debtor.bank.card(debtor.who)}
        assert (await market.act(debtor.who, path, action, body)).status == 202
    await debtor.bank.until(debtor.who, held, status="in_progress")
    await debtor.trust.app.as_owner("UPDATE ledger_accounts SET balance = 0 WHERE kind = 'debt'")


@pytest.mark.parametrize("token", ["acct_failed", "acct_returned"])
async def test_what_a_provider_gives_back_pays_the_debt(debtor: Debtor, token: str) -> None:
    market, bank = debtor.deal.market, debtor.bank
    body = {"amount": "450", "currency": "USD"}
    body["payout_method_id"] = await bank.account(debtor.who, token)
    made = await market.done(debtor.who, "withdrawals", body=body)
    where = f"withdrawals/{made['id']}"
    await market.done(debtor.staff, where, "approve")
    batch = await market.done(debtor.staff, "payout-batches", body={"currency": "USD"})
    # It is on its way before anybody owes.
    await market.done(debtor.staff, f"payout-batches/{batch['id']}", "submit")
    await debtor.refunded("400")
    await market.clock(seconds=2)
    await bank.until(debtor.who, where, status=token.removeprefix("acct_"))
    assert await debtor.wallet() == {"earned": 90}
