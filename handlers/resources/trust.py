"""Trust and discovery: reviews, disputes, tickets, and what one keeps and looks for."""

from handlers.resources.shared_fields import (
    COUNTED,
    CREATED,
    EQUAL,
    HISTORY,
    KEY,
    OF_CONTRACT,
    OWN,
    RANGE,
    STAFF,
    STAMPS,
    child_of,
    in_state,
    mine,
    one_of_mine,
    user,
    whose,
)
from handlers.workflows.trust.dispute import DISPUTE
from handlers.workflows.trust.review import REVIEW
from handlers.workflows.trust.review_invitation import INVITATION
from handlers.workflows.trust.ticket import TICKET
from storage.resources.kinds import (
    BOOL,
    ID,
    IDS,
    INT,
    LIST,
    MONEY,
    OBJECT,
    SCORE,
    TIME,
    integer,
    line,
    one_of,
    text,
)
from storage.resources.resource import ALL, EDIT, Expansion, Field, Resource, Who
from storage.resources.rule import IS_STAFF, ME, Rule, unless_hidden, where

_STARS = integer(1, 5)
_NOT_OF_ME = Rule(f"status <> 'pending' OR reviewee_id <> {ME}", frozenset({"reviewee_id"}))

REVIEWS = Resource(
    path="reviews", noun="review", table="reviews",
    says="What one party of a completed contract says of the other",
    public=where("status", "published"),
    # Nobody answers a review that they could read, staff neither.
    readers={OWN: mine("reviewer_id"), STAFF: IS_STAFF & _NOT_OF_ME},
    verbs=EDIT, owner="reviewer_id", writer=OWN,
    creates=child_of(
        "contracts", "contract_id",
        f"p.status = 'completed' AND {ME} IN (p.client_id, p.freelancer_id)",
    ),
    while_=in_state("pending"), sorts=("-created_at", "-overall_rating"),
    machine=REVIEW,
    fields=(
        KEY, Field("contract_id", ID, write=OWN, required=True, once=True, filter=EQUAL),
        Field("gig_id", ID, null=True, filter=EQUAL), whose("reviewer_id"), whose("reviewee_id"),
        Field("reviewer_role", one_of("client", "freelancer"), filter=EQUAL),
        Field("overall_rating", _STARS, write=OWN, required=True, filter=RANGE),
        Field("communication_rating", _STARS, write=OWN, null=True),
        Field("quality_rating", _STARS, write=OWN, null=True),
        Field("professionalism_rating", _STARS, write=OWN, null=True),
        Field("value_rating", _STARS, write=OWN, null=True),
        Field("title", line(200), write=OWN, null=True),
        Field("comment", text(10_000), write=OWN, null=True),
        Field("response_text", text(10_000), null=True), Field("response_at", TIME, null=True),
        Field("is_featured", BOOL, filter=EQUAL), Field("is_flagged", BOOL, read=Who.NOBODY),
        Field("helpful_count", INT, figure=COUNTED),
        Field("status", one_of(*sorted(REVIEW.states)), filter=EQUAL),
        Field("published_at", TIME, null=True), *STAMPS,
    ),
    expansions=(user("reviewer", "reviewer_id"), user("reviewee", "reviewee_id"),
                Expansion("gig", "gigs", "gig_id", "id")),
)  # fmt: skip

VOTES = Resource(
    path="review-votes", noun="vote", table="review_votes",
    says="Whether one finds a review helpful",
    readers={OWN: mine("user_id")}, verbs=ALL, owner="user_id", writer=OWN,
    creates=child_of(
        "reviews", "review_id",
        f"p.status = 'published' AND {ME} NOT IN (p.reviewer_id, p.reviewee_id)",
    ),
    fields=(KEY, whose("user_id"),
            Field("review_id", ID, write=OWN, required=True, once=True, filter=EQUAL),
            Field("is_helpful", BOOL, write=OWN, required=True), CREATED),
)  # fmt: skip

INVITATIONS = Resource(
    path="review-invitations", noun="invitation", table="review_invitations",
    says="A completed contract that waits for one's review",
    readers={OWN: mine("reviewer_id"), STAFF: IS_STAFF},
    machine=INVITATION,
    fields=(KEY, Field("contract_id", ID, filter=EQUAL), whose("reviewer_id"),
            Field("reviewee_id", ID),
            Field("status", one_of("invited", "accepted", "expired"), filter=EQUAL),
            Field("expires_at", TIME), *STAMPS),
    expansions=(Expansion("contract", "contracts", "contract_id", "id"),
                user("reviewee", "reviewee_id")),
)  # fmt: skip

RATINGS = Resource(
    path="user-ratings", noun="rating", table="user_ratings",
    says="The averages of somebody's published reviews",
    public=unless_hidden("user_id"), readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    key="user_id", sorts=("user_id",),
    fields=(Field("user_id", ID), Field("average_rating", SCORE), Field("total_reviews", INT),
            Field("communication_rating", SCORE, null=True),
            Field("quality_rating", SCORE, null=True),
            Field("professionalism_rating", SCORE, null=True),
            Field("value_rating", SCORE, null=True), Field("updated_at", TIME)),
)  # fmt: skip

DISPUTES = Resource(
    path="disputes", noun="dispute", table="disputes",
    says="A contract that its parties do not agree on; to them, members it has paid and staff",
    readers={
        OWN: mine("client_id"),
        Who.COUNTERPARTY: mine("freelancer_id") | one_of_mine("contract_id", "app_team_contracts"),
        STAFF: IS_STAFF,
    },
    machine=DISPUTE, priced_by=OF_CONTRACT, counted_by="status",
    sorts=("-created_at", "created_at"),
    fields=(
        KEY, Field("contract_id", ID, filter=EQUAL), Field("raised_by", ID, filter=EQUAL),
        whose("client_id"), whose("freelancer_id"),
        Field("type", one_of("quality", "payment", "timeline", "scope", "other"), filter=EQUAL),
        Field("title", line(200)), Field("description", text(20_000)),
        Field("evidence_urls", LIST), Field("evidence_file_ids", IDS),
        Field("raiser_client_amount", MONEY, null=True),
        Field("raiser_freelancer_amount", MONEY, null=True), Field("raiser_goes_on", BOOL),
        Field("answer", text(20_000), null=True), Field("answer_file_ids", IDS),
        Field("answer_client_amount", MONEY, null=True),
        Field("answer_freelancer_amount", MONEY, null=True), Field("answer_goes_on", BOOL),
        Field("answered_at", TIME, null=True),
        Field("answer_due_at", TIME, null=True,
              says="Until when the other side may answer, before the raiser's split "
              "is applied; null once it is answered or over"),
        Field("escalated_at", TIME, null=True), Field("alerted_at", TIME, null=True),
        Field("goes_on", BOOL),
        Field("outcome", one_of("resolved", "settled", "withdrawn", "unanswered", "mean"),
              null=True),
        Field("assigned_to", ID, null=True, filter=EQUAL),
        Field("resolution", text(20_000), null=True),
        Field("client_amount", MONEY, null=True), Field("freelancer_amount", MONEY, null=True),
        Field("resolved_by", ID, null=True), Field("resolved_at", TIME, null=True),
        Field("status", one_of(*sorted(DISPUTE.states)), filter=EQUAL), *STAMPS,
    ),
    expansions=(Expansion("contract", "contracts", "contract_id", "id"),
                user("client", "client_id"), user("freelancer", "freelancer_id"),
                user("assignee", "assigned_to"),
                Expansion("items", "split-items", "id", "dispute_id", many=True),
                Expansion("offers", "dispute-offers", "id", "dispute_id", many=True), HISTORY),
)  # fmt: skip

TICKETS = Resource(
    path="support-tickets", noun="ticket", table="support_tickets",
    says="A question to staff; what is said with each step is the `note` of its `history`",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    verbs=EDIT, owner="user_id", writer=OWN, while_=in_state("open"),
    machine=TICKET, counted_by="status", sorts=("-created_at", "created_at"),
    fields=(
        KEY, whose("user_id"),
        Field("category", line(50, 1), write=OWN, required=True, filter=EQUAL),
        Field("priority", one_of("low", "normal", "high", "urgent"), write=OWN, filter=EQUAL),
        Field("subject", line(200, 1), write=OWN, required=True, personal=True),
        Field("description", text(20_000, 1), write=OWN, required=True, personal=True),
        Field("attachment_ids", IDS, write=OWN), Field("assigned_to", ID, null=True, filter=EQUAL),
        Field("status", one_of(*sorted(TICKET.states)), filter=EQUAL),
        Field("resolved_at", TIME, null=True), *STAMPS,
    ),
    expansions=(user("user", "user_id"), user("assignee", "assigned_to"), HISTORY),
)  # fmt: skip

FAVORITES = Resource(
    path="favorites", noun="favorite", table="favorites",
    says="What one wants to find again",
    readers={OWN: mine("user_id")},
    verbs=frozenset({"list", "get", "create", "delete"}), owner="user_id", writer=OWN,
    creates=Rule(
        f"CASE favorited_type WHEN 'gig' THEN {child_of('gigs', 'favorited_id').sql}"
        f" WHEN 'job' THEN {child_of('jobs', 'favorited_id').sql}"
        " ELSE EXISTS (SELECT FROM freelancer_profiles p WHERE p.user_id = favorited_id) END",
        frozenset({"favorited_type", "favorited_id"}),
    ),
    fields=(
        KEY, whose("user_id"),
        Field("favorited_type", one_of("gig", "freelancer", "job"),
              write=OWN, required=True, once=True, filter=EQUAL),
        Field("favorited_id", ID, write=OWN, required=True, once=True, filter=EQUAL), CREATED,
    ),
    expansions=(
        Expansion("gig", "gigs", "favorited_id", "id"),
        Expansion("job", "jobs", "favorited_id", "id"),
        Expansion("freelancer", "freelancer-profiles", "favorited_id", "user_id"),
    ),
)  # fmt: skip

SAVED_SEARCHES = Resource(
    path="saved-searches", noun="saved search", table="saved_searches",
    says="A search to repeat, and to be told of",
    readers={OWN: mine("user_id")}, verbs=ALL, owner="user_id", writer=OWN,
    fields=(
        KEY, whose("user_id"),
        Field("search_type", one_of("gigs", "jobs", "freelancers"),
              write=OWN, required=True, once=True, filter=EQUAL),
        Field("name", line(100, 1), write=OWN, required=True),
        Field("search_params", OBJECT, write=OWN, required=True),
        Field("alert_enabled", BOOL, write=OWN, filter=EQUAL),
        Field("alert_frequency", one_of("immediate", "daily", "weekly"), write=OWN),
        Field("alerted_at", TIME, null=True, figure=COUNTED,
              says="Until when what appeared has been looked at; null before the first time"),
        *STAMPS,
    ),
)  # fmt: skip

SEARCH_HISTORY = Resource(
    path="search-history", noun="search", table="search_history",
    says="What one has searched for",
    readers={OWN: mine("user_id")}, verbs=frozenset({"list", "get", "delete"}), writer=OWN,
    fields=(
        KEY, whose("user_id"), Field("search_type", line(20), filter=EQUAL),
        Field("query", line(200), personal=True), Field("filters", OBJECT),
        Field("results_count", INT), CREATED,
    ),
)  # fmt: skip

TRUST = (
    REVIEWS, VOTES, INVITATIONS, RATINGS, DISPUTES, TICKETS, FAVORITES, SAVED_SEARCHES,
    SEARCH_HISTORY,
)  # fmt: skip
