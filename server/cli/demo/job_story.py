"""The first story: a job, from its being posted to both reviews."""

from server.cli.demo.hearing import Told
from server.cli.demo.person import Json
from server.cli.demo.stage import Stage
from server.cli.demo.terms import Terms

_SUBMITTED = Told(
    "milestone.submitted deliverable.submitted contract.in_review say:milestone.submit",
    "job.review",
)
_PAID = (
    "milestone.approved deliverable.approved release.pending payment.received milestone.paid"
    " say:milestone.approve"
)
_FUNDED = "milestone.in_progress"


async def play(stage: Stage, terms: Terms) -> None:
    """A job is posted and proposed for, a contract made, funded, delivered, revised and paid.

    Raises `DemoError`.
    """
    stage.story("A job: posted, awarded, worked on, paid")
    proposal = await _proposed(stage, terms)
    contract = await _awarded(stage, proposal)
    first, second = await _milestones(stage, contract)
    await _first_part(stage, terms, first)
    await stage.clear("Five days pass: the first part clears.")
    await _second_part(stage, terms, second)
    await _reviews(stage, contract)
    await stage.clear("Five days pass: the second part clears.")


async def _proposed(stage: Stage, terms: Terms) -> Json:
    client, freelancer = stage.client, stage.freelancer
    job = await stage.step(
        "The client writes a job, which nobody else sees yet.",
        client.post("jobs", {
            "title": "A launch film", "description": "We have the material; it wants cutting.",
            "category_id": terms.category, "budget_type": "range", "budget_min": "800",
            "budget_max": "1200",
        }),
        Told(client="job.draft"),
    )  # fmt: skip
    await stage.step(
        "They publish it.",
        client.post(f"jobs/{job['id']}/publish"),
        Told(client="job.published job.open"),
    )
    proposal = await stage.step(
        "The freelancer proposes to do it, in two parts.",
        freelancer.post("proposals", {
            "job_id": job["id"], "cover_letter": "A first cut in three days.", "amount": "1000",
            "revisions": 2, "milestones": [
                {"title": "First cut", "amount": "600"}, {"title": "Final film", "amount": "400"},
            ],
        }),
        Told("proposal.received proposal.pending"),
    )  # fmt: skip
    return await stage.step(
        "The client puts the proposal on the short list.",
        client.post(f"proposals/{proposal['id']}/shortlist"),
        Told("proposal.shortlisted"),
    )


async def _awarded(stage: Stage, proposal: Json) -> Json:
    client, freelancer = stage.client, stage.freelancer
    path = f"proposals/{proposal['id']}/accept"
    await stage.step(
        "To accept it, they have to name the version that they have read.",
        client.post(path),
        status=428,
    )
    contract = await stage.step(
        "With it, the proposal becomes a contract, which has a conversation.",
        client.post(path, if_match=proposal["version"]),
        Told(
            "proposal.accepted contract.pending_acceptance milestone.pending milestone.pending"
            " escrow.active room say:proposal.accept",
            "job.in_progress",
        ),
    )
    return await stage.step(
        "The freelancer accepts the contract: work begins.",
        freelancer.post(f"contracts/{contract['id']}/accept"),
        Told("contract.started contract.active say:contract.accept"),
    )


async def _milestones(stage: Stage, contract: Json) -> list[str]:
    path = f"milestones?contract_id={contract['id']}&sort=seq"
    rows = (await stage.read(stage.client.get(path)))["data"]
    for row in rows:
        stage.aliases.of("milestones", row["id"])
    return [row["id"] for row in rows]


async def _first_part(stage: Stage, terms: Terms, milestone: str) -> None:
    client, freelancer = stage.client, stage.freelancer
    path = f"milestones/{milestone}"
    card = {"payment_method_id": terms.card}
    await stage.step(
        "The client funds the first part by card: the provider answers later.",
        client.post(f"{path}/fund", card),
        Told("say:milestone.fund", "deposit.pending deposit.processing"),
    )
    await stage.later(
        "The provider tells that it has the money, which is held now.",
        terms.late_s,
        Told("say:milestone.hold", f"deposit.captured {_FUNDED}", _FUNDED),
    )
    await stage.step(
        "The freelancer hands in.",
        freelancer.post(f"{path}/submit", {"title": "Cut 1", "description": "90 seconds."}),
        _SUBMITTED,
    )
    await stage.step(
        "The client asks for a revision.",
        client.post(f"{path}/request-revision", {"notes": "A brighter beginning, please."}),
        Told(
            "milestone.revision_requested milestone.in_progress deliverable.revision_requested"
            " contract.revision_requested say:milestone.request-revision",
            "job.in_progress",
        ),
    )
    await stage.step(
        "The freelancer hands in again.",
        freelancer.post(f"{path}/submit", {"title": "Cut 2", "description": "Brighter."}),
        _SUBMITTED,
    )
    await stage.step(
        "The client approves: the money is released, less the fee, and clears in five days.",
        client.post(f"{path}/approve", {"feedback": "Just so."}),
        Told(f"{_PAID} contract.active", "job.in_progress"),
    )


async def _second_part(stage: Stage, terms: Terms, milestone: str) -> None:
    client, freelancer = stage.client, stage.freelancer
    path = f"milestones/{milestone}"
    if stage.place.is_own:  # sample people have some
        await stage.step(
            "Without money in the wallet, the second part cannot be funded from it.",
            client.post(f"{path}/fund", {"wallet": True}),
            status=409,
        )
    await stage.step(
        "The client puts money into the wallet.",
        client.post("deposits", {
            "amount": "400", "currency": "USD", "payment_method_id": terms.card,
        }),
        Told(client="deposit.pending deposit.processing"),
    )  # fmt: skip
    await stage.later(
        "The provider tells that it has the money.", terms.late_s, Told(client="deposit.captured")
    )
    await stage.step(
        "The second part is funded from the wallet, at once.",
        client.post(f"{path}/fund", {"wallet": True}),
        Told(f"{_FUNDED} say:milestone.fund"),
    )
    await stage.step(
        "The freelancer hands in.",
        freelancer.post(f"{path}/submit", {"description": "The film, in full."}),
        _SUBMITTED,
    )
    await stage.step(
        "The client approves the last part: the contract and the job are completed.",
        client.post(f"{path}/approve"),
        Told(
            f"{_PAID} contract.completed escrow.releasing escrow.released review.invited"
            " review_invitation.invited",
            "job.completed",
        ),
    )


async def _reviews(stage: Stage, contract: Json) -> None:
    await stage.step(
        "The client writes a review, which nobody else reads yet.",
        stage.client.post("reviews", {
            "contract_id": contract["id"], "overall_rating": 5, "comment": "On time, and kind.",
        }),
        Told(client="review.pending review_invitation.accepted"),
    )  # fmt: skip
    await stage.step(
        "The freelancer writes one: now both are published.",
        stage.freelancer.post("reviews", {
            "contract_id": contract["id"], "overall_rating": 5, "comment": "Clear words.",
        }),
        Told(
            client="review.pending review.published review.published",
            freelancer="review.pending review_invitation.accepted review.published"
            " review.published",
        ),
    )  # fmt: skip
