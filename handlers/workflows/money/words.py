"""Guards that machines of money share."""

from handlers.workflows.words import CHARGED_BACK, CONFLICT, NOT_ONES_OWN
from storage.workflows.workflow import Guard

NO_DEBT = Guard(
    "NOT EXISTS (SELECT FROM ledger_accounts a WHERE a.kind = 'debt' AND a.user_id = {me}"
    " AND a.balance < 0)",
    "you owe the platform money: a deposit pays it",
    code=CONFLICT,
)
"""That whoever asks owes nothing in any currency."""
NO_CHARGEBACK = Guard(
    "NOT EXISTS (SELECT FROM chargebacks b WHERE b.user_id = {me} AND b.status = 'opened')",
    CHARGED_BACK,
    code=CONFLICT,
)
"""That no bank asks back what whoever asks has paid."""
NOT_OWN = Guard("r.user_id <> {me}", NOT_ONES_OWN, code=CONFLICT)
