"""The sample marketplace: contracts in every state, wallets with a history, a dispute under way.

Each is told from its beginning, at times of the past, the earliest first.
"""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from server.seed.acting import Acting
from server.seed.dealing import CURRENCY, Deal, Dealing

DAYS = 45
"""How long the sample people have been here."""


class People(NamedTuple):
    """The sample people, and staff."""

    client: UUID
    editor: UUID
    designer: UUID
    studio: UUID
    staff: UUID


class Catalogue(NamedTuple):
    """A category, and by the gig's slug: the gig and its cheapest package."""

    category: UUID
    gigs: Mapping[str, tuple[UUID, UUID]]


async def live(acting: Acting, people: People, catalogue: Catalogue) -> None:
    """Let them deal with each other from `DAYS` ago to now. Raises `RequestError`."""
    dealing = Dealing(acting, catalogue.category)
    await acting.at(DAYS - 5)
    await _money_in(acting, people)
    fair = await _completed(dealing, people)
    late = await dealing.paid(
        await dealing.ordered(people.client, *catalogue.gigs["subtitles-in-english-and-chinese"])
    )
    await _declined(dealing, people)
    await acting.at(30)
    await dealing.on_part(people.client, late, 0, "cancel-late")
    await acting.act(people.client, "contracts", fair.contract, "tip", amount="50")
    await acting.at(20)
    await _paid_out(acting, people)
    await _ended_early(dealing, people, catalogue)
    logo = await dealing.paid(
        await dealing.ordered(people.client, *catalogue.gigs["a-logo-in-three-drafts"])
    )
    await acting.at(12)
    await dealing.handed_in(logo)
    await dealing.approved(logo)
    await dealing.reviewed(people.client, logo, 4, "Three drafts, and one that we love.")
    await _under_way(dealing, people, catalogue)


async def _money_in(acting: Acting, people: People) -> None:
    for person, amount in ((people.client, "6000"), (people.studio, "500")):
        card = await acting.make(
            person, "payment-methods", provider_token=f"tok_ok-{person}", type="card"
        )
        await acting.begin(
            person, "deposits", amount=amount, currency=CURRENCY, payment_method_id=card["id"]
        )
    for person in (people.editor, people.designer, people.studio):
        token = f"acct_ok-{person}"
        await acting.make(
            person, "payout-methods", provider_account_token=token, type="bank_transfer"
        )
    await acting.old_accounts([people.editor, people.designer, people.studio], DAYS)
    await acting.settle()


async def _completed(dealing: Dealing, people: People) -> Deal:
    """Two parts, delivered and paid for; both are content."""
    deal = await dealing.hired(people.client, people.editor, "A film of our fair", "700", "500")
    for part in range(2):
        await dealing.funded(deal, part)
        await dealing.handed_in(deal, part)
        await dealing.approved(deal, part)
    await dealing.reviewed(people.client, deal, 5, "On time, and better than we had hoped.")
    await dealing.reviewed(people.editor, deal, 5, "A client who knows what they want.")
    return deal


async def _declined(dealing: Dealing, people: People) -> None:
    """The freelancer has no time; the client gives it up."""
    act = dealing.acting.act
    deal = await dealing.hired(
        people.client, people.designer, "A poster by tomorrow", "80", accepts=False
    )
    declined = await act(people.designer, "contracts", deal.contract, "decline")
    await act(people.client, "jobs", declined["job_id"], "cancel")


async def _paid_out(acting: Acting, people: People) -> None:
    """What has cleared is withdrawn, and paid out by staff."""
    [account] = await acting.ids("accounts", people.editor)
    withdrawal = await acting.begin(
        people.editor, "withdrawals", amount="400", currency=CURRENCY, payout_method_id=account
    )
    await acting.act(people.staff, "withdrawals", withdrawal["id"], "approve")
    batch = await acting.begin(people.staff, "payout-batches", currency=CURRENCY)
    await acting.act(people.staff, "payout-batches", batch["id"], "submit")
    await acting.settle()


async def _ended_early(dealing: Dealing, people: People, catalogue: Catalogue) -> None:
    """One is cancelled as both agree, one is ended by staff."""
    act = dealing.acting.act
    deal = await dealing.hired(people.client, people.studio, "A jingle", "300")
    await dealing.funded(deal)
    asked = await dealing.acting.begin(
        people.client,
        "contract-cancellations",
        contract_id=deal.contract,
        reason="We have no more time for it.",
        split=[deal.split(0, "200", "100")],
    )
    await act(people.studio, "contract-cancellations", asked["id"], "agree")
    ended = await dealing.paid(
        await dealing.ordered(people.client, *catalogue.gigs["an-animated-logo"])
    )
    await act(
        people.staff,
        "contracts",
        ended.contract,
        "terminate",
        reason="The logo is another company's.",
        split=[ended.split(0, "200", "0")],
    )


async def _under_way(dealing: Dealing, people: People, catalogue: Catalogue) -> None:
    """What is worked on, waits or is disputed now."""
    acting, client = dealing.acting, people.client
    await acting.at(6)
    film = await dealing.hired(client, people.editor, "A film of our workshop", "600", "400")
    page = await dealing.paid(
        await dealing.ordered(client, *catalogue.gigs["a-page-for-your-product"])
    )
    voice = await dealing.paid(
        await dealing.ordered(client, *catalogue.gigs["a-voice-for-your-video"])
    )
    await dealing.funded(film)
    await dealing.handed_in(page)
    await dealing.handed_in(voice)
    await acting.at(3)
    await dealing.handed_in(film)
    await dealing.on_part(client, page, 0, "request-revision", notes="The form is missing.")
    await _disputed(dealing, people, voice)
    await acting.at(1)
    shorts = await dealing.hired(people.studio, people.editor, "Ten short videos", "90", "90")
    await dealing.funded(shorts)
    await dealing.hired(client, people.studio, "A voice for our film", "250", accepts=False)
    await acting.at(0)
    await dealing.ordered(client, *catalogue.gigs["i-cut-your-launch-video"])


async def _disputed(dealing: Dealing, people: People, deal: Deal) -> None:
    """Both have said how they would divide it, and one has made an offer."""
    acting = dealing.acting
    dispute = await acting.begin(
        people.client,
        "disputes",
        contract_id=deal.contract,
        type="quality",
        title="Half of the words are missing",
        description="The second page of the text was not read.",
        split=[deal.split(0, "60", "0")],
    )
    await acting.at(2)
    await acting.act(
        people.studio,
        "disputes",
        dispute["id"],
        "respond",
        answer="The second page came a day later.",
        split=[deal.split(0, "0", "60")],
    )
    await acting.begin(
        people.client, "dispute-offers", dispute_id=dispute["id"], split=[deal.split(0, "30", "30")]
    )
