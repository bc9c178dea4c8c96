"""A question to staff: taken, answered, replied to, resolved, closed.

What is said with each step is its note in the history.
"""

import msgspec

from handlers.workflows.bodies import Words, readable
from handlers.workflows.words import OWNER, S, T, users_in
from protocol.machine import Due, Machine, transition
from storage.workflows.moves import note
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import STAFF, Creation, Roots, Workflow

TICKET = Machine("ticket", "support_tickets", {OWNER: "user_id"}, (
    transition("ask", "", "open", OWNER),
    transition("take", "open", "in_progress", S),
    transition("answer", "in_progress", "waiting_on_customer", S),
    transition("reply", "waiting_on_customer", "in_progress", OWNER),
    transition("resolve", "open in_progress waiting_on_customer", "resolved", S,
               stamps="resolved_at"),
    transition("reopen", "resolved", "in_progress", OWNER),
    transition("close", "resolved", "closed", OWNER, S, T),
), dues={
    "resolved": (Due("close", "ticket_close_days", since=("resolved_at",)),),
})  # fmt: skip


class Saying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said."""

    message: Words


async def _take(work: Work, row: Row, _body: object) -> None:
    work.set(row, assigned_to=work.actor)


async def _say(work: Work, row: Row, body: Saying) -> None:
    readable(message=body.message)
    note(work, row, body.message)


WORKFLOW = Workflow(
    TICKET,
    resource="support-tickets",
    roots=Roots(users="ARRAY[r.user_id]"),
    audience=users_in("user_id", "assigned_to"),
    facts={S: f"{STAFF[S]} AND r.user_id <> {{me}}"},
    effects={"take": _take, "answer": _say, "reply": _say, "reopen": _say},
    bodies={"answer": Saying, "reply": Saying, "reopen": Saying},
    creation=Creation(),
)
