"""The conversation of a contract follows the contract, whoever would have it otherwise."""

from typing import Any

import pytest

from tests.app import Answer, Person
from tests.integration.transitions.contracts.conftest import Deal, Deals
from tests.integration.transitions.contracts.test_members import invited


async def room(deals: Deals, person: Person, deal: Deal, op: str, **more: Any) -> Answer:
    """A command about the contract's conversation."""
    body = {"conversation_id": deal.contract["conversation_id"], **more}
    return await deals.app.command(op, person, body)


async def test_neither_party_rules_the_room(deals: Deals, deal: Deal) -> None:
    staff = await deals.app.person("Sue")
    await deals.pool.execute("UPDATE users SET staff_role = 'support' WHERE id = $1", staff.id)
    before = await room(deals, deal.client, deal, "conversation.get")
    for op, more in (
        ("member.remove", {"user_id": str(deal.freelancer.id)}),
        ("member.add", {"user_id": str(staff.id)}),
        ("conversation.update", {"status": "closed"}),
        ("conversation.update", {"title": "Nothing"}),
        ("conversation.leave", {}),
    ):
        refused = await room(deals, deal.client, deal, op, **more)
        assert refused.status == 403, (op, refused.body)
        assert "follow the contract" in refused.body["error"]["message"]
    refused = await room(deals, deal.freelancer, deal, "conversation.leave")
    assert refused.status == 403
    assert (await room(deals, deal.client, deal, "conversation.get")).body == before.body
    # One's own view of it is one's own.
    muted = await room(deals, deal.client, deal, "conversation.settings", is_muted=True)
    assert muted.status == 200, muted.body


async def test_a_conversation_that_people_begin_about_it_is_theirs(
    deals: Deals, deal: Deal
) -> None:
    body = {
        "type": "contract_discussion",
        "participant_ids": [str(deal.freelancer.id)],
        "contract_id": deal.id,
        "title": "The music",
    }
    made = await deals.app.command("conversation.create", deal.client, body)
    assert made.status == 200, made.body
    named = {"conversation_id": made.body["conversation"]["id"]}
    for op, more in (
        ("conversation.update", {"title": "The sound"}),
        ("conversation.leave", {}),
    ):
        done = await deals.app.command(op, deal.client, named | more)
        assert done.status == 200, (op, done.body)


async def test_who_leaves_the_team_leaves_its_conversation(deals: Deals, deal: Deal) -> None:
    (editor,) = await deals.app.people("Eve")
    where = await invited(deals, deal, editor, 3000)
    await deals.done(editor, where, "accept")
    said = await room(deals, editor, deal, "message.send", client_id=str(editor.id), content="Hi")
    assert said.status == 200, said.body
    own, other = [await deals.app.connect(person) for person in (editor, deal.client)]
    await deals.done(editor, where, "leave")
    for socket in (own, other):
        left = (await socket.expect("member.left"))["d"]
        assert left["user_id"] == str(editor.id)
    await own.expect("unread.changed")
    for op, more in (
        ("message.send", {"client_id": str(deal.client.id), "content": "Still here"}),
        ("message.list", {}),
    ):
        assert (await room(deals, editor, deal, op, **more)).status in {403, 404}, op
    count = await deals.pool.fetchval(
        "SELECT participant_count FROM conversations WHERE id = $1::uuid",
        deal.contract["conversation_id"],
    )
    assert count == 2
    # Who comes back is in it again.
    await deals.done(deal.freelancer, where, "invite-again", {"share_bp": 2000})
    await deals.done(editor, where, "accept")
    said = await room(deals, editor, deal, "message.send", client_id=str(deal.id), content="Back")
    assert said.status == 200, said.body


@pytest.mark.parametrize("has_gone", [False, True])
async def test_who_had_gone_from_the_room_leaves_the_team(
    deals: Deals, deal: Deal, *, has_gone: bool
) -> None:
    (editor,) = await deals.app.people("Eve")
    where = await invited(deals, deal, editor, 3000)
    await deals.done(editor, where, "accept")
    if has_gone:
        # A member may go from the room by themselves, and stays in the team.
        assert (await room(deals, editor, deal, "conversation.leave")).status == 200
        assert (await deals.read(editor, where))["status"] == "accepted"
    assert (await deals.done(editor, where, "leave"))["status"] == "left"
