"""People: users and their two profiles, skills and categories, what they have done and show."""

from handlers.resources.related_filters import PROFILE_BELOW_CATEGORY, by_skill, favorite
from handlers.resources.shared_fields import (
    ADMIN,
    COUNTED,
    CREATED,
    DRIFTING,
    EQUAL,
    KEY,
    OWN,
    RANGE,
    STAFF,
    STAMPS,
    by_one,
    in_state,
    mine,
    user,
    whose,
)
from storage.resources.kinds import (
    BOOL,
    COUNTRY,
    CURRENCY,
    DATE,
    ID,
    IDS,
    INT,
    LIST,
    LOCALE,
    MONEY,
    NAMES,
    OBJECT,
    SCORE,
    TIME,
    URL,
    ZONE,
    integer,
    line,
    one_of,
    public_name,
    slug,
    text,
)
from storage.resources.resource import ALL, EDIT, Expansion, Field, Resource
from storage.resources.rule import EVERYBODY, IS_ADMIN, IS_STAFF, unless_hidden

USERS = Resource(
    path="users", noun="user", table="users",
    says="A user, as everybody sees one",
    public=unless_hidden("id"), readers={OWN: mine("id"), STAFF: IS_STAFF},
    verbs=frozenset({"get", "change"}), writer=OWN, cache_s=3600,
    while_=in_state("active"),
    fields=(
        KEY,
        Field("display_name", public_name(80), write=OWN, personal=True),
        Field("avatar", URL, write=OWN, null=True, personal=True),
        Field("locale", LOCALE, write=OWN),
        Field("timezone", ZONE, write=OWN),
        Field("messages_from", one_of("everyone", "connected", "nobody"), write=OWN),
        Field("kind", one_of("client", "freelancer", "both")),
        Field("staff_role", one_of("moderator", "support", "admin"), null=True),
        Field("status", line(30)),
        *STAMPS,
    ),
    expansions=(
        Expansion("freelancer_profile", "freelancer-profiles", "id", "user_id"),
        Expansion("client_profile", "client-profiles", "id", "user_id"),
        Expansion("skills", "user-skills", "id", "user_id", many=True),
    ),
)  # fmt: skip

FREELANCERS = Resource(
    path="freelancer-profiles", noun="freelancer profile", table="freelancer_profiles",
    says="A freelancer's profile: what is offered, and what others say of it",
    public=unless_hidden("user_id"),
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    verbs=EDIT, key="user_id", owner="user_id", writer=OWN, creates=by_one("freelancer"),
    cache_s=3600, sorts=("-created_at", "-rating", "-jobs_completed"),
    related=(
        by_skill("user_skills", "user_id", "user_id", "A skill that the freelancer has"),
        PROFILE_BELOW_CATEGORY, favorite("freelancer", "user_id"),
    ),
    fields=(
        Field("user_id", ID),
        Field("tagline", line(200), write=OWN, null=True),
        Field("bio", text(10_000), write=OWN, null=True, personal=True),
        Field("profile_image_url", URL, write=OWN, null=True, personal=True),
        Field("cover_image_url", URL, write=OWN, null=True, personal=True),
        Field("portfolio_video_url", URL, write=OWN, null=True, personal=True),
        Field("years_of_experience", integer(0, 80), write=OWN, null=True, filter=RANGE),
        Field("experience_level", one_of("entry", "intermediate", "expert"),
              write=OWN, null=True, filter=EQUAL),
        Field("hourly_rate", MONEY, write=OWN, null=True, filter=RANGE),
        Field("currency", CURRENCY, write=OWN, filter=EQUAL),
        Field("availability", one_of("available", "busy", "unavailable"),
              write=OWN, filter=EQUAL),
        Field("response_time_hours", integer(0, 10_000), null=True),
        Field("instagram_handle", line(100), write=OWN, null=True, personal=True),
        Field("tiktok_handle", line(100), write=OWN, null=True, personal=True),
        Field("youtube_channel", line(255), write=OWN, null=True, personal=True),
        Field("website_url", URL, write=OWN, null=True, personal=True),
        Field("country", COUNTRY, write=OWN, null=True, filter=EQUAL, personal=True),
        Field("city", line(100), write=OWN, null=True, personal=True),
        Field("languages", LIST, write=OWN),
        Field("github_analysis", OBJECT),
        Field("is_verified", BOOL, filter=EQUAL),
        Field("verification_level", one_of("none", "basic", "pro", "elite"), filter=EQUAL),
        Field("verified_at", TIME, null=True),
        Field("reputation", SCORE, figure=COUNTED),
        Field("jobs_completed", INT, figure=COUNTED, filter=RANGE),
        Field("success_rate", SCORE, figure=COUNTED, null=True,
              says="Of 100 funded contracts that ended, how many were completed; null of none"),
        Field("on_time_rate", SCORE, figure=COUNTED, null=True,
              says="Of 100 paid milestones of contracts that ended, how many were in time: by "
              "their due time, else the contract's deadline; null of none"),
        Field("rating", SCORE, figure=COUNTED, filter=RANGE),
        Field("total_reviews", INT, figure=COUNTED),
        Field("view_count", INT, figure=DRIFTING), Field("is_featured", BOOL, filter=EQUAL),
        Field("certification_level", INT, filter=RANGE),
        *STAMPS,
    ),
    expansions=(
        user("user", "user_id"),
        Expansion("skills", "user-skills", "user_id", "user_id", many=True),
        Expansion("portfolio", "portfolio-items", "user_id", "user_id", many=True),
        Expansion("gigs", "gigs", "user_id", "freelancer_id", many=True),
    ),
)  # fmt: skip

EARNINGS = Resource(
    path="freelancer-earnings", noun="earnings", table="freelancer_private",
    says="What a freelancer has earned in all, to the freelancer and staff",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    key="user_id", sorts=("user_id",),
    fields=(Field("user_id", ID), Field("total_earnings", MONEY),
            Field("currency", CURRENCY), Field("updated_at", TIME)),
)  # fmt: skip

CLIENTS = Resource(
    path="client-profiles", noun="client profile", table="client_profiles",
    says="A client's profile",
    public=unless_hidden("user_id"),
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    verbs=EDIT, key="user_id", owner="user_id", writer=OWN, creates=by_one("client"),
    cache_s=3600, sorts=("-created_at", "-rating"),
    fields=(
        Field("user_id", ID),
        Field("company_name", public_name(200), write=OWN, required=True, personal=True),
        Field("company_logo_url", URL, write=OWN, null=True, personal=True),
        Field("industry", line(100), write=OWN, null=True, filter=EQUAL),
        Field("company_size",
              one_of("1-10", "11-50", "51-200", "201-500", "501-1000", "1000+"),
              write=OWN, null=True, filter=EQUAL),
        Field("website_url", URL, write=OWN, null=True, personal=True),
        Field("description", text(10_000), write=OWN, null=True, personal=True),
        Field("country", COUNTRY, write=OWN, null=True, filter=EQUAL, personal=True),
        Field("jobs_posted", INT, figure=COUNTED),
        Field("rating", SCORE, figure=COUNTED, filter=RANGE),
        Field("total_reviews", INT, figure=COUNTED), Field("is_verified", BOOL, filter=EQUAL),
        Field("verified_at", TIME, null=True), Field("payment_verified", BOOL, filter=EQUAL),
        *STAMPS,
    ),
    expansions=(user("user", "user_id"),),
)  # fmt: skip

SPENDING = Resource(
    path="client-spending", noun="spending", table="client_private",
    says="What a client has spent in all, to the client and staff",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    key="user_id", sorts=("user_id",),
    fields=(Field("user_id", ID), Field("total_spent", MONEY),
            Field("currency", CURRENCY), Field("updated_at", TIME)),
)  # fmt: skip

CATEGORIES = Resource(
    path="categories", noun="category", table="categories",
    says="The tree of categories, with names by locale",
    public=EVERYBODY, readers={ADMIN: IS_ADMIN},
    verbs=EDIT, writer=ADMIN, cache_s=3600, sorts=("sort_order", "name"),
    fields=(
        KEY,
        Field("parent_id", ID, write=ADMIN, null=True, filter=EQUAL),
        Field("slug", slug(100), write=ADMIN, required=True, filter=EQUAL),
        Field("name", line(100, 1), write=ADMIN, required=True),
        Field("names", NAMES, write=ADMIN),
        Field("description", text(2000), write=ADMIN, null=True),
        Field("icon_url", URL, write=ADMIN, null=True),
        Field("is_active", BOOL, write=ADMIN, filter=EQUAL),
        Field("sort_order", INT, write=ADMIN),
        *STAMPS,
    ),
    expansions=(
        Expansion("parent", "categories", "parent_id", "id"),
        Expansion("children", "categories", "id", "parent_id", many=True),
    ),
)  # fmt: skip

SKILLS = Resource(
    path="skills", noun="skill", table="skills",
    says="The catalogue of skills",
    public=EVERYBODY, readers={ADMIN: IS_ADMIN},
    verbs=EDIT, writer=ADMIN, cache_s=3600, sorts=("sort_order", "name"),
    fields=(
        KEY,
        Field("name", line(100, 1), write=ADMIN, required=True, filter=EQUAL),
        Field("names", NAMES, write=ADMIN),
        Field("category_id", ID, write=ADMIN, null=True, filter=EQUAL),
        Field("description", text(2000), write=ADMIN, null=True),
        Field("icon_url", URL, write=ADMIN, null=True),
        Field("is_active", BOOL, write=ADMIN, filter=EQUAL),
        Field("sort_order", INT, write=ADMIN),
        *STAMPS,
    ),
    expansions=(Expansion("category", "categories", "category_id", "id"),),
)  # fmt: skip

SKILL_EDGES = Resource(
    path="skill-edges", noun="edge", table="skill_edges",
    says="How two skills belong together",
    public=EVERYBODY, sorts=("id",),
    fields=(KEY, Field("from_skill_id", ID, filter=EQUAL), Field("to_skill_id", ID, filter=EQUAL),
            Field("kind", one_of("related", "requires", "part_of", "alternative"), filter=EQUAL),
            Field("weight", SCORE)),
    expansions=(Expansion("from_skill", "skills", "from_skill_id", "id"),
                Expansion("to_skill", "skills", "to_skill_id", "id")),
)  # fmt: skip

USER_SKILLS = Resource(
    path="user-skills", noun="user skill", table="user_skills",
    says="What somebody can do, and how well",
    public=unless_hidden("user_id"),
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    verbs=ALL, owner="user_id", writer=OWN,
    fields=(
        KEY, whose("user_id"),
        Field("skill_id", ID, write=OWN, required=True, once=True, filter=EQUAL),
        Field("level", integer(1, 5), write=OWN, filter=RANGE),
        Field("years_experience", integer(0, 80), write=OWN, null=True),
        Field("is_verified", BOOL, filter=EQUAL),
        Field("verified_at", TIME, null=True), Field("verified_by", ID, null=True),
        CREATED,
    ),
    expansions=(user("user", "user_id"), Expansion("skill", "skills", "skill_id", "id")),
)  # fmt: skip

USER_CATEGORIES = Resource(
    path="user-categories", noun="user category", table="user_categories",
    says="What a freelancer works in",
    public=unless_hidden("user_id"),
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    verbs=ALL, owner="user_id", writer=OWN,
    fields=(
        KEY, whose("user_id"),
        Field("category_id", ID, write=OWN, required=True, once=True, filter=EQUAL),
        Field("is_primary", BOOL, write=OWN, filter=EQUAL),
        CREATED,
    ),
    expansions=(Expansion("category", "categories", "category_id", "id"),),
)  # fmt: skip

EDUCATIONS = Resource(
    path="educations", noun="education", table="educations",
    says="Where somebody has learned",
    public=unless_hidden("user_id"),
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    verbs=ALL, owner="user_id", writer=OWN,
    fields=(
        KEY, whose("user_id"),
        Field("institution", line(200, 1), write=OWN, required=True, personal=True),
        Field("degree", line(200), write=OWN, null=True, personal=True),
        Field("field_of_study", line(200), write=OWN, null=True, personal=True),
        Field("start_year", integer(1900, 2200), write=OWN, null=True),
        Field("end_year", integer(1900, 2200), write=OWN, null=True),
        Field("description", text(5000), write=OWN, null=True, personal=True),
        *STAMPS,
    ),
)  # fmt: skip

WORK_EXPERIENCES = Resource(
    path="work-experiences", noun="work experience", table="work_experiences",
    says="Where somebody has worked",
    public=unless_hidden("user_id"),
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    verbs=ALL, owner="user_id", writer=OWN,
    fields=(
        KEY, whose("user_id"),
        Field("company", line(200, 1), write=OWN, required=True, personal=True),
        Field("position", line(200, 1), write=OWN, required=True, personal=True),
        Field("start_date", DATE, write=OWN, required=True),
        Field("end_date", DATE, write=OWN, null=True),
        Field("description", text(5000), write=OWN, null=True, personal=True),
        *STAMPS,
    ),
)  # fmt: skip

PORTFOLIO_ITEMS = Resource(
    path="portfolio-items", noun="portfolio item", table="portfolio_items",
    says="A sample of somebody's work",
    public=unless_hidden("user_id"),
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    verbs=ALL, owner="user_id", writer=OWN, sorts=("-created_at", "display_order"),
    fields=(
        KEY, whose("user_id"),
        Field("title", line(200, 1), write=OWN, required=True),
        Field("description", text(10_000), write=OWN, null=True),
        Field("video_url", URL, write=OWN, null=True),
        Field("thumbnail_url", URL, write=OWN, null=True),
        Field("file_ids", IDS, write=OWN),
        Field("video_duration_seconds", integer(0, 100_000), write=OWN, null=True),
        Field("project_type", line(50), write=OWN, null=True, filter=EQUAL),
        Field("platform", line(50), write=OWN, null=True, filter=EQUAL),
        Field("display_order", INT, write=OWN),
        Field("is_featured", BOOL, write=OWN, filter=EQUAL),
        Field("view_count", INT, figure=DRIFTING), Field("like_count", INT, figure=COUNTED),
        *STAMPS,
    ),
    expansions=(user("user", "user_id"),),
)  # fmt: skip

PEOPLE = (
    USERS, FREELANCERS, EARNINGS, CLIENTS, SPENDING, CATEGORIES, SKILLS, SKILL_EDGES,
    USER_SKILLS, USER_CATEGORIES, EDUCATIONS, WORK_EXPERIENCES, PORTFOLIO_ITEMS,
)  # fmt: skip
