"""How often the same may be asked of somebody who has said no, and how much may wait for money.

What is asked for is told to the other party each time: without a limit it would be a way to pester.
"""

from handlers.workflows.words import CONFLICT
from storage.workflows.workflow import Guard


def _fewer(
    rows: str, most: str, length: str, *, says: str, reason: str, counted: str = ""
) -> Guard:
    """That there are fewer rows than `most`, each of which is over when `length` has passed.

    `rows` is SQL, over the row `r`, of the times at which they began: its one column is called
    `at`. The next is possible when the last but `most` of them is over. `counted` is a condition
    on what is counted, where rows that are over are still there.
    """
    of, last = f"FROM ({rows}) d", f"{most}::integer - 1"
    return Guard(
        f"(SELECT count(*) {of}{counted}) < {most}",
        says,
        code=CONFLICT,
        reason=reason,
        since=f"(SELECT d.at + {length} {of} ORDER BY d.at DESC OFFSET {last} LIMIT 1)",
    )


def not_repeated(rows: str) -> Guard:
    """That the same was asked for fewer times within a day than the setting has it.

    `rows` are those times before, as `_fewer` takes them.
    """
    return _fewer(
        rows,
        "setting_number('repeats_per_day')",
        "interval '1 day'",
        says="it was asked for as often as it may be within a day (`repeats_per_day`)",
        reason="asked_too_often",
        counted=" WHERE d.at > {now} - interval '1 day'",
    )


def not_repeated_action(machine: str, action: str) -> Guard:
    """The same, of an action of the row itself."""
    return not_repeated(
        "SELECT h.created_at AS at FROM status_history h"
        f" WHERE h.entity_type = '{machine}' AND h.entity_id = r.id AND h.action = '{action}'"
    )


def _few_unpaid(which: str, most: str, says: str) -> Guard:
    return _fewer(
        "SELECT c.created_at AS at FROM contracts c"
        f" WHERE c.client_id = {{me}} AND c.status = 'pending_payment'{which}",
        most,
        "setting_length('gig_payment_minutes')",
        says=says,
        reason="too_many_unpaid",
    )


FEW_UNPAID_OF_GIG = _few_unpaid(
    " AND c.gig_id = r.id",
    "setting_number('unpaid_orders_per_gig')",
    "too many of your orders of this gig wait to be paid (`unpaid_orders_per_gig`)",
)
"""That a client has few orders of the gig which wait for money."""
FEW_UNPAID = _few_unpaid(
    "",
    "setting_number('unpaid_orders')",
    "too many of your orders wait to be paid (`unpaid_orders`)",
)
"""That a client has few orders of all gigs which wait for money."""
