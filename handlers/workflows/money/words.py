"""What machines of money share: guards, and a text of refusals."""

from handlers.workflows.words import CHARGED_BACK, CONFLICT, NOT_ONES_OWN
from storage.workflows.workflow import Guard

# In a SELECT of its own it is asked once for all rows that are shown.
NO_DEBT = Guard(
    "NOT (SELECT owes_something({me}))",
    "you owe the platform money: a deposit pays it",
    code=CONFLICT,
)
"""That whoever asks owes nothing in any currency."""
OWNER_OWES_NOTHING = Guard(
    "NOT owes_something(r.user_id)",
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
