"""What everything that belongs to a contract shares: its parties, roots, audience and room."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from handlers.workflows.words import CHARGED_BACK, CONFLICT, OTHER, OWNER, C, F
from protocol.machine import Party
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Guard, Room, Roots

WORKING = ("active", "in_review", "revision_requested")
"""The states of a contract that is worked on."""

_CONTRACT = "EXISTS (SELECT FROM contracts c WHERE c.id = r.contract_id AND "
_STATES = ", ".join(f"'{status}'" for status in WORKING)
IS_WORKING = f"r.status IN ({_STATES})"
"""That a contract is worked on, in SQL."""

FACTS: Mapping[Party, str] = {
    C: _CONTRACT + "c.client_id = {me})",
    F: _CONTRACT + "c.freelancer_id = {me})",
}
"""Who somebody is to a row of a contract."""

PROPOSED: Mapping[Party, str] = {
    OWNER: "r.proposed_by = {me}",
    OTHER: _CONTRACT + "{me} IN (c.client_id, c.freelancer_id) AND {me} <> r.proposed_by)",
}
"""Who somebody is to what one party proposes to the other."""

ROOTS = Roots(
    jobs="ARRAY(SELECT c.job_id FROM contracts c WHERE c.id = r.contract_id"
    " AND c.job_id IS NOT NULL)",
    contracts="ARRAY[r.contract_id]",
)
CONTRACT_ROOTS = Roots(jobs="array_remove(ARRAY[r.job_id], NULL)", contracts="ARRAY[r.id]")

WORKED_ON = Guard(f"{_CONTRACT}c.status IN ({_STATES}))", "the contract is not worked on", "",
                  CONFLICT)  # fmt: skip
"""That the contract of a row is worked on: neither over, nor waiting, nor disputed."""
IS_WORKED_ON = Guard(IS_WORKING, "the contract is not worked on", "", CONFLICT)
"""The same, of the contract itself."""

NOT_CHARGED_BACK = Guard("NOT contract_charged_back(r.contract_id)", CHARGED_BACK, code=CONFLICT)
"""That no deposit which pays for anything of the contract of a row is asked back by a bank."""
IS_NOT_CHARGED_BACK = Guard("NOT contract_charged_back(r.id)", CHARGED_BACK, code=CONFLICT)
"""The same, of the contract itself."""


async def contract_of(work: Work, row: Row) -> Row:
    """The contract that a row belongs to; of a contract itself."""
    return row if row.table == "contracts" else await work.one("contracts", row["contract_id"])


async def people(work: Work, row: Row) -> Iterable[UUID | None]:
    """The parties of the contract of a row, and who works on it with them."""
    contract = await contract_of(work, row)
    members = await work.of("contract_members", contract_id=contract.id)
    accepted = (m["user_id"] for m in members if m.status == "accepted")
    return [contract["client_id"], contract["freelancer_id"], *accepted]


async def conversation(work: Work, row: Row) -> UUID | None:
    """The conversation of the contract of a row."""
    found: UUID | None = (await contract_of(work, row))["conversation_id"]
    return found


async def _currency(work: Work, row: Row) -> str:
    found: str = (await contract_of(work, row))["currency"]
    return found


def room(*facts: str) -> Room:
    """Tells of transitions in the contract's conversation, with these columns of the row."""
    return Room(conversation, _currency, facts)
