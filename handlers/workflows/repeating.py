"""How often the same may be asked of somebody who has said no, and how much may wait for money.

What is asked for is told to the other party each time: without a limit it would be a way to pester.
"""

from handlers.workflows.words import CONFLICT
from storage.workflows.workflow import Guard

_MOST = "coalesce(setting_number('repeats_per_day'), 5)"


def not_repeated(rows: str) -> Guard:
    """That the same was asked for fewer times within a day than the setting has it.

    `rows` is SQL, over the row `r`, of those times before: its one column is called `at`.
    """
    return Guard(
        f"(SELECT count(*) FROM ({rows}) d WHERE d.at > {{now}} - interval '1 day') < {_MOST}",
        "it was asked for as often as it may be within a day (`repeats_per_day`)",
        code=CONFLICT,
        reason="asked_too_often",
        since=f"(SELECT d.at + interval '1 day' FROM ({rows}) d ORDER BY d.at DESC"
        f" OFFSET {_MOST}::integer - 1 LIMIT 1)",
    )


def not_repeated_action(machine: str, action: str) -> Guard:
    """The same, of an action of the row itself."""
    return not_repeated(
        "SELECT h.created_at AS at FROM status_history h"
        f" WHERE h.entity_type = '{machine}' AND h.entity_id = r.id AND h.action = '{action}'"
    )


_UNPAID = "FROM contracts c WHERE c.client_id = {me} AND c.status = 'pending_payment'"
FEW_UNPAID = Guard(
    "(SELECT count(*) FILTER (WHERE c.gig_id = r.id)"
    " < coalesce(setting_number('unpaid_orders_per_gig'), 5)"
    f" AND count(*) < coalesce(setting_number('unpaid_orders'), 25) {_UNPAID})",
    "too many of your orders wait to be paid (`unpaid_orders`, `unpaid_orders_per_gig`)",
    code=CONFLICT,
    reason="too_many_unpaid",
    since=f"(SELECT min(c.created_at) + setting_length('gig_payment_minutes') {_UNPAID})",
)
"""That a client has few orders which wait for money: of the gig, and in all."""
