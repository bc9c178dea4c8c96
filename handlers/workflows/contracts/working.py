"""What the transitions of a milestone do: money is held, work handed in, paid or given up."""

import datetime as dt
from uuid import UUID

import msgspec

from handlers.workflows.bodies import Files, Passage, Title, Urls, ones_own, readable
from handlers.workflows.contracts.computed import computed
from handlers.workflows.contracts.releasing import give_back, held_for, release_whole
from handlers.workflows.money.requests import missing_told
from protocol.errors import RequestError
from storage.ledger.accounts import for_contract
from storage.ledger.postings import holding
from storage.workflows.moves import gather, length_of
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Beside

BESIDE = Beside(
    rows={
        "contracts": ("id", "contract_id"),
        "milestones": ("contract_id", "contract_id"),
        "contract_members": ("contract_id", "contract_id"),
        "deliverables": ("milestone_id", "id"),
        # For the contract's end, which this may be.
        "contract_amendments": ("contract_id", "contract_id"),
        "contract_cancellations": ("contract_id", "contract_id"),
        "escrows": ("contract_id", "contract_id"),
        "review_invitations": ("contract_id", "contract_id"),
    },
    last=("jobs", "(SELECT c.job_id FROM contracts c WHERE c.id = r.contract_id)"),
    settings=("clearing_days", "milestone_approval_days", "review_days"),
)
"""What the transitions of a milestone ask for."""


class Submit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is handed in: a text, files of the freelancer's own, addresses of videos."""

    title: Title | None = None
    description: Passage | None = None
    file_ids: Files = msgspec.field(default_factory=list)
    video_urls: Urls = msgspec.field(default_factory=list)


class Approve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the client says of the work."""

    feedback: Passage | None = None


class RequestRevision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be changed."""

    notes: Passage


async def hold(work: Work, row: Row, deposit: UUID | None) -> None:
    """Hold the client's money for the milestone; `deposit` is the one that was made for it.

    Raises `RequestError` (409) with what is missing.
    """
    contract = await opened(work, row)
    accounts = for_contract(contract.id, contract["client_id"], contract["currency"])
    await work.ledger.open(accounts)
    with missing_told():
        holding.fund(work.ledger, held_for(work, contract, row), row["amount"], first=deposit)
    work.set(row, awaited_since=awaited_since(contract, row, work.now))
    await computed(work, contract)


async def submit(work: Work, row: Row, body: Submit) -> None:
    """Hand in; the client has so long to answer, and after that it is approved."""
    if not (body.description or body.file_ids or body.video_urls):
        message = "nothing is handed in: a description, files or addresses of videos are"
        raise RequestError.invalid("description", message)
    readable(title=body.title, description=body.description)
    await ones_own(work, "file_ids", body.file_ids)
    contract = await opened(work, row)
    before = await work.of("deliverables", milestone_id=row.id)
    await work.begin(
        "deliverable",
        "submit",
        contract_id=row["contract_id"],
        milestone_id=row.id,
        delivery_number=len(before) + 1,
        title=body.title,
        description=body.description,
        file_ids=body.file_ids,
        video_urls=body.video_urls,
    )
    approved_at = work.now + await length_of(work, "milestone_approval_days")
    work.set(row, sent_back_at=None, awaited_since=None, auto_approve_at=approved_at)
    await computed(work, contract)


async def request_revision(work: Work, row: Row, body: RequestRevision) -> None:
    """Send the work back, with what is to be changed; revisions are counted a contract."""
    readable(notes=body.notes)
    contract = await opened(work, row)
    work.set(contract, revisions_used=contract["revisions_used"] + 1)
    work.set(row, auto_approve_at=None)
    for deliverable in await _handed_in(work, row):
        work.set(deliverable, revision_notes=body.notes)
        await work.transition("deliverable", "request_revision", deliverable)
    await computed(work, contract)


async def approve(work: Work, row: Row, body: Approve | None) -> None:
    """Release what is held for the milestone: it is approved and paid in one transaction."""
    contract = await opened(work, row)
    for deliverable in await _handed_in(work, row):
        if body is not None and body.feedback is not None:
            readable(feedback=body.feedback)
            work.set(deliverable, client_feedback=body.feedback)
        await work.transition("deliverable", "approve", deliverable)
    work.set(row, auto_approve_at=None)
    await release_whole(work, contract, row)
    await work.transition("milestone", "pay", row)
    await computed(work, contract)


async def cancel_late(work: Work, row: Row, _body: object) -> None:
    """Give the milestone up; its money alone goes back to the client."""
    contract = await opened(work, row)
    work.set(row, sent_back_at=None, awaited_since=None)
    await give_back(work, contract, row)
    await computed(work, contract)


def awaited_since(contract: Row, milestone: Row, funded_at: dt.datetime) -> dt.datetime:
    """From when work is waited for: its due time, or later its funding."""
    return max(funded_at, due_of(contract, milestone) or funded_at)


def due_of(contract: Row, milestone: Row) -> dt.datetime | None:
    """When a milestone is due: its own time, else the end of the contract's last day in UTC."""
    if milestone["due_date"] is not None or contract["deadline"] is None:
        own: dt.datetime | None = milestone["due_date"]
        return own
    day_after = contract["deadline"] + dt.timedelta(days=1)
    return dt.datetime.combine(day_after, dt.time(), dt.UTC)


async def opened(work: Work, milestone: Row) -> Row:
    """The contract of a milestone, read together with all that effects ask of it.

    Where the execution is the milestone's own, it was read with it.
    """
    rows = {table: (column, milestone[of]) for table, (column, of) in BESIDE.rows.items()}
    await gather(work, BESIDE.settings, **rows)
    return await work.one("contracts", milestone["contract_id"])


async def _handed_in(work: Work, milestone: Row) -> list[Row]:
    """What waits for the client's answer: one at most."""
    found = await work.of("deliverables", milestone_id=milestone.id)
    return [d for d in found if d.status in {"submitted", "under_review"}]
