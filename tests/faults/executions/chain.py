"""Twenty-five transitions of mixed kinds between two people, and all that they leave behind."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import asyncpg

from tests.app import Person
from tests.integration.transitions.conftest import Json
from tests.integration.transitions.contracts.conftest import Deal
from tests.integration.transitions.contracts.test_ends import share

STEPS = 25
Send = Callable[[Person, str, Json, dict[str, str]], Awaitable[Json]]
"""Asks for something, by a path and a body with these headers, until it is answered."""


class Left(NamedTuple):
    """What a chain leaves behind: the same of each."""

    history: Counter[tuple[Any, ...]]
    journals: Counter[str]
    said: list[str]
    wallets: list[tuple[Any, ...]]


class Chain:
    """Two people with a contract of 300 and 700, and more money than that."""

    def __init__(self, deal: Deal, category: str) -> None:
        self.client, self.freelancer = deal.client, deal.freelancer
        self._deal = deal
        self._category = category
        self._asked = 0

    async def play(self, send: Send, connection: "asyncpg.Pool[asyncpg.Record]") -> None:
        """From the first offer of a change to the next contract; each request has its key."""
        client, freelancer = self.client, self.freelancer
        first, second = (f"milestones/{part}" for part in self._deal.parts)
        parts, contract = self._deal.parts, {"contract_id": self._deal.id}

        async def ask(person: Person, path: str, **body: Any) -> Json:
            self._asked += 1
            headers = {"Idempotency-Key": f"{self._deal.id}:{self._asked}"}
            headers |= body.pop("headers", {})
            return await send(person, path, body, headers)

        changes = [{"milestone_id": parts[1], "amount": "600"}]
        change = await ask(
            client, "contract-amendments", **contract, reason="Less", milestones=changes
        )
        await ask(freelancer, f"contract-amendments/{change['id']}/decline")
        await ask(client, f"{first}/fund", wallet=True)
        split = [share(parts[0], "300", "0")]
        end = await ask(client, "contract-cancellations", **contract, reason="Rain", split=split)
        await ask(client, f"contract-cancellations/{end['id']}/withdraw")
        await ask(freelancer, f"{first}/submit", description="Here it is.")
        await ask(client, f"{first}/request-revision", notes="The sound.")
        await ask(freelancer, f"{first}/submit", description="With sound.")
        await ask(client, f"{first}/approve")
        found = "SELECT id::text FROM releases WHERE milestone_id = $1::uuid"
        release = await connection.fetchval(found, parts[0])
        refund = await ask(client, "refunds", release_id=release, amount="100", reason="Noise")
        await ask(freelancer, f"refunds/{refund['id']}/approve")
        await ask(client, f"{second}/fund", wallet=True)
        await ask(freelancer, f"{second}/submit", description="The rest.")
        await self._disputed(ask, _splitter(parts[1], release))
        await ask(client, f"contracts/{self._deal.id}/tip", amount="20")
        await self._goes_on(ask)
        assert self._asked == STEPS

    async def _disputed(self, ask: Any, split: Callable[[int], list[Json]]) -> None:
        client, freelancer = self.client, self.freelancer
        about = {"type": "quality", "title": "No sound", "description": "Half has none."}
        about |= {"contract_id": self._deal.id}
        dispute = (await ask(client, "disputes", **about, split=split(0)))["id"]
        path = f"disputes/{dispute}/respond"
        await ask(freelancer, path, answer="As agreed.", split=split(100))
        offered = {"dispute_id": dispute, "split": split(50)}
        offer = await ask(freelancer, "dispute-offers", **offered)
        await ask(client, f"dispute-offers/{offer['id']}/decline")
        offer = await ask(freelancer, "dispute-offers", **offered)
        await ask(client, f"dispute-offers/{offer['id']}/accept")

    async def _goes_on(self, ask: Any) -> None:
        client, freelancer = self.client, self.freelancer
        described = {"title": "Film our opening", "description": "One evening."}
        job = await ask(client, "jobs", **described, category_id=self._category)
        await ask(client, f"jobs/{job['id']}/publish")
        offered = {"job_id": job["id"], "cover_letter": "Two cameras.", "amount": "500"}
        proposal = await ask(freelancer, "proposals", **offered)
        listed = await ask(client, f"proposals/{proposal['id']}/shortlist")
        match = {"If-Match": f'"{listed["version"]}"'}
        await ask(client, f"proposals/{proposal['id']}/accept", headers=match)

    async def left(self, pool: "asyncpg.Pool[asyncpg.Record]") -> Left:
        """What is there of it now."""
        people = [self.client.id, self.freelancer.id]
        history = await pool.fetch(
            "SELECT entity_type, action, from_status, to_status FROM status_history"
            " WHERE actor_id = ANY ($1)", people,
        )  # fmt: skip
        journals = await pool.fetch(
            "SELECT split_part(j.business_key, ':', 1) AS kind FROM journals j"
            " WHERE EXISTS (SELECT FROM journal_lines l"
            "   JOIN ledger_accounts a ON a.id = l.account_id"
            "   WHERE l.journal_id = j.id AND a.user_id = ANY ($1))", people,
        )  # fmt: skip
        said = await pool.fetch(
            "SELECT m.system::jsonb ->> 'action' AS action FROM messages m"
            " JOIN contracts c ON c.conversation_id = m.conversation_id"
            " WHERE c.id = $1::uuid AND m.type = 'system' ORDER BY m.seq", self._deal.id,
        )  # fmt: skip
        wallets = await pool.fetch(
            "SELECT funded, earned, pending, debt FROM wallets WHERE user_id = ANY ($1)"
            " ORDER BY array_position($1, user_id)", people,
        )  # fmt: skip
        return Left(
            Counter(tuple(row) for row in history),
            Counter(row["kind"] for row in journals),
            [row["action"] for row in said],
            [tuple(row) for row in wallets],
        )


def _splitter(milestone: str, release: str) -> Callable[[int], list[Json]]:
    """So many percent for the freelancer of the 700 held and of the 200 that are left."""

    def split(percent: int) -> list[Json]:
        amounts = (
            (f"{700 - 7 * percent}", f"{7 * percent}"),
            (f"{200 - 2 * percent}", f"{2 * percent}"),
        )
        held, released = amounts
        return [
            share(milestone, *held),
            {
                "release_id": release,
                "client_amount": released[0],
                "freelancer_amount": released[1],
            },
        ]

    return split
