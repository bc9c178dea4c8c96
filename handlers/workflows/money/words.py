"""Guards that machines of money share."""

from handlers.workflows.words import CHARGED_BACK, CONFLICT, NOT_ONES_OWN
from storage.workflows.workflow import Guard

_OWES = "EXISTS (SELECT FROM ledger_accounts a WHERE a.kind = 'debt' AND a.balance < 0 AND {})"
NO_DEBT = Guard(
    f"NOT {_OWES.format('a.user_id = {me}')}",
    "you owe the platform money: a deposit pays it",
    code=CONFLICT,
)
"""That whoever asks owes nothing in any currency."""
OWNER_OWES_NOTHING = Guard(
    f"NOT {_OWES.format('a.user_id = r.user_id')}",
    "its owner owes the platform money",
    code=CONFLICT,
)
"""That whose row it is owes nothing in any currency."""
NO_CHARGEBACK = Guard(
    "NOT EXISTS (SELECT FROM chargebacks b WHERE b.user_id = {me} AND b.status = 'opened')",
    CHARGED_BACK,
    code=CONFLICT,
)
"""That no bank asks back what whoever asks has paid."""
TIPS_STAND = "less would be left for the work than was given on top of it: the tips go back first"
"""Why parties cannot give back all that was paid for the work while a tip stays."""
NOT_OWN = Guard("r.user_id <> {me}", NOT_ONES_OWN, code=CONFLICT)
