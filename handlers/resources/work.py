"""Work: jobs, proposals, contracts and what is delivered under one; tasks."""

from handlers.resources.related_filters import below_category, by_skill, favorite
from handlers.resources.shared_fields import (
    COUNTED,
    CREATED,
    DRIFTING,
    EQUAL,
    HAS,
    HISTORY,
    KEY,
    OF_CONTRACT,
    OWN,
    RANGE,
    STAFF,
    STAMPS,
    by_one,
    child_of,
    in_state,
    mine,
    one_of_mine,
    user,
    whose,
)
from handlers.workflows.contracts.cancellation import CANCELLATION
from handlers.workflows.contracts.contract import CONTRACT
from handlers.workflows.contracts.deliverable import DELIVERABLE
from handlers.workflows.contracts.member import MEMBER
from handlers.workflows.contracts.milestone import MILESTONE
from handlers.workflows.listings.job import JOB
from handlers.workflows.listings.plan import PLAN
from handlers.workflows.listings.proposal import PROPOSAL
from storage.resources.kinds import (
    BOOL,
    CURRENCY,
    DATE,
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
    words,
)
from storage.resources.resource import ALL, EDIT, Beside, Expansion, Field, Resource, Who
from storage.resources.rule import IS_STAFF, ME, Rule, unless_hidden, where

JOBS = Resource(
    path="jobs", noun="job", table="jobs",
    says="What a client wants done",
    public=unless_hidden("client_id", where("status", "open")),
    readers={
        OWN: mine("client_id"),
        Who.COUNTERPARTY: one_of_mine("id", "app_offered_jobs"),
        STAFF: IS_STAFF,
    },
    verbs=EDIT, owner="client_id", writer=OWN,
    creates=where("platform", "internal") & by_one("client"),
    while_=in_state("draft", "open", "closed"),
    sorts=("-created_at", "deadline", "-budget_max"),
    machine=JOB, cache_s=900,
    beside=Beside("job_counters", "job_id", frozenset({"view_count", "proposal_count"})),
    related=(
        by_skill("job_skills", "job_id", "id", "A skill that it asks for"),
        below_category("category_id"), favorite("job"),
    ),
    fields=(
        KEY, whose("client_id"),
        Field("platform", one_of("internal", "upwork", "freelancer", "fiverr"), filter=EQUAL),
        Field("title", line(200, 1), write=OWN, required=True),
        Field("description", text(20_000, 1), write=OWN, required=True),
        Field("category_id", ID, write=OWN, required=True, filter=EQUAL),
        Field("job_type", line(100), write=OWN, null=True, filter=EQUAL),
        Field("video_type", line(50), write=OWN, null=True, filter=EQUAL),
        Field("video_duration_preference", line(50), write=OWN, null=True),
        Field("platform_preference", line(50), write=OWN, null=True),
        Field("budget_type", one_of("fixed", "hourly", "range"), write=OWN, filter=EQUAL),
        Field("budget_min", MONEY, write=OWN, null=True, filter=RANGE),
        Field("budget_max", MONEY, write=OWN, null=True, filter=RANGE),
        Field("budget_estimate", MONEY, null=True),
        Field("currency", CURRENCY, write=OWN, filter=EQUAL),
        Field("deadline", TIME, write=OWN, null=True, filter=RANGE),
        Field("estimated_duration_days", integer(1, 3650), write=OWN, null=True),
        Field("estimated_hours", integer(1, 100_000), write=OWN, null=True),
        Field("complexity", one_of("simple", "moderate", "complex", "expert"),
              write=OWN, filter=EQUAL),
        Field("experience_level", one_of("entry", "intermediate", "expert", "any"),
              write=OWN, filter=EQUAL),
        Field("requirements", OBJECT, write=OWN),
        Field("milestone_plan", one_of("single", "quarters"), write=OWN),
        Field("work_breakdown", OBJECT), Field("deliverables", LIST),
        Field("attachment_ids", IDS, write=OWN),
        Field("tags", words(20, 50), write=OWN, filter=HAS),
        Field("senior_developer_id", ID, null=True),
        Field("qa_score", SCORE, null=True),
        Field("user_approved_at", TIME, null=True), Field("client_approved_at", TIME, null=True),
        Field("revision_count", INT), Field("view_count", INT, figure=DRIFTING),
        Field("proposal_count", INT, figure=COUNTED),
        Field("is_featured", BOOL, filter=EQUAL),
        Field("status", one_of(*sorted(JOB.states)), filter=EQUAL),
        Field("published_at", TIME, null=True), Field("closed_at", TIME, null=True),
        Field("completed_at", TIME, null=True),
        *STAMPS,
    ),
    expansions=(
        user("client", "client_id"),
        Expansion("client_profile", "client-profiles", "client_id", "user_id"),
        Expansion("category", "categories", "category_id", "id"),
        Expansion("skills", "job-skills", "id", "job_id", many=True),
        Expansion("proposals", "proposals", "id", "job_id", many=True),
        Expansion("contracts", "contracts", "id", "job_id", many=True),
    ),
)  # fmt: skip

JOB_SKILLS = Resource(
    path="job-skills", noun="job skill", table="job_skills",
    says="A skill that a job asks for",
    public=child_of("jobs", "job_id"),
    readers={OWN: child_of("jobs", "job_id", f"p.client_id = {ME}")},
    verbs=ALL, writer=OWN,
    fields=(
        KEY,
        Field("job_id", ID, write=OWN, required=True, once=True, filter=EQUAL),
        Field("skill_id", ID, write=OWN, required=True, once=True, filter=EQUAL),
        Field("is_required", BOOL, write=OWN),
        CREATED,
    ),
    expansions=(Expansion("skill", "skills", "skill_id", "id"),
                Expansion("job", "jobs", "job_id", "id")),
)  # fmt: skip

PROPOSALS = Resource(
    path="proposals", noun="proposal", table="proposals",
    says="What a freelancer offers for a job; between the two and staff",
    readers={OWN: mine("freelancer_id"), Who.COUNTERPARTY: mine("client_id"), STAFF: IS_STAFF},
    verbs=EDIT, owner="freelancer_id", writer=OWN,
    creates=child_of("jobs", "job_id", "p.status = 'open' AND p.platform = 'internal'")
    & Rule(f"client_id <> {ME}")
    & by_one("freelancer"),
    while_=in_state("pending", "shortlisted"),
    machine=PROPOSAL,
    fields=(
        KEY, whose("freelancer_id"), whose("client_id"),
        Field("job_id", ID, write=OWN, required=True, once=True, filter=EQUAL),
        Field("cover_letter", text(10_000, 1), write=OWN, required=True),
        Field("amount", MONEY, write=OWN, required=True, filter=RANGE),
        Field("currency", CURRENCY),
        Field("timeline_days", integer(1, 3650), write=OWN, null=True, filter=RANGE),
        Field("estimated_hours", integer(1, 100_000), write=OWN, null=True),
        Field("delivery_date", TIME, write=OWN, null=True),
        Field("milestones", PLAN, write=OWN), Field("revisions", integer(0, 100), write=OWN),
        Field("attachment_ids", IDS, write=OWN), Field("portfolio_item_ids", IDS, write=OWN),
        Field("status", one_of(*sorted(PROPOSAL.states)), filter=EQUAL),
        Field("rejection_reason", text(5000), null=True),
        Field("rejected_by", ID, null=True,
              says="The contract, no user, that another proposal became and for which this one was "
              "rejected; null where the client rejected it"),
        Field("reviewed_at", TIME, null=True), Field("accepted_at", TIME, null=True),
        *STAMPS,
    ),
    expansions=(
        Expansion("job", "jobs", "job_id", "id"), user("freelancer", "freelancer_id"),
        user("client", "client_id"),
        Expansion("freelancer_profile", "freelancer-profiles", "freelancer_id", "user_id"),
        Expansion("contracts", "contracts", "id", "proposal_id", many=True),
    ),
)  # fmt: skip

CONTRACTS = Resource(
    path="contracts", noun="contract", table="contracts",
    says="What two parties have agreed; to them, their members and staff",
    readers={
        OWN: mine("client_id"),
        Who.COUNTERPARTY: mine("freelancer_id") | one_of_mine("id", "app_member_contracts"),
        STAFF: IS_STAFF,
    },
    sorts=("-created_at",), machine=CONTRACT, cache_s=900,
    fields=(
        KEY, whose("client_id"), whose("freelancer_id"),
        Field("job_id", ID, null=True, filter=EQUAL), Field("proposal_id", ID, null=True),
        Field("gig_id", ID, null=True, filter=EQUAL), Field("gig_package_id", ID, null=True),
        Field("conversation_id", ID, null=True),
        Field("title", line(200)), Field("description", text(20_000)),
        Field("scope_of_work", text(20_000)), Field("terms", text(100_000), null=True),
        Field("deliverable_description", text(20_000), null=True),
        Field("total_amount", MONEY, filter=RANGE), Field("currency", CURRENCY, filter=EQUAL),
        Field("platform_fee", MONEY), Field("payout", MONEY),
        Field("start_date", DATE, null=True), Field("deadline", DATE, null=True),
        Field("estimated_hours", INT, null=True),
        Field("revisions_allowed", INT), Field("revisions_used", INT),
        Field("status", one_of(*sorted(CONTRACT.states)), filter=EQUAL),
        Field("accepted_at", TIME, null=True), Field("started_at", TIME, null=True),
        Field("submitted_at", TIME, null=True), Field("completed_at", TIME, null=True),
        Field("cancelled_at", TIME, null=True), Field("idle_since", TIME, null=True),
        Field("expires_at", TIME, null=True,
              says="When it is cancelled unless it is paid for or accepted before, by the "
              "settings as they were when it began; null in every other state"),
        Field("dispute_ended_at", TIME, null=True),
        *STAMPS,
    ),
    expansions=(
        user("client", "client_id"), user("freelancer", "freelancer_id"),
        Expansion("job", "jobs", "job_id", "id"), Expansion("gig", "gigs", "gig_id", "id"),
        Expansion("milestones", "milestones", "id", "contract_id", many=True),
        Expansion("members", "contract-members", "id", "contract_id", many=True),
        Expansion("escrow", "escrows", "id", "contract_id"),
        Expansion("reviews", "reviews", "id", "contract_id", many=True),
        Expansion("releases", "releases", "id", "contract_id", many=True),
        Expansion("refunds", "refunds", "id", "contract_id", many=True),
        Expansion("deposits", "deposits", "id", "contract_id", many=True),
        Expansion("invitations", "review-invitations", "id", "contract_id", many=True),
        Expansion("amendments", "contract-amendments", "id", "contract_id", many=True),
        Expansion("cancellations", "contract-cancellations", "id", "contract_id", many=True),
        Expansion("disputes", "disputes", "id", "contract_id", many=True),
        Expansion("extras", "contract-extras", "id", "contract_id", many=True),
        Expansion("answers", "contract-answers", "id", "contract_id", many=True),
        HISTORY,
    ),
)  # fmt: skip

# Whoever sees the contract sees what belongs to it; who that is, the contract's policy says.
_SEEN = {Who.COUNTERPARTY: child_of("contracts", "contract_id")}
_OF_CONTRACT = Field("contract_id", ID, filter=EQUAL)

MEMBERS = Resource(
    path="contract-members", noun="member", table="contract_members",
    says="Who works on a contract, in which role, for which share",
    # Who is only invited sees no more of the contract than this.
    readers={OWN: mine("user_id"), **_SEEN}, machine=MEMBER,
    sorts=("created_at", "-created_at"),
    fields=(KEY, _OF_CONTRACT, Field("contract_title", line(200), null=True),
            Field("contract_scope", text(1000), null=True),
            whose("user_id"), Field("role", line(50)), Field("share_bp", INT),
            Field("status", one_of(*sorted(MEMBER.states)), filter=EQUAL),
            Field("answered_at", TIME, null=True), *STAMPS),
    expansions=(user("user", "user_id"),),
)  # fmt: skip

CONTRACT_EXTRAS = Resource(
    path="contract-extras", noun="extra", table="contract_extras",
    says="An extra that was ordered",
    readers=_SEEN, priced_by=OF_CONTRACT,
    sorts=("created_at", "-created_at"),
    fields=(KEY, _OF_CONTRACT, Field("gig_extra_id", ID, null=True), Field("title", line(200)),
            Field("price", MONEY), Field("quantity", INT), CREATED),
)  # fmt: skip

CONTRACT_ANSWERS = Resource(
    path="contract-answers", noun="answer", table="contract_answers",
    says="What a client answered when ordering",
    readers=_SEEN,
    sorts=("created_at", "-created_at"),
    fields=(KEY, _OF_CONTRACT, Field("gig_requirement_id", ID, null=True),
            Field("question", line(1000)), Field("answer", text(10_000), personal=True),
            Field("file_ids", IDS), CREATED),
)  # fmt: skip

CANCELLATIONS = Resource(
    path="contract-cancellations", noun="cancellation", table="contract_cancellations",
    says="A proposal to end a contract, with a split of what is held",
    readers=_SEEN, machine=CANCELLATION, priced_by=OF_CONTRACT,
    fields=(
        KEY, _OF_CONTRACT, Field("proposed_by", ID, filter=EQUAL),
        Field("reason", text(5000)), Field("client_amount", MONEY),
        Field("freelancer_amount", MONEY),
        Field("status", one_of(*sorted(CANCELLATION.states)), filter=EQUAL),
        Field("answered_at", TIME, null=True), Field("expires_at", TIME),
        *STAMPS,
    ),
    expansions=(Expansion("items", "split-items", "id", "cancellation_id", many=True),),
)  # fmt: skip

MILESTONES = Resource(
    path="milestones", noun="milestone", table="milestones",
    says="A part of a contract that is funded, delivered and paid by itself",
    readers=_SEEN, machine=MILESTONE, sorts=("seq", "-created_at"),
    priced_by=OF_CONTRACT,
    fields=(
        KEY, _OF_CONTRACT, Field("seq", INT), Field("title", line(200)),
        Field("description", text(20_000), null=True), Field("amount", MONEY),
        Field("percentage", INT, null=True,
              says="How much of the contract's total it reaches with those before it; null of "
              "some old contracts"),
        Field("due_date", TIME, null=True, filter=RANGE),
        Field("status", one_of(*sorted(MILESTONE.states)), filter=EQUAL),
        Field("funded_at", TIME, null=True), Field("submitted_at", TIME, null=True),
        Field("approved_at", TIME, null=True), Field("paid_at", TIME, null=True),
        Field("sent_back_at", TIME, null=True),
        Field("auto_approve_at", TIME, null=True,
              says="When it is approved by itself; null while nothing waits for that, as in a "
              "dispute"),
        Field("awaited_since", TIME, null=True),
        Field("released", MONEY), Field("refunded", MONEY),
        *STAMPS,
    ),
    expansions=(Expansion("contract", "contracts", "contract_id", "id"),
                Expansion("deliverables", "deliverables", "id", "milestone_id", many=True)),
)  # fmt: skip

DELIVERABLES = Resource(
    path="deliverables", noun="deliverable", table="deliverables",
    says="What was handed in for a milestone",
    readers=_SEEN, machine=DELIVERABLE,
    fields=(
        KEY, _OF_CONTRACT, Field("milestone_id", ID, filter=EQUAL), Field("delivery_number", INT),
        Field("title", line(200), null=True), Field("description", text(10_000), null=True),
        Field("video_urls", LIST), Field("file_ids", IDS),
        Field("client_feedback", text(10_000), null=True),
        Field("revision_notes", text(10_000), null=True),
        Field("status", one_of(*sorted(DELIVERABLE.states)), filter=EQUAL),
        Field("reviewed_at", TIME, null=True), Field("approved_at", TIME, null=True),
        *STAMPS,
    ),
)  # fmt: skip

_ENTITIES = {
    "contract": "contracts", "milestone": "milestones", "proposal": "proposals",
    "dispute": "disputes", "ticket": "support_tickets",
}  # fmt: skip
_CASES = (f"WHEN '{n}' THEN {child_of(t, 'entity_id').sql}" for n, t in _ENTITIES.items())
_OF_ENTITY = Rule(
    f"CASE entity_type {' '.join(_CASES)} ELSE false END",
    frozenset({"entity_id"}), tuple(_ENTITIES.values()),
)  # fmt: skip

STATUS_HISTORY = Resource(
    path="status-history", noun="transition", table="status_history",
    says="How a status came about, to who sees what it is of, and staff",
    readers={
        Who.COUNTERPARTY: _OF_ENTITY,
        STAFF: IS_STAFF,
    },
    fields=(
        KEY, Field("entity_type", line(50), filter=EQUAL), Field("entity_id", ID, filter=EQUAL),
        Field("action", line(50), null=True), Field("from_status", line(30), null=True),
        Field("to_status", line(30)), Field("actor_id", ID, null=True),
        Field("note", text(5000), null=True), CREATED,
    ),
)  # fmt: skip

WORK = (
    JOBS, JOB_SKILLS, PROPOSALS, CONTRACTS, MEMBERS, CONTRACT_EXTRAS, CONTRACT_ANSWERS,
    CANCELLATIONS, MILESTONES, DELIVERABLES, STATUS_HISTORY,
)  # fmt: skip
