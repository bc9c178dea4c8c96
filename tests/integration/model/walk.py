"""One contract, the model beside it, and what has been done with both."""

from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from handlers.workflows import WORKFLOWS
from storage.payments.provider import Failed, Settled
from storage.workflows.asks import Ask
from tests.app import Person
from tests.integration.model.asking import (
    CREATIONS,
    MACHINES,
    Key,
    Rows,
    action_of,
    body_of,
)
from tests.integration.model.world import CURRENCY, World
from tests.machines.workflow_model.clocks import DAY
from tests.machines.workflow_model.state import Clock, Move, Split, Terms
from tests.machines.workflow_model.timed import due, initial, steps

_WEIGHTS = {
    **dict.fromkeys(("accept", "submit", "approve", "request-refund", "request-withdrawal"), 4.0),
    **dict.fromkeys(("fund", "approve-withdrawal", "respond"), 2.0),
    **dict.fromkeys(("amend", "withdraw", "agree", "propose-cancellation"), 0.4),
    **dict.fromkeys(("decline", "cancel", "end", "terminate", "return-everything"), 0.1),
    **dict.fromkeys(("resolve", "accept-offer", "cancel-late"), 0.3),
}
"""How often a move is made beside others, so that walks come far before they end."""


class Walk:
    """A contract between two people of its own."""

    def __init__(self, world: World, terms: Terms) -> None:
        self.world = world
        self.random = Random(0)
        """What the step under way chooses by."""
        self.terms = terms
        self.timed = initial(terms, 0)
        self.rows = Rows()
        self.people: dict[str, Person] = {}
        self.trail: list[str] = []
        self.seen: dict[tuple[str, str], list[str]] = {}
        self.made: list[str] = []
        self._method = ""

    async def begin(self) -> None:
        """A proposal is accepted; the client's wallet holds the total."""
        world, market = self.world, self.world.market
        client, freelancer = await world.app.people("Clara", "Fred")
        self.people = {"client": client, "freelancer": freelancer, "staff": world.staff}
        total = sum(self.terms.amounts)
        await market.fund(client, str(total), CURRENCY)
        job = await world.pool.fetchval(
            "INSERT INTO jobs (client_id, category_id, title, description, currency, status)"
            " VALUES ($1, $2, 'A film', 'Two minutes.', $3, 'draft') RETURNING id",
            client.id, UUID(await market.category()), CURRENCY,
        )  # fmt: skip
        await world.pool.execute("UPDATE jobs SET status = 'open' WHERE id = $1", job)
        plan = []
        for seq, (amount, at) in enumerate(zip(self.terms.amounts, self.terms.dues, strict=True)):
            due_date = None if at is None else world.time_of(at)
            plan.append({"title": f"Part {seq}", "amount": amount, "due_date": due_date})
        proposal = await market.done(
            freelancer,
            "proposals",
            body={
                "job_id": str(job),
                "cover_letter": "I have two cameras.",
                "amount": total,
                "milestones": [{k: v for k, v in p.items() if v is not None} for p in plan],
                "revisions": self.terms.revisions,
            },
        )
        contract = await market.accepted(client, proposal)
        self.timed = initial(self.terms, world.now)
        self.rows.ids["contract", 0] = contract["id"]
        for number, milestone in enumerate(await market.milestones(client, contract)):
            self.rows.ids["milestone", number] = milestone["id"]
        self._saw()

    # What is done.

    def choose(self) -> Move | None:
        """A move that the model has now, of people."""
        found: dict[tuple[str, str, int], list[Move]] = {}
        for move, _ in steps(self.timed, self.world.now):
            if move.party in self.people and self._is_asked(move):
                found.setdefault((move.party, move.action, move.seq), []).append(move)
        if not found:
            return None
        names = list(found)
        weights = [_WEIGHTS.get(action, 1.0) for _, action, _ in names]
        return self.random.choice(found[self.random.choices(names, weights)[0]])

    def _is_asked(self, move: Move) -> bool:
        """Halves of a single unit are all for the client: the server takes that for a gift."""
        if move.action == "batch-withdrawal":
            return False
        if (move.party, move.action) != ("freelancer", "propose-cancellation"):
            return True
        assert isinstance(move.args, Split)
        items = move.args.items
        return not items or any(item.freelancer for item in items)

    async def ask(self, move: Move) -> tuple[int, Any]:
        """What the server answers to a move."""
        body = body_of(move, self.rows)
        if move.action == "request-withdrawal":
            body = {"amount": self.timed.state.earned or 1, "currency": CURRENCY}
            body["payout_method_id"] = await self._payout_method()
        person, market = self.people[move.party], self.world.market
        if move.action in CREATIONS:
            answer = await market.act(person, CREATIONS[move.action][1], body=body)
        else:
            path = self.rows.path(self.rows.of(move))
            answer = await market.act(person, path, action_of(move), body)
        return answer.status, answer.body

    async def do(self, move: Move) -> None:
        """Make a move of the model, which the server must allow."""
        self.trail.append(self._told(move))
        status, body = await self.ask(move)
        assert status in {200, 201}, self.complaint(f"{move.action} is refused: {status} {body}")
        if move.action in CREATIONS:
            self.rows.ids[self.rows.of(move)] = body["id"]
        self.apply(move)

    def apply(self, move: Move) -> None:
        """The model makes it too."""
        wanted = move._replace(after=None, before=None)
        (after,) = {
            after
            for found, after in steps(self.timed, self.world.now)
            if found._replace(after=None, before=None) == wanted
        }
        self.timed = after
        self.made.append(f"{move.party} {move.action}")
        self._saw()

    def fired(self, key: Key, action: str) -> None:
        """The server has carried out a timer of the model: it must be due there too."""
        for move, _ in steps(self.timed, self.world.now):
            if move.party == "timer" and self.rows.of(move) == key and action_of(move) == action:
                self.trail.append(self._told(move))
                self.apply(move)
                return
        raise AssertionError(self.complaint(f"the model has no timer {action} of {key} now"))

    def waiting(self) -> dict[Clock, int]:
        """When timers of the model are due; those of an unanswered dispute wait for `answer`."""
        dispute = self.timed.state.dispute
        unanswered = {"mean", "escalate"} if dispute and dispute.answer is None else set()
        return {
            clock: end for clock, end in due(self.timed).items() if clock.kind not in unanswered
        }

    async def provider_answers(self, *, pays: bool = True) -> None:
        """What is being paid out is paid, or fails."""
        opened = self.timed.state.withdrawal
        if opened is None or opened.status != "processing":
            return
        key, action = UUID(self.rows.ids["withdrawal", 0]), "pay" if pays else "fail"
        told = Settled(f"paid-{key}", Decimal(opened.amount), CURRENCY) if pays else Failed("no")
        move = Move("provider", f"{action}-withdrawal")
        self.trail.append(self._told(move))
        ask = Ask(WORKFLOWS["withdrawal"], action, key, body=told)
        await self.world.app.app.core.workflows.executor.run(ask)
        self.apply(move)

    async def learn(self) -> None:
        """Find the releases that have come about."""
        found = await self.world.pool.fetch(
            "SELECT r.id::text, m.seq - 1 AS place FROM releases r"
            " JOIN milestones m ON m.id = r.milestone_id WHERE r.contract_id = $1::uuid",
            self.rows.ids["contract", 0],
        )
        self.rows.ids |= {("release", row["place"]): row["id"] for row in found}

    def key_of(self, machine: str, row: UUID) -> Key | None:
        """Which of the walk's rows this is."""
        for key, known in self.rows.ids.items():
            if known == str(row) and MACHINES.get(key[0], key[0]) == machine:
                return key
        return None

    def complaint(self, what: str) -> str:
        """What went wrong, and all that was done before."""
        return f"{self.terms}: {what}\n" + "\n".join(self.trail)

    def _saw(self) -> None:
        """Note the states that rows have now; what is no more was closed."""
        state = self.timed.state
        now = {("contract", self.rows.ids["contract", 0]): state.status}
        for place, milestone in enumerate(state.milestones):
            now["milestone", self.rows.ids["milestone", place]] = milestone.status
        for place, release in enumerate(state.releases):
            if release is not None:
                now["release", str(place)] = release.status
        for key in self.seen:
            if key[0] == "dispute":
                now[key] = "closed"
        if state.dispute is not None:
            now["dispute", self.rows.ids["dispute", 0]] = state.dispute.status
        for key, status in now.items():
            states = self.seen.setdefault(key, [])
            if states[-1:] != [status]:
                states.append(status)

    def _told(self, move: Move) -> str:
        days = self.world.now / DAY
        return f"{days:10.5f} {move.party} {move.action} {move.seq} {move.args or ''}"

    async def _payout_method(self) -> str:
        if not self._method:
            freelancer, pool = self.people["freelancer"], self.world.pool
            await pool.execute(
                "UPDATE user_private SET email_verified_at = now() WHERE user_id = $1",
                freelancer.id,
            )
            self._method = await pool.fetchval(
                "INSERT INTO payout_methods (user_id, provider, provider_account_token, type)"
                " VALUES ($1, 'local', ($1::uuid)::text, 'bank_transfer') RETURNING id::text",
                freelancer.id,
            )
            # It is old enough to be paid to.
            await pool.execute(
                "UPDATE payout_methods SET created_at = created_at - interval '4 days'"
                " WHERE user_id = $1",
                freelancer.id,
            )
        return self._method
