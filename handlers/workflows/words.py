"""Words that workflows share: parties, roots, guards and audiences that several machines have."""

from protocol.errors import ErrorCode
from protocol.machine import Party
from storage.workflows.workflow import Guard

C, F, S, T = Party.CLIENT, Party.FREELANCER, Party.STAFF, Party.TIMER
OWNER, OTHER, SYSTEM, ADMIN = Party.OWNER, Party.OTHER, Party.SYSTEM, Party.ADMIN
PARTIES = {C: "client_id", F: "freelancer_id"}
CONFLICT = ErrorCode.CONFLICT

ACTIVE = Guard(
    "EXISTS (SELECT FROM users u WHERE u.id = {me} AND u.status = 'active')",
    "the account is not active",
    code=ErrorCode.FORBIDDEN,
)
"""That whoever asks may act at all: somebody who is suspended begins nothing."""

HAS_FEE = Guard(
    "EXISTS (SELECT FROM fee_structure f WHERE f.kind = 'platform' AND f.currency = r.currency"
    " AND f.effective_from <= {now} AND coalesce(f.effective_until > {now}, true))",
    "the platform has no fee for this currency yet",
    "currency",
    ErrorCode.CONFLICT,
)
"""That there is a price for using the platform with the row's currency."""
NOT_ONES_OWN = "nobody judges what is their own"
