"""A gig: draft, shown, paused, taken away."""

from collections.abc import Iterable
from uuid import UUID

from handlers.workflows.words import ACTIVE, HAS_FEE, NOT_ONES_OWN, OWNER, S
from protocol.machine import Machine, transition
from storage.workflows.rows import Row
from storage.workflows.work import Work
from storage.workflows.workflow import Creation, Guard, Roots, Workflow

GIG = Machine("gig", "gigs", {OWNER: "freelancer_id"}, (
    transition("create", "", "draft", OWNER),
    transition("publish", "draft", "active", OWNER, guards="active_account has_package has_fee",
               stamps="published_at", events="gig.published"),
    transition("pause", "active", "paused", OWNER),
    transition("resume", "paused", "active", OWNER, guards="active_account has_package has_fee"),
    transition("remove", "draft active paused", "deleted", OWNER),
    transition("suspend", "active", "suspended", S, guards="not_own"),
    transition("reinstate", "suspended", "active", S, guards="not_own"),
))  # fmt: skip


async def _owner(_work: Work, row: Row) -> Iterable[UUID]:
    return [row["freelancer_id"]]


WORKFLOW = Workflow(
    GIG,
    resource="gigs",
    roots=Roots(standing="ARRAY[r.freelancer_id]", gigs="ARRAY[r.id]"),
    audience=_owner,
    guards={
        "active_account": ACTIVE,
        "has_package": Guard(
            "EXISTS (SELECT FROM gig_packages p WHERE p.gig_id = r.id)",
            "the gig needs a package first",
        ),
        "has_fee": HAS_FEE,
        "not_own": Guard("r.freelancer_id <> {me}", NOT_ONES_OWN),
    },
    creation=Creation(),
)
