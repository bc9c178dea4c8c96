"""A marketplace at hand: people who offer, order and pay, over HTTP as a client would."""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

import orjson
import pytest

from storage.database.ids import new_id
from storage.database.write_steps import insert
from storage.ledger.accounts import for_deposit
from storage.ledger.booking import Ledger
from storage.ledger.postings.deposits import Deposit, deposit
from tests.app import Answer, Person, Serve, Served

Json = dict[str, Any]

_FRESH = {"jobs": "client", "contracts": "client", "gigs": "freelancer"}
"""An expansion of each resource that has copies."""


class Requests:
    """What people ask of the marketplace."""

    def __init__(self, app: Served) -> None:
        self.app = app
        self.pool: Any = app.app.core.foundation.pool
        self._category: str | None = None

    async def act(
        self, person: Person, path: str, action: str = "", body: Json | None = None, **options: Any
    ) -> Answer:
        """`POST /v1/{path}/{action}`, with a fresh Idempotency-Key unless `headers` has one."""
        options["headers"] = {"Idempotency-Key": str(uuid4()), **options.get("headers", {})}
        where = f"/v1/{path}/{action}" if action else f"/v1/{path}"
        return await self.app.http("POST", where, person, {} if body is None else body, **options)

    async def done(
        self, person: Person, path: str, action: str = "", body: Json | None = None, **options: Any
    ) -> Json:
        """As `act`, of what succeeds: the row that is answered."""
        answer = await self.act(person, path, action, body, **options)
        assert answer.status in {200, 201}, answer.body
        row: Json = answer.body
        return row

    async def read(self, person: Person, path: str) -> Json:
        """`GET /v1/{path}`: the row, or the page, that is answered.

        Rows are read as they are now: one with an expansion is never a copy, and copies of rows
        that a transition moves besides its own are dropped a moment later.
        """
        resource = path.partition("/")[0]
        if "?" not in path and resource in _FRESH:
            path = f"{path}?expand={_FRESH[resource]}"
        answer = await self.app.http("GET", f"/v1/{path}", person)
        assert answer.status == 200, answer.body
        found: Json = answer.body
        return found

    async def rows(self, person: Person, path: str) -> list[Json]:
        """The rows of `GET /v1/{path}`."""
        found: list[Json] = (await self.read(person, path))["data"]
        return found

    async def actions(self, person: Person, path: str) -> list[str]:
        """What somebody may do with a row."""
        found: list[str] = (await self.read(person, path))["available_actions"]
        return found

    async def change(self, person: Person, path: str, **values: Any) -> Answer:
        """`PATCH /v1/{path}`, whatever the version is."""
        headers = {"If-Match": "*"}
        return await self.app.http("PATCH", f"/v1/{path}", person, values, headers=headers)


class Market(Requests):
    """Listings, contracts and money, each made by the requests that people make."""

    async def category(self) -> str:
        """A category for listings."""
        if self._category is None:
            statement = "INSERT INTO categories (name, slug) VALUES ('Films', $1) RETURNING id"
            self._category = str(await self.pool.fetchval(statement, f"films-{uuid4()}"))
        return self._category

    async def gig(
        self, owner: Person, *, price: str = "100", publish: bool = True, **more: Any
    ) -> Json:
        """A gig with a basic package, which is public."""
        described = {
            "title": "A short film",
            "slug": f"a-short-film-{uuid4()}",
            "description": "Two minutes, cut and graded.",
            "category_id": await self.category(),
        }
        gig = await self.done(owner, "gigs", body=described | more)
        await self.package(owner, gig, price=price)
        if not publish:
            return gig
        return await self.done(owner, f"gigs/{gig['id']}", "publish")

    async def package(self, owner: Person, gig: Json, **more: Any) -> Json:
        """A package of a gig."""
        body = {"gig_id": gig["id"], "tier": "basic", "price": "100", "delivery_days": 3}
        return await self.done(owner, "gig-packages", body=body | {"revisions": 1} | more)

    async def order(self, client: Person, gig: Json, **more: Any) -> Json:
        """The contract of an order of the gig's first package."""
        packages = await self.rows(client, f"gig-packages?gig_id={gig['id']}")
        body = {"package_id": packages[0]["id"], **more}
        return await self.done(client, f"gigs/{gig['id']}", "order", body)

    async def job(self, client: Person, *, publish: bool = True, **more: Any) -> Json:
        """A job that freelancers can bid on."""
        described = {
            "title": "Film our opening",
            "description": "One evening, two cameras.",
            "category_id": await self.category(),
        }
        job = await self.done(client, "jobs", body=described | more)
        return await self.done(client, f"jobs/{job['id']}", "publish") if publish else job

    async def proposal(
        self, job: Json, freelancer: Person, *, amount: str = "1000", **more: Any
    ) -> Json:
        """What a freelancer offers for a job."""
        body = {"job_id": job["id"], "cover_letter": "I have two cameras.", "amount": amount}
        return await self.done(freelancer, "proposals", body=body | more)

    # Contracts.

    async def accepted(self, client: Person, proposal: Json) -> Json:
        """The contract that begins with a proposal, which waits for the freelancer."""
        headers = {"If-Match": f'"{proposal["version"]}"'}
        return await self.done(client, f"proposals/{proposal['id']}", "accept", headers=headers)

    async def contract(
        self,
        client: Person,
        freelancer: Person,
        amounts: Sequence[str] = ("1000",),
        *,
        currency: str = "USD",
        **more: Any,
    ) -> Json:
        """A contract for a job that is active, with a milestone of each amount."""
        job = await self.job(client, currency=currency)
        plan = [{"title": f"Part {n}", "amount": amount} for n, amount in enumerate(amounts, 1)]
        total = str(sum(map(Decimal, amounts)))
        proposal = await self.proposal(job, freelancer, amount=total, milestones=plan, **more)
        contract = await self.accepted(client, proposal)
        return await self.done(freelancer, f"contracts/{contract['id']}", "accept")

    async def milestones(self, person: Person, contract: Json) -> list[Json]:
        """The milestones of a contract, in their order."""
        return await self.rows(person, f"milestones?contract_id={contract['id']}&sort=seq")

    # Money and time.

    async def fund(self, person: Person, amount: str, currency: str = "USD") -> None:
        """Put money into somebody's wallet, as a captured deposit without a fee."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL ROLE parley_service")
            now = await connection.fetchval("SELECT workflow_now()")
            ledger = Ledger(connection, now)
            await ledger.open(for_deposit(person.id, currency))
            captured = Deposit(
                new_id(),
                person.id,
                "local",
                f"test-{uuid4()}",
                Decimal(amount),
                Decimal(0),
                currency,
            )
            row = {
                "id": captured.id,
                "user_id": person.id,
                "provider": captured.provider,
                "provider_reference": captured.reference,
                "method": "card",
                "amount": captured.amount,
                "currency": currency,
                "status": "pending",
                "created_at": now,
                "updated_at": now,
            }
            deposit(ledger, captured, pays_debt=True)
            settled = [
                {"do": "update", "table": "deposits", "id": captured.id, "set": {"status": status}}
                for status in ("processing", "captured")
            ]
            steps = [insert("deposits", row), *ledger.steps, *settled]
            text = orjson.dumps(steps, default=str, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
            await connection.execute(
                "SELECT workflow_write($1::text::jsonb, $2)", text.decode(), now
            )

    async def wallet(self, person: Person, currency: str = "USD") -> Json:
        """What somebody has in a currency, by the amounts that are not zero."""
        record = await self.pool.fetchrow(
            "SELECT funded, earned, pending, frozen, withdrawing, debt FROM wallets"
            " WHERE user_id = $1 AND currency = $2",
            person.id,
            currency,
        )
        return {name: amount for name, amount in (record or {}).items() if amount}

    async def clock(self, **ahead: float) -> None:
        """Move the clock of workflows, as `timedelta` spells it."""
        await self.app.as_owner(
            "UPDATE workflow_clock SET ahead = ahead"
            f" + make_interval(secs => {dt.timedelta(**ahead).total_seconds()})"
        )

    async def history(self, machine: str, key: str) -> list[str]:
        """The states that a row has had, in order."""
        records = await self.pool.fetch(
            "SELECT to_status FROM status_history WHERE entity_type = $1 AND entity_id = $2::uuid"
            " ORDER BY id",
            machine,
            key,
        )
        return [record["to_status"] for record in records]

    async def told(self, contract: Json) -> list[Json]:
        """The system messages of a contract's conversation, in order."""
        records = await self.pool.fetch(
            "SELECT system FROM messages WHERE type = 'system' AND conversation_id = $1::uuid"
            " ORDER BY seq",
            contract["conversation_id"],
        )
        return [orjson.loads(record["system"]) for record in records]

    async def said(self, contract: Json) -> list[str]:
        """The actions that a contract's conversation tells of."""
        return [system["action"] for system in await self.told(contract)]


@pytest.fixture
async def app(serve: Serve) -> AsyncIterator[Served]:
    """The app. Its own poller looks for timers once, and then only when a test says so."""
    async with serve(timers_poll_s=3600) as served:
        yield served


@pytest.fixture
async def market(app: Served) -> Market:
    """The marketplace of the app at hand."""
    return Market(app)
