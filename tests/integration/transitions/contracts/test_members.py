"""Teams: who is invited for a share, and what each gets of what is paid."""

import pytest

from tests.app import Person
from tests.integration.transitions.contracts.conftest import Deal, Deals, deal_of
from tests.integration.transitions.contracts.test_milestones import money


async def invited(deals: Deals, deal: Deal, person: Person, share: int) -> str:
    """Somebody is invited; the path of the member."""
    body = {"contract_id": deal.id, "user_id": str(person.id), "share_bp": share, "role": "editor"}
    member = await deals.done(deal.freelancer, "contract-members", body=body)
    assert member["status"] == "invited"
    return f"contract-members/{member['id']}"


async def test_a_team_shares_what_is_released(deals: Deals, deal: Deal) -> None:
    editor, other = await deals.app.people("Eve", "Otto")
    where = await invited(deals, deal, editor, 3333)
    assert (await deals.act(deal.client, where, "accept")).status == 403
    assert (await deals.act(other, where, "accept")).status == 404
    # Who is only invited has no share yet.
    await deal.paid(1)
    assert await deals.wallet(editor) == {}
    assert await deals.wallet(deal.freelancer) == money(pending="270")
    assert await deals.actions(editor, where) == ["accept", "decline"]
    assert (await deals.done(editor, where, "accept"))["status"] == "accepted"
    await deal.paid(2)
    # The net of 630 by 3333 and 6667, the fee of 70 alike.
    assert await deals.wallet(editor) == money(pending="209.98")
    assert await deals.wallet(deal.freelancer) == money(pending="690.02")
    rows = await deals.rows(deal.client, f"releases?milestone_id={deal.parts[1]}")
    assert sorted((r["gross"], r["fee"]) for r in rows) == [
        ("233.31", "23.33"), ("466.69", "46.67"),
    ]  # fmt: skip
    assert await deal.status() == "completed"


async def test_that_the_lead_has_another_share_is_told(deals: Deals, deal: Deal) -> None:
    (editor,) = await deals.app.people("Eve")
    where = await invited(deals, deal, editor, 3000)
    wire = await deals.app.connect(deal.freelancer)
    await deals.done(editor, where, "accept")
    told = (await wire.expect("contract_member.changed"))["d"]
    lead = await deals.read(deal.freelancer, f"contract-members/{told['id']}")
    assert (lead["user_id"], lead["share_bp"]) == (str(deal.freelancer.id), 7000)
    assert (told["action"], told["version"]) == ("change", lead["version"])
    await deals.done(editor, where, "leave")
    told = (await wire.expect("contract_member.changed"))["d"]
    assert told["version"] == lead["version"] + 1


async def test_of_equal_shares_the_older_member_gets_the_odd_cent(deals: Deals) -> None:
    (editor,) = await deals.app.people("Eve")
    deal = await deal_of(deals, ["10.01"])
    # The editor has the older account; the freelancer was a member first.
    assert editor.id < deal.freelancer.id
    await deals.done(editor, await invited(deals, deal, editor, 5000), "accept")
    await deal.paid(1)
    assert await deals.wallet(deal.freelancer) == money(pending="4.51")
    assert await deals.wallet(editor) == money(pending="4.50")


async def test_shares_go_back_when_a_member_leaves(deals: Deals, deal: Deal) -> None:
    (editor,) = await deals.app.people("Eve")
    where = await invited(deals, deal, editor, 4000)
    await deals.done(editor, where, "accept")
    (lead,) = [
        row
        for row in await deals.rows(deal.client, f"contract-members?contract_id={deal.id}")
        if row["user_id"] == str(deal.freelancer.id)
    ]
    assert lead["share_bp"] == 6000
    stays = await deals.act(deal.freelancer, f"contract-members/{lead['id']}", "leave")
    assert stays.status == 409
    await deals.done(editor, where, "leave")
    await deal.paid(1)
    assert await deals.wallet(deal.freelancer) == money(pending="270")
    again = await deals.done(deal.freelancer, where, "invite-again", {"share_bp": 10_000})
    assert again["status"] == "invited"
    await deals.done(editor, where, "accept")
    await deal.fund(2)
    await deal.submit(2)
    await deal.approve(2)
    assert await deals.wallet(editor) == money(pending="630")
    assert await deals.wallet(deal.freelancer) == money(pending="270")


async def test_nobody_is_invited_for_more_than_there_is(deals: Deals, deal: Deal) -> None:
    editor, second = await deals.app.people("Eve", "Sam")
    first = await invited(deals, deal, editor, 6000)
    other = await invited(deals, deal, second, 5000)
    await deals.done(editor, first, "accept")
    assert await deals.actions(second, other) == ["decline"]
    assert (await deals.act(second, other, "accept")).status == 409
    await deals.done(second, other, "decline")
    # They see what they have declined, and nothing of the contract.
    assert (await deals.read(second, other))["status"] == "declined"
    hidden = await deals.app.http("GET", f"/v1/{deal.path}", second)
    assert hidden.status == 404


async def test_a_role_can_be_read(deals: Deals, deal: Deal) -> None:
    editor = await deals.app.person("Eve")
    body = {"contract_id": deal.id, "user_id": str(editor.id), "share_bp": 100}
    for unsaid in ("\u200b", "edi\u202etor", "a\nb"):
        wrong = {**body, "role": unsaid}
        answer = await deals.act(deal.freelancer, "contract-members", body=wrong)
        assert (answer.status, answer.body["errors"][0]["path"]) == (422, "role")
    where = await invited(deals, deal, editor, 100)
    await deals.done(editor, where, "decline")
    again = {"share_bp": 100, "role": " "}
    assert (await deals.act(deal.freelancer, where, "invite-again", again)).status == 422


@pytest.mark.parametrize("who", ["client", "freelancer", "blocked", "gone"])
async def test_who_cannot_be_invited(deals: Deals, deal: Deal, who: str) -> None:
    stranger = await deals.app.person()
    if who == "blocked":
        await deals.pool.execute(
            "INSERT INTO user_blocks (blocker_id, blocked_id) VALUES ($1, $2)",
            stranger.id, deal.freelancer.id,
        )  # fmt: skip
    if who == "gone":
        await deals.pool.execute("UPDATE users SET status = 'suspended' WHERE id = $1", stranger.id)
    person = {"client": deal.client, "freelancer": deal.freelancer}.get(who, stranger)
    body = {"contract_id": deal.id, "user_id": str(person.id), "share_bp": 100}
    assert (await deals.act(deal.freelancer, "contract-members", body=body)).status == 422
    assert (await deals.act(deal.client, "contract-members", body=body)).status == 403
