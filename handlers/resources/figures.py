"""Figures: what the database counts, shown to those whom it is about."""

from typing import Annotated

import msgspec
from msgspec import Meta

from handlers.resources.shared_fields import (
    CREATED,
    EQUAL,
    KEY,
    OWN,
    RANGE,
    STAFF,
    child_of,
    mine,
    whose,
)
from storage.resources.kinds import (
    DATE,
    ID,
    INT,
    MONEY,
    SCORE,
    line,
    shape,
)
from storage.resources.resource import Field, PricedBy, Resource
from storage.resources.rule import IS_STAFF, ME, where

JOB_STATS = Resource(
    path="job-stats", noun="job's figures", table="job_stats", is_view=True,
    says="What was offered for a job, in figures: to its client and staff",
    readers={OWN: mine("client_id"), STAFF: IS_STAFF}, priced_by=PricedBy("jobs", "id"),
    fields=(
        KEY, Field("title", line(200)), Field("status", line(20), filter=EQUAL),
        Field("budget_max", MONEY, null=True), whose("client_id"), Field("total_proposals", INT),
        Field("average_amount", MONEY, null=True), Field("min_amount", MONEY, null=True),
        Field("max_amount", MONEY, null=True), CREATED, Field("hours_since_posted", SCORE),
    ),
)  # fmt: skip

_Count = Annotated[int, Meta(ge=0)]


class CurrencySum(msgspec.Struct, frozen=True):
    """What was released in a currency, tips among it, less what has come back."""

    currency: str
    amount: Annotated[str, Meta(description="an amount such as 100.00")]


class ClientFigures(msgspec.Struct, frozen=True):
    """A client's jobs, and what was paid to others for work: by currency, fees among it."""

    active_jobs: _Count
    completed_jobs: _Count
    spent: list[CurrencySum]


class FreelancerFigures(msgspec.Struct, frozen=True):
    """A freelancer's contracts and proposals, and what was earned: by currency, without fees."""

    active_contracts: _Count
    completed_contracts: _Count
    pending_proposals: _Count
    earned: list[CurrencySum]


DASHBOARD = Resource(
    path="user-dashboard", noun="dashboard", table="user_dashboard", is_view=True,
    says="One's own figures, as a client and as a freelancer",
    readers={OWN: mine("id")}, verbs=frozenset({"list"}), sorts=("id",),
    fields=(KEY, Field("display_name", line(80)), Field("kind", line(20)),
            Field("client", shape(ClientFigures), null=True),
            Field("freelancer", shape(FreelancerFigures), null=True)),
)  # fmt: skip

_OWN_GIG = where("area", "gigs") & child_of("gigs", "subject_id", f"p.freelancer_id = {ME}")

STATS = Resource(
    path="daily-stats", noun="figure", table="daily_stats",
    says="Figures by day, to whom they are about and staff; the others stand on it",
    readers={OWN: mine("subject_id") | _OWN_GIG, STAFF: IS_STAFF},
    sorts=("-id", "day"),
    fields=(KEY, Field("day", DATE, filter=RANGE), Field("area", line(20), filter=EQUAL),
            Field("subject_id", ID, filter=EQUAL), Field("name", line(100), filter=EQUAL),
            Field("value", SCORE)),
)  # fmt: skip


def _of(area: str, subject: str) -> Resource:
    """The view of one area's figures; `subject` is what they are about."""
    return Resource(
        path=f"{area}-stats", noun="figure", table=f"{area}_stats", is_view=True,
        says=f"Figures by day: {area}", readers=STATS.readers, sorts=("-id", "day"),
        fields=(KEY, Field("day", DATE, filter=RANGE), whose(subject),
                Field("name", line(100), filter=EQUAL), Field("value", SCORE)),
    )  # fmt: skip


FIGURES = (
    JOB_STATS, DASHBOARD, STATS, _of("gig", "gig_id"),
    *(_of(area, "user_id") for area in ("order", "payment", "messaging", "review")),
)  # fmt: skip
