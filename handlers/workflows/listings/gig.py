"""A gig: draft, shown and ordered, paused, taken away."""

from handlers.workflows.listings.ordering import Order, order
from handlers.workflows.repeating import FEW_UNPAID, FEW_UNPAID_OF_GIG
from handlers.workflows.words import (
    ACTIVE,
    HAS_FEE,
    NO_FEE_FOR_IT,
    NOT_ONES_OWN,
    OWNER,
    C,
    S,
    free_of_each_other,
    users_in,
)
from protocol.machine import Machine, transition
from storage.workflows.workflow import Answered, Creation, Guard, Roots, Workflow

GIG = Machine("gig", "gigs", {OWNER: "freelancer_id"}, (
    transition("create", "", "draft", OWNER),
    transition("publish", "draft", "active", OWNER, guards="active_account has_package has_fee",
               stamps="published_at", events="gig.published"),
    transition("pause", "active", "paused", OWNER),
    transition("resume", "paused", "active", OWNER, guards="active_account has_package has_fee"),
    transition("remove", "draft active paused", "deleted", OWNER),
    transition("suspend", "active", "suspended", S, guards="not_own"),
    transition("reinstate", "suspended", "active", S, guards="not_own"),
    transition("order", "active", "=", C,
               guards="active_account client_free has_package has_fee few_unpaid_of_gig"
               " few_unpaid"),
))  # fmt: skip


WORKFLOW = Workflow(
    GIG,
    resource="gigs",
    roots=Roots(standing="ARRAY[r.freelancer_id, {me}]", gigs="ARRAY[r.id]"),
    audience=users_in("freelancer_id"),
    facts={
        C: "r.freelancer_id <> {me} AND EXISTS (SELECT FROM users u WHERE u.id = {me}"
        " AND u.kind IN ('client', 'both'))"
    },
    guards={
        "few_unpaid": FEW_UNPAID,
        "few_unpaid_of_gig": FEW_UNPAID_OF_GIG,
        "active_account": ACTIVE,
        "has_package": Guard(
            "EXISTS (SELECT FROM gig_packages p WHERE p.gig_id = r.id)",
            "the gig needs a package first",
        ),
        "client_free": free_of_each_other("r.freelancer_id", "{me}"),
        "has_fee": HAS_FEE,
        "not_own": Guard("r.freelancer_id <> {me}", NOT_ONES_OWN),
    },
    effects={"order": order},
    conflicts={"order": (NO_FEE_FOR_IT,)},
    bodies={"order": Order},
    creation=Creation(),
    says={"order": ("title", "total_amount", "currency")},
    answers={"order": (Answered("contracts", 201),)},
)
