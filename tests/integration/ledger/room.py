"""A contract with its people, and the ledger as an execution uses it: opened, booked, written."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Iterable
from decimal import Decimal
from typing import Self
from uuid import UUID, uuid4

import asyncpg
import orjson

from storage.database.write_steps import Step
from storage.ledger.accounts import (
    Account,
)
from storage.ledger.booking import Ledger
from storage.ledger.checking import find
from storage.ledger.postings.holding import Held
from storage.ledger.postings.sharing import Member


class Room:
    """Anna, who pays, and Ben and Carl, who work; a contract in one currency with milestones."""

    def __init__(self, connection: asyncpg.Connection, currency: str = "USD") -> None:
        self.connection = connection
        self.currency = currency
        # Of equal remainders the lower id has the unit that is left over.
        self.anna, self.ben, self.carl = sorted(uuid4() for _ in range(3))
        self.contract = uuid4()
        self.milestones: list[UUID] = []
        self.now = dt.datetime.now(dt.UTC).replace(microsecond=0)

    async def make(self, amounts: Iterable[int] = (300, 200, 500)) -> Self:
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

    async def external_job(self, user: UUID) -> UUID:
        """A job of another platform."""
        job: UUID = await self.connection.fetchval(
            "insert into jobs (client_id, platform, external_job_id, title, description, status)"
            " values ($1, 'upwork', $2, 'x', 'x', 'pending') returning id",
            *(user, str(uuid4())),
        )
        return job

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
