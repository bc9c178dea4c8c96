"""The second story: a gig that is ordered, disputed and settled, and money that is paid out."""

from server.cli.demo.hearing import Told
from server.cli.demo.person import Json
from server.cli.demo.stage import Stage
from server.cli.demo.terms import Terms

SMALL = "20"
"""What is withdrawn on a server that others use."""


async def play(stage: Stage, terms: Terms) -> None:
    """A gig is ordered and paid for, disputed, settled, and its price withdrawn.

    Raises `DemoError`.
    """
    stage.story("A gig: ordered, disputed, settled, paid out")
    gig = await _published(stage, terms)
    contract = await _ordered(stage, terms, gig)
    await _settled(stage, contract)
    await _paid_out(stage, terms)


async def _published(stage: Stage, terms: Terms) -> Json:
    freelancer = stage.freelancer
    gig = await stage.step(
        "The freelancer offers a gig.",
        freelancer.post("gigs", {
            "title": "Subtitles in two languages", "slug": f"subtitles{terms.suffix}",
            "description": "Timed by hand.", "category_id": terms.category,
        }),
        Told(freelancer="gig.draft"),
    )  # fmt: skip
    of_gig = {"gig_id": gig["id"]}
    await stage.step(
        "It has a package,",
        freelancer.post("gig-packages", of_gig | {
            "tier": "basic", "price": "200", "delivery_days": 3, "revisions": 1,
        }),
    )  # fmt: skip
    await stage.step(
        "an extra,",
        freelancer.post("gig-extras", of_gig | {"title": "Another minute", "price": "25"}),
    )
    await stage.step(
        "and a question to whoever orders.",
        freelancer.post("gig-requirements", of_gig | {
            "question": "Which languages?", "is_required": True,
        }),
    )  # fmt: skip
    return await stage.step(
        "They publish it.",
        freelancer.post(f"gigs/{gig['id']}/publish"),
        Told(freelancer="gig.published gig.active"),
    )


async def _ordered(stage: Stage, terms: Terms, gig: Json) -> Json:
    client, freelancer = stage.client, stage.freelancer
    shown = await stage.read(client.get(f"gigs/{gig['id']}?expand=packages,extras,requirements"))
    package, extra, question = (
        shown[name]["data"][0]["id"] for name in ("packages", "extras", "requirements")
    )
    path = f"gigs/{gig['id']}/order"
    await stage.step(
        "An order needs the answer.",
        client.post(path, {"package_id": package}),
        status=422,
    )
    contract = await stage.step(
        "The client orders the package with two extras.",
        client.post(path, {
            "package_id": package, "extras": [{"extra_id": extra, "quantity": 2}],
            "answers": [{"requirement_id": question, "answer": "English and Chinese"}],
        }),
        Told("contract.pending_payment milestone.pending escrow.active room say:gig.order"),
    )  # fmt: skip
    await stage.step(
        "They pay by card.",
        client.post(f"contracts/{contract['id']}/pay", {"payment_method_id": terms.card}),
        Told("say:contract.pay", "deposit.pending deposit.processing"),
    )
    begun = "contract.started contract.active milestone.in_progress"
    await stage.later(
        "The provider has the money: it is held, and work begins.",
        terms.late_s,
        Told("say:contract.start", f"deposit.captured {begun}", begun),
    )
    milestones = await stage.read(client.get(f"milestones?contract_id={contract['id']}"))
    [milestone] = (row["id"] for row in milestones["data"])
    await stage.step(
        "The freelancer hands in.",
        freelancer.post(f"milestones/{milestone}/submit", {"description": "Both languages."}),
        Told("milestone.submitted deliverable.submitted contract.in_review say:milestone.submit"),
    )
    return contract | {"milestone": milestone}


async def _settled(stage: Stage, contract: Json) -> None:
    client, freelancer = stage.client, stage.freelancer

    def split(to_client: str, to_freelancer: str) -> list[Json]:
        return [{
            "milestone_id": contract["milestone"], "client_amount": to_client,
            "freelancer_amount": to_freelancer,
        }]  # fmt: skip

    dispute = await stage.step(
        "The client disputes it, and says how they would divide the money.",
        client.post("disputes", {
            "contract_id": contract["id"], "type": "quality", "title": "One language is missing",
            "description": "There are no Chinese subtitles.", "split": split("250", "0"),
        }),
        Told("dispute.raised dispute.open contract.disputed say:dispute.raise"),
    )  # fmt: skip
    await stage.step(
        "Nothing that it is about changes meanwhile.",
        client.post(f"milestones/{contract['milestone']}/approve"),
        status=409,
    )
    await stage.step(
        "The freelancer answers with another division.",
        freelancer.post(f"disputes/{dispute['id']}/respond", {
            "answer": "Half of it is there.", "split": split("50", "200"),
        }),
        Told("dispute.answered say:dispute.respond"),
    )  # fmt: skip
    offer = await stage.step(
        "The client offers to meet halfway.",
        client.post("dispute-offers", {"dispute_id": dispute["id"], "split": split("130", "120")}),
        Told("dispute.offered dispute_offer.offered say:dispute_offer.offer"),
    )
    await stage.step(
        "The freelancer accepts the offer: that settles it, and each gets their part.",
        freelancer.post(f"dispute-offers/{offer['id']}/accept"),
        Told(
            "dispute_offer.accepted dispute.settled dispute.closed release.pending"
            " deliverable.approved payment.received milestone.paid contract.completed"
            " escrow.releasing escrow.released review.invited review_invitation.invited"
            " say:dispute_offer.accept"
        ),
    )


async def _paid_out(stage: Stage, terms: Terms) -> None:
    freelancer = stage.freelancer
    made = await stage.step(
        "The freelancer names an account to be paid to.",
        freelancer.post("payout-methods", {
            "provider_account_token": f"acct_ok+late={terms.late_s:.0f}{terms.suffix}",
            "type": "bank_transfer",
        }),
    )  # fmt: skip
    money = {"amount": "500", "currency": "USD"}
    await stage.step(
        "It is too early: an account has to be three days old.",
        freelancer.post("withdrawals", money | {"payout_method_id": made["id"]}),
        status=422,
    )
    await stage.clear("Five days pass: the freelancer's part clears.")
    account = made["id"]
    if not stage.place.is_own:
        account, money = terms.account or account, money | {"amount": SMALL}
    withdrawal = await stage.step(
        "The freelancer withdraws what has cleared.",
        freelancer.post("withdrawals", money | {"payout_method_id": account}),
        Told(freelancer="withdrawal.requested"),
    )
    staff = stage.staff
    await stage.step(
        "Staff approves it,",
        staff.post(f"withdrawals/{withdrawal['id']}/approve"),
        Told(freelancer="withdrawal.approved"),
    )
    batch = await stage.step(
        "gathers what is approved in a batch,", staff.post("payout-batches", {"currency": "USD"})
    )
    await stage.step(
        "and hands the batch to the provider.",
        staff.post(f"payout-batches/{batch['id']}/submit"),
        Told(freelancer="withdrawal.processing"),
    )
    await stage.later("The provider has paid it.", terms.late_s, Told(freelancer="withdrawal.paid"))
