"""What happens to money in a room, in steps of one line, and balances by name."""

import datetime as dt
from decimal import Decimal
from uuid import UUID, uuid4

from storage.ledger.accounts import (
    Kind,
    Line,
    debt,
    earned,
    escrow,
    for_deposit,
    for_refund,
    for_release,
    pending,
    platform,
    wallet,
)
from storage.ledger.postings.deposits import Deposit, deposit
from storage.ledger.postings.holding import Released, Share, fund, release
from storage.ledger.postings.releases import (
    ExternalPayment,
    Refund,
    clear,
    external,
    refund,
)
from tests.integration.ledger.room import Room


class Books(Room):
    """Moves of money, each written at once."""

    async def top_up(
        self, amount: object, fee: object = 0, user: UUID | None = None, *, pays_debt: bool = True
    ) -> UUID:
        """A captured deposit, Anna's unless it is told whose."""
        user = user or self.anna
        captured = Deposit(
            await self.deposit_row(user, amount),
            user,
            "local",
            str(uuid4()),
            Decimal(str(amount)),
            Decimal(str(fee)),
            self.currency,
        )
        async with self.ledger(*for_deposit(user, self.currency)) as ledger:
            deposit(ledger, captured, pays_debt=pays_debt)
        return captured.id

    async def fund(self, amount: object, number: int = 0, first: UUID | None = None) -> None:
        """Hold money of Anna's for a milestone."""
        accounts = [
            escrow(self.contract, self.currency),
            *wallet(self.anna, self.currency),
        ]
        async with self.ledger(*accounts) as ledger:
            fund(ledger, self.held(number), Decimal(str(amount)), first=first)

    async def release(
        self, gross: object, fee: object, number: int = 0, user: UUID | None = None
    ) -> Released:
        """Release held money, to Ben by default."""
        share = Share(user or self.ben, Decimal(str(gross)), Decimal(str(fee)))
        return await self.release_shares([share], number)

    async def release_shares(self, shares: list[Share], number: int = 0) -> Released:
        """Release held money to several."""
        users = [share.user_id for share in shares]
        async with self.ledger(*for_release(self.contract, users, self.currency)) as ledger:
            clears_at = self.now + dt.timedelta(days=5)
            return release(ledger, self.held(number), shares, clears_at)

    async def clear(self, release_id: UUID, user: UUID | None = None) -> None:
        """Let a release clear, as its timer does."""
        user = user or self.ben
        accounts = (pending(user, self.currency), debt(user, self.currency),
                    earned(user, self.currency))  # fmt: skip
        async with self.ledger(*accounts, releases=[release_id]) as ledger:
            clear(ledger, release_id)
            await self.status(release_id, "cleared")

    async def owe(self, user: UUID, amount: object) -> None:
        """Make somebody owe something, as a lost chargeback does."""
        accounts = [debt(user, self.currency), platform(Kind.ADJUSTMENT, self.currency)]
        async with self.ledger(*accounts) as ledger:
            owed = Decimal(str(amount))
            lines = [Line(accounts[0], -owed), Line(accounts[1], owed)]
            ledger.book(f"test:{uuid4()}", "test", lines)

    async def earn(self, user: UUID, amount: object) -> None:
        """Let somebody earn something on another platform, that has cleared."""
        kept = Decimal(0)
        release_id, job = uuid4(), await self.external_job(user)
        paid = ExternalPayment(
            *(release_id, job, user, "upwork", str(uuid4())),
            *(Decimal(str(amount)), kept, kept, self.currency),
        )
        fee, cash = platform(Kind.FEE, self.currency), platform(Kind.CASH, self.currency)
        async with self.ledger(fee, cash, pending(user, self.currency)) as ledger:
            external(ledger, paid, self.now)
        await self.clear(release_id, user)

    async def refund(
        self,
        release_id: UUID,
        amount: object,
        user: UUID | None = None,
        *,
        beyond_earned: bool = False,
    ) -> None:
        """Give Anna a part of a release back, by default one to Ben."""
        accounts = for_refund(self.anna, user or self.ben, self.currency)
        asked = Refund(uuid4(), release_id, Decimal(str(amount)))
        async with self.ledger(*accounts, releases=[release_id]) as ledger:
            refund(ledger, asked, beyond_earned=beyond_earned)


def amounts(**given: object) -> dict[str, Decimal]:
    """Balances as `Books.balances` names them: `W_A` for W(A)."""
    found = {}
    for name, amount in given.items():
        kind, _, owner = name.partition("_")
        found[f"{kind}({owner})" if owner else kind] = Decimal(str(amount))
    return found
