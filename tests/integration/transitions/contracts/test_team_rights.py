"""What is a member's of a team's is nobody else's: what they see, and the money they were paid."""

import pytest

from tests.app import Person
from tests.integration.transitions.contracts.conftest import Deal, Deals
from tests.integration.transitions.contracts.test_ends import of_release, share, staff
from tests.integration.transitions.contracts.test_members import invited
from tests.integration.transitions.contracts.test_milestones import money

Splits = list[dict[str, str]]


class Team:
    """A contract that has paid its freelancer and a member half of 300 each; 700 are held."""

    def __init__(self, deals: Deals, deal: Deal, member: Person) -> None:
        self.deals = deals
        self.deal = deal
        self.member = member
        self.own = ""
        self.other = ""

    async def paid(self) -> None:
        """The member joins, the first milestone is paid and the second funded."""
        where = await invited(self.deals, self.deal, self.member, 5000)
        await self.deals.done(self.member, where, "accept")
        await self.deal.paid(1)
        await self.deal.fund(2)
        rows = await self.deals.rows(self.deal.client, f"releases?contract_id={self.deal.id}")
        found = {row["user_id"]: row["id"] for row in rows}
        self.own = found[str(self.deal.freelancer.id)]
        self.other = found[str(self.member.id)]

    def all_back(self) -> Splits:
        """All of what is the parties' to the client."""
        return [share(self.deal.parts[1], "700", "0"), of_release(self.own, "150", "0")]

    async def is_paid(self) -> None:
        """The member has what they were paid, once it has cleared."""
        row = await self.deals.read(self.member, f"releases/{self.other}")
        assert (row["status"], row["refunded"]) == ("pending", "0.00")
        await self.deals.clock(days=5, seconds=1)
        assert await self.deals.ring("release", self.other, "clear")
        assert await self.deals.wallet(self.member) == money(earned="135")


@pytest.fixture
async def team(deals: Deals, deal: Deal) -> Team:
    """A team that was paid."""
    (member,) = await deals.app.people("Mia")
    found = Team(deals, deal, member)
    await found.paid()
    return found


async def test_who_was_paid_answers_for_it_also_when_they_have_left(
    team: Team, deals: Deals
) -> None:
    body = {"release_id": team.other, "amount": "5", "reason": "The sound is missing."}
    asked = await deals.done(team.deal.client, "refunds", body=body)
    path = f"refunds/{asked['id']}"
    member = f"contract-members?contract_id={team.deal.id}&user_id=me"
    (row,) = await deals.rows(team.member, member)
    await deals.done(team.member, f"contract-members/{row['id']}", "leave")
    assert await deals.actions(team.member, path) == ["approve", "reject"]
    rejected = await deals.done(team.member, path, "reject")
    assert rejected["status"] == "rejected"


async def test_a_member_does_not_read_of_another_s_refund(team: Team, deals: Deals) -> None:
    body = {"release_id": team.own, "amount": "5", "reason": "The sound is missing."}
    asked = await deals.done(team.deal.client, "refunds", body=body)
    path = f"/v1/refunds/{asked['id']}"
    assert (await deals.app.http("GET", path, team.deal.freelancer)).status == 200
    assert (await deals.app.http("GET", path, team.member)).status == 404


async def test_nobody_gives_away_what_a_member_was_paid(team: Team, deals: Deals) -> None:
    deal = team.deal
    whole = [*team.all_back(), of_release(team.other, "150", "0")]
    body = {"contract_id": deal.id, "reason": "Not mine", "split": whole}
    for party in (deal.client, deal.freelancer):
        refused = await deals.act(party, "contract-cancellations", body=body)
        [fault] = refused.body["errors"]
        assert (refused.status, fault["path"]) == (422, "split[2].release_id")
    # What is theirs goes back only if the client agrees: it ends the right to dispute the rest.
    body["split"] = team.all_back()
    proposed = await deals.done(deal.freelancer, "contract-cancellations", body=body)
    assert proposed["status"] == "proposed"
    where = f"contract-cancellations/{proposed['id']}"
    assert await deals.actions(deal.client, where) == ["agree", "decline"]
    await deals.done(deal.client, where, "agree")
    assert await deals.wallet(deal.client) == money(funded="850")
    await team.is_paid()


async def raised(team: Team, by: Person) -> str:
    """A dispute over what is the parties'; its path."""
    about = {"type": "quality", "title": "No sound", "description": "Half has none."}
    body = {"contract_id": team.deal.id, **about, "split": team.all_back()}
    dispute = await team.deals.done(by, "disputes", body=body)
    return f"disputes/{dispute['id']}"


async def test_a_settlement_leaves_a_member_what_they_were_paid(team: Team, deals: Deals) -> None:
    deal = team.deal
    (stranger,) = await deals.app.people("Otto")
    socket = await deals.app.connect(team.member)
    where = await raised(team, deal.freelancer)
    # Who is paid less because of it is told, and reads it.
    assert (await socket.expect("dispute.raised"))["d"]["id"] == where.partition("/")[2]
    seen = await deals.read(team.member, where)
    assert (seen["status"], seen["available_actions"]) == ("open", [])
    assert (await deals.app.http("GET", f"/v1/{where}", stranger)).status == 404
    assert (await deals.read(team.member, f"releases/{team.other}"))["status"] == "frozen"
    body = {"dispute_id": where.partition("/")[2], "split": team.all_back()}
    body["split"] = [*team.all_back(), of_release(team.other, "150", "0")]
    assert (await deals.act(deal.freelancer, "dispute-offers", body=body)).status == 422
    body["split"] = team.all_back()
    offer = await deals.done(deal.freelancer, "dispute-offers", body=body)
    await deals.done(deal.client, f"dispute-offers/{offer['id']}", "accept")
    assert (await deals.read(deal.client, where))["outcome"] == "settled"
    await team.is_paid()


async def test_a_silent_freelancer_loses_no_member_their_money(team: Team, deals: Deals) -> None:
    where = await raised(team, team.deal.client)
    await deals.clock(days=5, seconds=1)
    assert await deals.ring("dispute", where.partition("/")[2], "apply")
    assert await deals.wallet(team.deal.client) == money(funded="850")
    await team.is_paid()


async def test_staff_decides_on_what_a_member_was_paid(team: Team, deals: Deals) -> None:
    where = await raised(team, team.deal.client)
    person = await staff(deals)
    split = team.all_back()
    body = {"resolution": "None of it was theirs.", "split": split}
    assert (await deals.act(person, where, "resolve", body)).status == 422
    split.append(of_release(team.other, "100", "50"))
    await deals.done(person, where, "resolve", body)
    assert await deals.wallet(team.member) == money(pending="45")
    assert await deals.wallet(team.deal.client) == money(funded="950")


async def test_who_is_only_invited_sees_the_invitation_alone(deals: Deals, deal: Deal) -> None:
    await deal.paid(1)
    (editor,) = await deals.app.people("Eve")
    where = await invited(deals, deal, editor, 3000)
    seen = await deals.read(editor, where)
    contract = await deals.read(deal.client, deal.path)
    assert seen["contract_title"] == contract["title"]
    assert seen["contract_scope"] == contract["scope_of_work"][:1000]
    assert (seen["share_bp"], seen["available_actions"]) == (3000, ["accept", "decline"])
    assert (await deals.app.http("GET", f"/v1/{deal.path}", editor)).status == 404
    for path in ("milestones", "escrows", "contract-extras", "contract-answers", "releases"):
        assert await deals.rows(editor, f"{path}?contract_id={deal.id}") == []
    assert await deals.rows(editor, f"status-history?entity_id={deal.id}") == []
    assert len(await deals.rows(editor, f"contract-members?contract_id={deal.id}")) == 1
    await deals.done(editor, where, "accept")
    assert (await deals.read(editor, deal.path))["title"] == contract["title"]
    assert len(await deals.rows(editor, f"milestones?contract_id={deal.id}")) == 2


async def test_an_invitation_takes_no_right_to_judge(deals: Deals, deal: Deal) -> None:
    await deal.fund(1)
    judge, editor = await staff(deals), await deals.app.person("Eve")
    body = {"contract_id": deal.id, "user_id": str(judge.id), "share_bp": 100}
    refused = await deals.act(deal.freelancer, "contract-members", body=body)
    assert (refused.status, refused.body["errors"][0]["path"]) == (422, "user_id")
    # Who becomes staff afterwards judges as long as they have not joined.
    where = await invited(deals, deal, editor, 100)
    statement = "UPDATE users SET staff_role = 'support' WHERE id = $1"
    await deals.pool.execute(statement, editor.id)
    assert await deals.actions(editor, deal.path) == ["terminate"]
    await deals.done(editor, where, "accept")
    assert await deals.actions(editor, deal.path) == []
    await deals.done(editor, where, "leave")
    assert await deals.actions(editor, deal.path) == []
