"""Words that workflows share: parties, guards and audiences that several machines have."""

from collections.abc import Iterable
from uuid import UUID

from protocol.errors import ErrorCode
from protocol.machine import Party
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Audience, Conflict, Guard

C, F, S, T = Party.CLIENT, Party.FREELANCER, Party.STAFF, Party.TIMER
OWNER, OTHER, SYSTEM, ADMIN = Party.OWNER, Party.OTHER, Party.SYSTEM, Party.ADMIN
PARTIES = {C: "client_id", F: "freelancer_id"}
CONFLICT = ErrorCode.CONFLICT

ACTIVE = Guard(
    "EXISTS (SELECT FROM users u WHERE u.id = {me} AND u.status = 'active')",
    "the account is not active",
    code=ErrorCode.FORBIDDEN,
)
"""That whoever asks may act: who is suspended begins no agreement, and pays in or out nothing.

What answers, divides or ends what runs is open to them, so that nobody's money is held for them.
"""

FEE_IN_FORCE = (
    "EXISTS (SELECT FROM fee_structure f WHERE f.kind = 'platform' AND f.currency = r.currency"
    " AND f.effective_from <= {{now}} AND coalesce(f.effective_until > {{now}}, true){})"
)
"""That the platform has a price for the row's currency, of which more may be asked."""
HAS_FEE = Guard(
    FEE_IN_FORCE.format(""),
    "the platform has no fee for this currency yet",
    "currency",
    ErrorCode.CONFLICT,
)
"""That there is a price for using the platform with the row's currency."""
NO_FEE_FOR_IT = Conflict("the platform has no fee for this currency and amount")
DECLINED = "declined"
"""Why a job has lost its contract: the freelancer did not want it."""
NOT_ONES_OWN = "nobody judges what is their own"
CHARGED_BACK = "it waits for the end of a chargeback"

_BLOCKED = (
    "SELECT FROM user_blocks b WHERE (b.blocker_id = {0} AND b.blocked_id = {1})"
    " OR (b.blocker_id = {1} AND b.blocked_id = {0})"
)


def free_of_each_other(one: str, other: str) -> Guard:
    """That two people are active, and that neither has blocked the other; columns of `r`, or me."""
    standing = f"SELECT FROM users u WHERE u.id IN ({one}, {other}) AND u.status <> 'active'"
    return Guard(
        f"NOT EXISTS ({standing}) AND NOT EXISTS ({_BLOCKED.format(one, other)})",
        "one of the two is suspended, or has blocked the other",
        code=ErrorCode.CONFLICT,
    )


PARTIES_FREE = free_of_each_other("r.client_id", "r.freelancer_id")
"""That the parties of the row may deal with each other."""


def users_in(*columns: str) -> Audience:
    """Tells those whom these columns of a row name."""

    async def named(_work: Work, row: Row) -> Iterable[UUID | None]:
        return [row[column] for column in columns]

    return named
