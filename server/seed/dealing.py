"""What people do with each other, a step each: jobs that are awarded, orders, parts of work."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from server.seed.acting import Acting, Json

CURRENCY = "USD"


class Deal(NamedTuple):
    """A contract, its parties, and the ids of its milestones in their order."""

    contract: str
    client: UUID
    freelancer: UUID
    parts: Sequence[str]

    def split(self, part: int, client: str, freelancer: str) -> Json:
        """How one would divide what is held for a part."""
        amounts = {"client_amount": client, "freelancer_amount": freelancer}
        return {"milestone_id": self.parts[part], **amounts}


class Dealing:
    """Deals of the sample people. Raises `RequestError` as `Acting` does."""

    def __init__(self, acting: Acting, category: UUID) -> None:
        self.acting = acting
        self._category = category

    async def hired(
        self, client: UUID, freelancer: UUID, title: str, *amounts: str, accepts: bool = True
    ) -> Deal:
        """A contract for a job, of which the freelancer was the only one to offer anything."""
        act = self.acting.act
        job = await self.acting.make(
            client,
            "jobs",
            title=title,
            description="As we have talked about.",
            category_id=self._category,
        )
        await act(client, "jobs", job["id"], "publish")
        plan = [
            {"title": f"{title}, part {number}", "amount": amount}
            for number, amount in enumerate(amounts, 1)
        ]
        proposal = await self.acting.make(
            freelancer,
            "proposals",
            job_id=UUID(job["id"]),
            cover_letter="I have time for it.",
            amount=sum(map(Decimal, amounts)),
            milestones=plan,
            revisions=2,
            timeline_days=14,
        )
        contract = await act(client, "proposals", proposal["id"], "accept")
        if accepts:
            await act(freelancer, "contracts", contract["id"], "accept")
        return await self._deal(contract)

    async def ordered(self, client: UUID, gig: UUID, package: UUID) -> Deal:
        """An order that waits to be paid for."""
        body = {"package_id": str(package)}
        return await self._deal(await self.acting.act(client, "gigs", str(gig), "order", **body))

    async def paid(self, deal: Deal) -> Deal:
        """An order is paid from the wallet."""
        await self.acting.act(deal.client, "contracts", deal.contract, "pay", wallet=True)
        return deal

    async def funded(self, deal: Deal, part: int = 0) -> None:
        """A part is funded from the wallet."""
        await self.on_part(deal.client, deal, part, "fund", wallet=True)

    async def handed_in(self, deal: Deal, part: int = 0) -> None:
        """A part is handed in."""
        await self.on_part(deal.freelancer, deal, part, "submit", description="It is all there.")

    async def approved(self, deal: Deal, part: int = 0) -> None:
        """A part is approved: its money is released."""
        await self.on_part(deal.client, deal, part, "approve", feedback="Thank you.")

    async def on_part(self, person: UUID, deal: Deal, part: int, action: str, **body: Any) -> None:
        """Any action on a part."""
        await self.acting.act(person, "milestones", deal.parts[part], action, **body)

    async def reviewed(self, person: UUID, deal: Deal, stars: int, comment: str) -> None:
        """One party writes what they think of the other."""
        await self.acting.make(
            person,
            "reviews",
            contract_id=UUID(deal.contract),
            overall_rating=stars,
            comment=comment,
        )

    async def _deal(self, contract: Json) -> Deal:
        parts = await self.acting.ids("milestones", UUID(contract["id"]))
        client, freelancer = UUID(contract["client_id"]), UUID(contract["freelancer_id"])
        return Deal(contract["id"], client, freelancer, parts)
