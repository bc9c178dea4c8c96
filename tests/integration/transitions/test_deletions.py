"""What is deleted is locked in the order of executions, so that neither waits for the other."""

import asyncio
from uuid import UUID

from tests.integration.transitions.conftest import Market

LATER = "SELECT FROM {} WHERE id = $1 FOR KEY SHARE"
"""As a new row that refers to it locks it."""


async def deleted(market: Market, owner, path: str, first: str, key: UUID, table: str) -> None:
    """A row is deleted while somebody who has the first lock goes on to the row itself."""
    async with market.pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute(first, key)
            deleting = asyncio.create_task(market.app.http("DELETE", path, owner))
            await asyncio.wait([deleting], timeout=0.5)
            # It waits for the first lock, and has no other yet.
            await connection.execute("SET LOCAL lock_timeout = '100ms'")
            await connection.execute(LATER.format(table), UUID(path.rsplit("/", 1)[1]))
        assert (await deleting).status == 204


async def test_a_payout_method_waits_for_its_owner_s_affairs(market):
    ada = await market.app.person("Ada")
    body = {"provider_account_token": "acct_ok-1", "type": "bank_transfer"}
    made = await market.done(ada, "payout-methods", body=body)
    first = "SELECT FROM user_private WHERE user_id = $1 FOR NO KEY UPDATE"
    await deleted(market, ada, f"/v1/payout-methods/{made['id']}", first, ada.id, "payout_methods")


async def test_a_package_waits_for_its_gig(market):
    owner = await market.app.person("Ada")
    gig = await market.gig(owner)
    (package,) = await market.rows(owner, f"gig-packages?gig_id={gig['id']}")
    await market.done(owner, f"gigs/{gig['id']}", "pause")
    first = "SELECT FROM gigs WHERE id = $1 FOR NO KEY UPDATE"
    path = f"/v1/gig-packages/{package['id']}"
    await deleted(market, owner, path, first, UUID(gig["id"]), "gig_packages")
