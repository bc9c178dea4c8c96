"""The catalogue: gigs and what belongs to one."""

from handlers.resources.related_filters import WITHIN_DAYS, below_category, favorite
from handlers.resources.shared_fields import (
    COUNTED,
    DRIFTING,
    EQUAL,
    HAS,
    KEY,
    OWN,
    RANGE,
    STAFF,
    STAMPS,
    by_one,
    child_of,
    in_state,
    mine,
    user,
    whose,
)
from handlers.workflows.listings.gig import GIG
from storage.resources.kinds import (
    BOOL,
    CURRENCY,
    ID,
    INT,
    LIST,
    MONEY,
    SCORE,
    SECONDS,
    TIME,
    URL,
    integer,
    line,
    one_of,
    slug,
    text,
    words,
)
from storage.resources.resource import ALL, EDIT, Beside, Expansion, Field, PricedBy, Resource
from storage.resources.rule import IS_STAFF, ME, unless_hidden, where

GIGS = Resource(
    path="gigs", noun="gig", table="gigs",
    says="A service at a price, in packages",
    public=unless_hidden("freelancer_id", where("status", "active")),
    readers={OWN: mine("freelancer_id"), STAFF: IS_STAFF},
    verbs=EDIT, owner="freelancer_id", writer=OWN,
    creates=by_one("freelancer"),
    while_=in_state("draft", "active", "paused"),
    sorts=("-created_at", "-rating", "-order_count", "-trend_score", "starting_price"),
    machine=GIG, cache_s=1800,
    beside=Beside("gig_counters", "gig_id", frozenset(
        {"view_count", "order_count", "favorite_count", "trend_score"})),
    related=(below_category("category_id", "subcategory_id"), WITHIN_DAYS, favorite("gig")),
    fields=(
        KEY, whose("freelancer_id"),
        Field("title", line(200, 1), write=OWN, required=True),
        Field("slug", slug(250), write=OWN, required=True, once=True, filter=EQUAL),
        Field("description", text(20_000, 1), write=OWN, required=True),
        Field("category_id", ID, write=OWN, required=True, filter=EQUAL),
        Field("subcategory_id", ID, write=OWN, null=True, filter=EQUAL),
        Field("video_type", line(50), write=OWN, null=True, filter=EQUAL),
        Field("thumbnail_url", URL, write=OWN, null=True),
        Field("media", LIST, write=OWN),
        Field("tags", words(20, 50), write=OWN, filter=HAS),
        Field("requirements_note", text(5000), write=OWN, null=True),
        Field("currency", CURRENCY, write=OWN, filter=EQUAL),
        Field("starting_price", MONEY, figure=COUNTED, null=True, filter=RANGE),
        Field("view_count", INT, figure=DRIFTING),
        Field("order_count", INT, figure=COUNTED, filter=RANGE),
        Field("favorite_count", INT, figure=COUNTED),
        Field("rating", SCORE, figure=COUNTED, filter=RANGE),
        Field("total_reviews", INT, figure=COUNTED), Field("trend_score", SECONDS, figure=DRIFTING),
        Field("is_featured", BOOL, filter=EQUAL),
        Field("status", one_of("draft", "active", "paused", "suspended", "deleted"), filter=EQUAL),
        Field("published_at", TIME, null=True),
        *STAMPS,
    ),
    expansions=(
        user("freelancer", "freelancer_id"),
        Expansion("freelancer_profile", "freelancer-profiles", "freelancer_id", "user_id"),
        Expansion("category", "categories", "category_id", "id"),
        Expansion("packages", "gig-packages", "id", "gig_id", many=True),
        Expansion("extras", "gig-extras", "id", "gig_id", many=True),
        Expansion("requirements", "gig-requirements", "id", "gig_id", many=True),
        Expansion("faqs", "gig-faqs", "id", "gig_id", many=True),
        Expansion("reviews", "reviews", "id", "gig_id", many=True),
    ),
)  # fmt: skip

_SEEN = child_of("gigs", "gig_id")
_OWN = child_of("gigs", "gig_id", f"p.freelancer_id = {ME} AND p.status <> 'deleted'")
_PRICED = PricedBy("gigs", "gig_id")
_OF_GIG = Field("gig_id", ID, write=OWN, required=True, once=True, filter=EQUAL)

PACKAGES = Resource(
    path="gig-packages", noun="package", table="gig_packages",
    says="One of a gig's three prices: basic, standard, premium",
    public=_SEEN, readers={OWN: _OWN}, verbs=ALL, writer=OWN, sorts=("price", "-created_at"),
    priced_by=_PRICED, locked_by="lock_gig_of_package",
    fields=(
        KEY, _OF_GIG,
        Field("tier", one_of("basic", "standard", "premium"),
              write=OWN, required=True, once=True, filter=EQUAL),
        Field("name", line(100), write=OWN, null=True),
        Field("description", text(2000), write=OWN, null=True),
        Field("price", MONEY, write=OWN, required=True),
        Field("delivery_days", integer(1, 365), write=OWN, required=True, filter=RANGE),
        Field("revisions", integer(0, 100), write=OWN),
        *STAMPS,
    ),
    expansions=(Expansion("gig", "gigs", "gig_id", "id"),),
)  # fmt: skip

EXTRAS = Resource(
    path="gig-extras", noun="extra", table="gig_extras",
    says="What can be ordered on top of a package",
    public=_SEEN, readers={OWN: _OWN}, verbs=ALL, writer=OWN, priced_by=_PRICED,
    fields=(
        KEY, _OF_GIG,
        Field("title", line(200, 1), write=OWN, required=True),
        Field("description", text(2000), write=OWN, null=True),
        Field("price", MONEY, write=OWN, required=True),
        Field("extra_days", integer(0, 365), write=OWN),
        *STAMPS,
    ),
)  # fmt: skip

REQUIREMENTS = Resource(
    path="gig-requirements", noun="requirement", table="gig_requirements",
    says="What a client is asked when ordering",
    public=_SEEN, readers={OWN: _OWN}, verbs=ALL, writer=OWN,
    sorts=("display_order", "-created_at"),
    fields=(
        KEY, _OF_GIG,
        Field("question", text(1000, 1), write=OWN, required=True),
        Field("kind", one_of("text", "file", "choice"), write=OWN),
        Field("choices", words(50, 200), write=OWN),
        Field("is_required", BOOL, write=OWN),
        Field("display_order", INT, write=OWN),
        *STAMPS,
    ),
)  # fmt: skip

FAQS = Resource(
    path="gig-faqs", noun="question", table="gig_faqs",
    says="A question that clients ask, answered",
    public=_SEEN, readers={OWN: _OWN}, verbs=ALL, writer=OWN,
    sorts=("display_order", "-created_at"),
    fields=(
        KEY, _OF_GIG,
        Field("question", text(500, 1), write=OWN, required=True),
        Field("answer", text(5000, 1), write=OWN, required=True),
        Field("display_order", INT, write=OWN),
        *STAMPS,
    ),
)  # fmt: skip

CATALOGUE = (GIGS, PACKAGES, EXTRAS, REQUIREMENTS, FAQS)
