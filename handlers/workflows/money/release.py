"""A release: money for work that clears after some days; frozen while it is disputed.

It begins with the posting that makes it (`storage/ledger/postings`), never by itself.
"""

import datetime as dt

from handlers.workflows.contracts.belonging import ROOTS
from handlers.workflows.words import SYSTEM, C, F, T, users_in
from protocol.machine import Due, Machine, transition
from storage.ledger.accounts import for_clearing
from storage.ledger.postings.releases import clear
from storage.workflows.moves import hold_timers, left_of
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Roots, Workflow

RELEASE = Machine("release", "releases", {C: "client_id", F: "user_id"}, (
    transition("begin", "", "pending", SYSTEM),
    transition("clear", "pending", "cleared", T, stamps="cleared_at", moves_money=True),
    transition("freeze", "pending", "frozen", SYSTEM),
    transition("thaw", "frozen", "pending", SYSTEM),
    transition("reverse", "pending frozen cleared", "reversed", SYSTEM),
), dues={"pending": (Due("clear", "clearing_days", since=("created_at",)),)})  # fmt: skip


async def _clear(work: Work, row: Row, _body: object) -> None:
    accounts = for_clearing(row["user_id"], row["currency"])
    await work.ledger.open(accounts, releases=[row.id])
    clear(work.ledger, row.id)


async def _freeze(work: Work, row: Row, _body: object) -> None:
    work.set(row, clears_at=None)
    hold_timers(work, "freeze", "release", row)


async def _thaw(work: Work, row: Row, _body: object) -> None:
    work.set(row, clears_at=work.now + (left_of(row, "clear") or dt.timedelta()))
    hold_timers(work, "thaw", "release", row)


WORKFLOW = Workflow(
    RELEASE,
    resource="releases",
    roots=Roots(
        # Of an external job there is no contract: it is its user's own affair.
        users="CASE WHEN r.contract_id IS NULL THEN ARRAY[r.user_id] END",
        jobs=ROOTS.jobs,
        contracts="array_remove(ARRAY[r.contract_id], NULL)",
    ),
    audience=users_in("client_id", "user_id", "freelancer_id"),
    effects={"clear": _clear, "freeze": _freeze, "thaw": _thaw},
)
