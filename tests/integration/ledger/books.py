"""A contract with its people, and the ledger as an execution uses it: opened, booked, written."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Iterable
from decimal import Decimal
from uuid import UUID, uuid4

import asyncpg
import orjson

from storage.workflows.accounts import (
    Account,
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
from storage.workflows.ledger import Ledger
from storage.workflows.ledger_check import find
from storage.workflows.postings.deposits import Deposit, deposit
from storage.workflows.postings.holding import Held, Released, Share, fund, release
from storage.workflows.postings.releases import (
    ExternalPayment,
    Refund,
    clear,
    external,
    refund,
)
from storage.workflows.postings.sharing import Member
from storage.workflows.steps import Step


class Books:
    """Anna, who pays, and Ben and Carl, who work; a contract in one currency with milestones."""

    def __init__(self, connection: asyncpg.Connection, currency: str = "USD") -> None:
        self.connection = connection
        self.currency = currency
        self.anna, self.ben, self.carl = uuid4(), uuid4(), uuid4()
        self.contract = uuid4()
        self.milestones: list[UUID] = []
        self.now = dt.datetime.now(dt.UTC).replace(microsecond=0)

    async def make(self, amounts: Iterable[int] = (300, 200, 500)) -> "Books":
        """Put the people and the contract into the database."""
        gig, category = uuid4(), uuid4()
        await self.connection.execute("set session_replication_role = replica")
        for user_id in (self.anna, self.ben, self.carl):
            await self.connection.execute(
                "insert into users (id, display_name, kind) values ($1, 'x', 'both')", user_id
            )
        await self.connection.execute(
            "insert into gigs (id, freelancer_id, title, slug, description, category_id, currency)"
            " values ($1, $2, 'x', $3, 'x', $4, $5)",
            *(gig, self.ben, str(gig), category, self.currency),
        )
        amounts = list(amounts)
        await self.connection.execute(
            "insert into contracts (id, gig_id, client_id, freelancer_id, title, total_amount,"
            " currency, status) values ($1, $2, $3, $4, 'x', $5, $6, 'active')",
            *(self.contract, gig, self.anna, self.ben, sum(amounts), self.currency),
        )
        for seq, amount in enumerate(amounts, 1):
            milestone = uuid4()
            await self.connection.execute(
                "insert into milestones (id, contract_id, seq, title, amount)"
                " values ($1, $2, $3, 'x', $4)",
                *(milestone, self.contract, seq, amount),
            )
            self.milestones.append(milestone)
        await self.connection.execute("set session_replication_role = origin")
        return self

    @contextlib.asynccontextmanager
    async def ledger(
        self, *accounts: Account, releases: Iterable[UUID] = ()
    ) -> AsyncIterator[Ledger]:
        """A ledger with these accounts open; what is booked is written at the end."""
        async with self.connection.transaction():
            await self.connection.execute("set local role parley_service")
            ledger = Ledger(self.connection, self.now)
            await ledger.open(accounts, releases=releases)
            yield ledger
            await self.write(ledger.steps)

    async def write(self, steps: list[Step]) -> None:
        """Write steps as an execution does."""
        await self.connection.execute(
            "select workflow_write($1, $2)", orjson.dumps(steps, default=str).decode(), self.now
        )

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

    async def deposit_row(self, user: UUID, amount: object) -> UUID:
        """The row of a deposit; one that is made later has the higher id."""
        self.made = getattr(self, "made", 0) + 1
        deposit_id = UUID(int=(self.made << 64) | 0x7 << 76 | uuid4().int & 0xFFFFFFFF | 2 << 62)
        await self.connection.execute(
            "insert into deposits (id, user_id, provider, method, amount, currency, status,"
            " created_at, updated_at) values ($1, $2, 'local', 'card', $3, $4, 'pending', $5, $5)",
            *(deposit_id, user, Decimal(str(amount)), self.currency, self.now),
        )
        return deposit_id

    def held(self, number: int = 0) -> Held:
        """A milestone of the contract, the first by default."""
        return Held(
            self.milestones[number], self.contract, self.anna, self.ben, self.currency, self.anna
        )

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

    async def status(self, release_id: UUID, status: str) -> None:
        """Set the status of a release, as its machine does."""
        await self.connection.execute(
            "update releases set status = $2 where id = $1", release_id, status
        )

    async def team(self, *shares: tuple[UUID, int]) -> list[Member]:
        """Accepted members of the contract, in the order of their ids."""
        members = [Member(UUID(int=n + 1), *share) for n, share in enumerate(shares)]
        async with self.connection.transaction():
            for member in members:
                await self.connection.execute(
                    "insert into contract_members (id, contract_id, user_id, share_bp)"
                    " values ($1, $2, $3, $4)",
                    *(member.id, self.contract, member.user_id, member.share_bp),
                )
        return members

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

    async def external_job(self, user: UUID) -> UUID:
        """A job of another platform."""
        job: UUID = await self.connection.fetchval(
            "insert into jobs (client_id, platform, external_job_id, title, description, status)"
            " values ($1, 'upwork', $2, 'x', 'x', 'pending') returning id",
            *(user, str(uuid4())),
        )
        return job

    async def refund(
        self, release_id: UUID, amount: object, *, beyond_earned: bool = False
    ) -> None:
        """Give Anna a part of a release to Ben back."""
        accounts = for_refund(self.anna, self.ben, self.currency)
        asked = Refund(uuid4(), release_id, Decimal(str(amount)))
        async with self.ledger(*accounts, releases=[release_id]) as ledger:
            refund(ledger, asked, beyond_earned=beyond_earned)

    async def balances(self) -> dict[str, Decimal]:
        """What each account has by its lines: by kind, and the first letter of who has it."""
        names = {self.anna: "A", self.ben: "B", self.carl: "C", self.contract: "E"}
        short = {"wallet_funded": "W", "wallet_earned": "earned", "pending": "P",
                 "withdrawing": "X", "debt": "D", "escrow": "E"}  # fmt: skip
        rows = await self.connection.fetch(
            "select a.kind, coalesce(a.user_id, a.contract_id) as owner, sum(l.amount) as amount"
            " from ledger_accounts a join journal_lines l on l.account_id = a.id"
            " group by a.id having sum(l.amount) <> 0"
        )
        return {
            row["kind"].upper()
            if row["owner"] is None
            else "E"
            if row["kind"] == "escrow"
            else f"{short[row['kind']]}({names[row['owner']]})": row["amount"]
            for row in rows
        }

    async def lots(self, account: Account) -> list[tuple[UUID | None, Decimal]]:
        """The lots of an account, by deposit; what was earned comes last."""
        rows = await self.connection.fetch(
            "select l.deposit_id, l.amount from ledger_lots l"
            " join ledger_accounts a on a.id = l.account_id"
            " where a.kind = $1 and coalesce(a.user_id, a.contract_id) = $2 and a.currency = $3"
            " order by l.deposit_id nulls last",
            *account,
        )
        return [(row["deposit_id"], row["amount"]) for row in rows]

    async def findings(self, days: int = 0) -> list[str]:
        """What the check finds, after so many days."""
        found = await find(self.connection, self.now + dt.timedelta(days=days))
        return [f"{finding.check}: {finding.text}" for finding in found]


def amounts(**given: object) -> dict[str, Decimal]:
    """Balances as `Books.balances` names them: `W_A` for W(A)."""
    found = {}
    for name, amount in given.items():
        kind, _, owner = name.partition("_")
        found[f"{kind}({owner})" if owner else kind] = Decimal(str(amount))
    return found
