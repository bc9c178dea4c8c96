"""Words that machines of money share."""

from collections.abc import Iterable
from uuid import UUID

from handlers.workflows.words import CONFLICT
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Guard

_OWES = (
    "NOT EXISTS (SELECT FROM ledger_accounts a WHERE a.kind = 'debt' AND a.user_id = {}"
    " AND a.balance < 0)"
)
_ASKED_BACK = "NOT EXISTS (SELECT FROM chargebacks b WHERE b.user_id = {} AND b.status = 'opened')"
NO_DEBT = Guard(
    _OWES.format("{me}"), "you owe the platform money: a deposit pays it", code=CONFLICT
)
"""That whoever asks owes nothing in any currency."""
NO_CHARGEBACK = Guard(
    _ASKED_BACK.format("{me}"), "it waits for the end of a chargeback", code=CONFLICT
)
"""That no bank asks back what whoever asks has paid."""
NOT_OWN = Guard("r.user_id <> {me}", "nobody judges what is their own", code=CONFLICT)


async def owner(_work: Work, row: Row) -> Iterable[UUID]:
    """Whose money it is."""
    return [row["user_id"]]


async def nobody(_work: Work, _row: Row) -> Iterable[UUID]:
    """What staff alone sees is told to nobody."""
    return ()
