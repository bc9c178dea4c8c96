"""Growth and the platform: certifications, learning, events; settings, webhooks, the audit."""

from handlers.resources import machines
from handlers.resources.shared_fields import (
    ADMIN,
    COUNTED,
    CREATED,
    EQUAL,
    HAS,
    KEY,
    OWN,
    RANGE,
    STAFF,
    STAMPS,
    child_of,
    mine,
    user,
    whose,
)
from storage.resources.kinds import (
    ANY,
    BOOL,
    ID,
    INT,
    LIST,
    OBJECT,
    SCORE,
    TIME,
    URL,
    Kind,
    integer,
    line,
    one_of,
    text,
    words,
)
from storage.resources.resource import ALL, EDIT, Expansion, Field, Resource, Who
from storage.resources.rule import EVERYBODY, IS_ADMIN, IS_STAFF, where

CERTIFICATIONS = Resource(
    path="certifications", noun="certification", table="certifications",
    says="What somebody has proved, while it holds",
    public=where("status", "active"), readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    machine=machines.CERTIFICATION,
    fields=(
        KEY, whose("user_id"), Field("level", integer(1, 3), filter=RANGE),
        Field("exam_score", SCORE, null=True), Field("practical_score", SCORE, null=True),
        Field("industry_tracks", words(50, 100), filter=HAS),
        Field("certified_at", TIME, null=True), Field("expires_at", TIME, null=True),
        Field("renewal_count", INT), Field("continuing_education_hours", INT),
        Field("status", one_of(*sorted(machines.CERTIFICATION.states)), filter=EQUAL), *STAMPS,
    ),
)  # fmt: skip

COURSES = Resource(
    path="courses", noun="course", table="courses",
    says="What can be learned",
    public=where("is_active"), readers={ADMIN: IS_ADMIN}, verbs=EDIT, writer=ADMIN,
    fields=(
        KEY, Field("title", line(200, 1), write=ADMIN, required=True),
        Field("description", text(20_000), write=ADMIN),
        Field("skill_id", ID, write=ADMIN, null=True, filter=EQUAL),
        Field("url", URL, write=ADMIN, null=True), Field("hours", INT, write=ADMIN, null=True),
        Field("credits", INT, write=ADMIN), Field("is_active", BOOL, write=ADMIN), *STAMPS,
    ),
    expansions=(Expansion("skill", "skills", "skill_id", "id"),),
)  # fmt: skip

LEARNING_PATHS = Resource(
    path="learning-paths", noun="learning path", table="learning_paths",
    says="Which courses lead to the skills that one wants",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF}, verbs=ALL, owner="user_id", writer=OWN,
    fields=(KEY, whose("user_id"), Field("current_skills", LIST, write=OWN),
            Field("target_skills", LIST, write=OWN), Field("progress_percentage", INT), *STAMPS),
    expansions=(Expansion("items", "learning-path-items", "id", "learning_path_id", many=True),),
)  # fmt: skip

PATH_ITEMS = Resource(
    path="learning-path-items", noun="item", table="learning_path_items",
    says="A course on a learning path",
    readers={Who.COUNTERPARTY: child_of("learning_paths", "learning_path_id")},
    sorts=("seq",),
    fields=(KEY, Field("learning_path_id", ID, filter=EQUAL), Field("course_id", ID),
            Field("seq", INT)),
    expansions=(Expansion("course", "courses", "course_id", "id"),),
)  # fmt: skip

ENROLLMENTS = Resource(
    path="course-enrollments", noun="enrollment", table="course_enrollments",
    says="A course that somebody takes",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF}, machine=machines.LEARNING,
    fields=(KEY, whose("user_id"), Field("course_id", ID, filter=EQUAL),
            Field("progress_percentage", INT),
            Field("status", one_of(*sorted(machines.LEARNING.states)), filter=EQUAL),
            Field("completed_at", TIME, null=True), *STAMPS),
    expansions=(Expansion("course", "courses", "course_id", "id"),),
)  # fmt: skip

CREDITS = Resource(
    path="credit-awards", noun="award", table="credit_awards",
    says="Credits that one was given, and what for",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    fields=(KEY, whose("user_id"), Field("credits", Kind(int, "integer")),
            Field("reason", line(500)),
            Field("source_type", line(50)), Field("source_id", ID), CREATED),
)  # fmt: skip

SHADOWING = Resource(
    path="shadowing-sessions", noun="shadowing session", table="shadowing_sessions",
    says="Somebody looks over a mentor's shoulder, if mentor and client agree",
    readers={OWN: mine("student_id"),
          Who.COUNTERPARTY: mine("mentor_id") | mine("client_id"), STAFF: IS_STAFF},
    machine=machines.SHADOWING,
    fields=(
        KEY, whose("student_id"), whose("mentor_id"), whose("client_id"),
        Field("job_id", ID, filter=EQUAL), Field("start_date", TIME), Field("end_date", TIME),
        Field("learning_credits_awarded", INT), Field("mentor_approved_at", TIME, null=True),
        Field("client_approved_at", TIME, null=True), Field("nda_signed_at", TIME, null=True),
        Field("status", one_of(*sorted(machines.SHADOWING.states)), filter=EQUAL), *STAMPS,
    ),
    expansions=(user("student", "student_id"), user("mentor", "mentor_id")),
)  # fmt: skip

EVENTS = Resource(
    path="community-events", noun="event", table="community_events",
    says="Something that the community meets for",
    public=EVERYBODY, machine=machines.EVENT, sorts=("-created_at", "starts_at"),
    fields=(
        KEY, Field("title", line(200)), Field("description", text(20_000)),
        whose("organizer_id"), Field("starts_at", TIME, filter=RANGE),
        Field("ends_at", TIME, null=True), Field("location", line(500), null=True),
        Field("attendee_count", INT, figure=COUNTED),
        Field("status", one_of(*sorted(machines.EVENT.states)), filter=EQUAL), *STAMPS,
    ),
    expansions=(user("organizer", "organizer_id"),),
)  # fmt: skip

ATTENDEES = Resource(
    path="event-attendees", noun="attendance", table="event_attendees",
    says="That one comes to an event",
    readers={OWN: mine("user_id")},
    verbs=frozenset({"list", "get", "create", "delete"}), owner="user_id", writer=OWN,
    creates=child_of("community_events", "community_event_id", "p.status = 'scheduled'"),
    fields=(KEY, whose("user_id"),
            Field("community_event_id", ID, write=OWN, required=True, once=True, filter=EQUAL),
            CREATED),
    expansions=(Expansion("event", "community-events", "community_event_id", "id"),),
)  # fmt: skip

VERIFICATIONS = Resource(
    path="identity-verifications", noun="verification", table="identity_verifications",
    says="A proof of who somebody is, to the person and staff",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF}, machine=machines.VERIFICATION,
    fields=(
        KEY, whose("user_id"), Field("kind", line(30)),
        Field("document_file_ids", Kind(LIST.wire, "uuid[]"), read=Who.NOBODY, personal=True),
        Field("status", one_of(*sorted(machines.VERIFICATION.states)), filter=EQUAL),
        Field("rejection_reason", text(5000), null=True), Field("reviewed_at", TIME, null=True),
        Field("expires_at", TIME, null=True), *STAMPS,
    ),
)  # fmt: skip

CONSENTS = Resource(
    path="user-consents", noun="consent", table="user_consents",
    says="What somebody has agreed to",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF},
    fields=(
        KEY, whose("user_id"), Field("consent_type", line(50), filter=EQUAL),
        Field("document_version", line(50)), Field("granted", BOOL, filter=EQUAL),
        Field("granted_at", TIME, null=True), Field("revoked_at", TIME, null=True), CREATED,
    ),
)  # fmt: skip

DATA_REQUESTS = Resource(
    path="data-requests", noun="data request", table="data_requests",
    says="A request for one's data, or for its erasure",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF}, machine=machines.DATA_REQUEST,
    fields=(
        KEY, whose("user_id"), Field("kind", one_of("export", "erasure"), filter=EQUAL),
        Field("status", one_of(*sorted(machines.DATA_REQUEST.states)), filter=EQUAL),
        Field("due_at", TIME), Field("completed_at", TIME, null=True), *STAMPS,
    ),
)  # fmt: skip

DEVICES = Resource(
    path="push-devices", noun="device", table="push_devices",
    says="A device that notifications are pushed to, of the login that registered it",
    readers={OWN: mine("user_id")},
    verbs=frozenset({"list", "get", "delete"}), owner="user_id", writer=OWN,
    fields=(
        KEY, whose("user_id"), Field("platform", one_of("ios", "android", "web")),
        Field("token", line(4096), read=Who.NOBODY, personal=True),
        Field("locale", line(35), null=True),
        Field("expires_at", TIME, null=True, says="When its service ends it, if it is known"),
        Field("stale_at", TIME, null=True,
              says="Since when its service refuses the server's key: it has to subscribe anew"),
        Field("last_used_at", TIME, null=True, says="When it was last pushed to, to the hour"),
        Field("last_seen_at", TIME, says="When it was last registered"), CREATED,
    ),
)  # fmt: skip

SETTINGS = Resource(
    path="platform-settings", noun="setting", table="platform_settings",
    says="Durations and switches of the platform; changed by admins",
    public=where("is_public"), readers={ADMIN: IS_ADMIN, STAFF: IS_STAFF},
    verbs=frozenset({"list", "get", "change"}), key="key", writer=ADMIN, sorts=("key",),
    fields=(
        Field("key", line(100, 1)), Field("value", ANY, write=ADMIN),
        Field("value_type", one_of("integer", "boolean"), null=True),
        Field("minimum", INT, null=True), Field("maximum", INT, null=True),
        Field("description", line(1000), write=ADMIN, null=True),
        Field("is_public", BOOL, filter=EQUAL),
        *STAMPS,
    ),
)  # fmt: skip

ENDPOINTS = Resource(
    path="webhook-endpoints", noun="webhook endpoint", table="webhook_endpoints",
    says="An address that is told of events",
    readers={OWN: mine("user_id"), STAFF: IS_STAFF}, verbs=ALL, owner="user_id", writer=OWN,
    machine=machines.WEBHOOK_ENDPOINT,
    fields=(
        KEY, whose("user_id"), Field("url", URL, write=OWN, required=True),
        Field("events", words(50, 100), write=OWN),
        Field("secret_encrypted", line(500), read=Who.NOBODY, null=True),
        Field("failing_since", TIME, null=True),
        Field("status", one_of("enabled", "disabled"), filter=EQUAL), *STAMPS,
    ),
)  # fmt: skip

DELIVERIES = Resource(
    path="webhook-deliveries", noun="webhook delivery", table="webhook_deliveries",
    says="One event on its way to an endpoint",
    readers={Who.COUNTERPARTY: child_of("webhook_endpoints", "webhook_endpoint_id")},
    machine=machines.WEBHOOK_DELIVERY,
    fields=(
        KEY, Field("webhook_endpoint_id", ID, filter=EQUAL), Field("event", line(100)),
        Field("body", OBJECT), Field("attempts", INT),
        Field("next_attempt_at", TIME, null=True), Field("response_status", INT, null=True),
        Field("status", one_of("pending", "ok", "dead"), filter=EQUAL),
        Field("delivered_at", TIME, null=True), *STAMPS,
    ),
)  # fmt: skip

AUDIT = Resource(
    path="audit-log", noun="entry", table="audit_log",
    says="Who changed what, to staff; personal columns are masked",
    readers={STAFF: IS_STAFF},
    fields=(
        KEY, Field("actor_id", ID, null=True, filter=EQUAL),
        Field("action", line(20), filter=EQUAL),
        Field("entity_type", line(50), filter=EQUAL), Field("entity_id", line(100), filter=EQUAL),
        Field("old_values", OBJECT, null=True), Field("new_values", OBJECT, null=True), CREATED,
    ),
)  # fmt: skip

PLATFORM = (
    CERTIFICATIONS, COURSES, LEARNING_PATHS, PATH_ITEMS, ENROLLMENTS, CREDITS, SHADOWING, EVENTS,
    ATTENDEES, VERIFICATIONS, CONSENTS, DATA_REQUESTS, DEVICES, SETTINGS, ENDPOINTS, DELIVERIES,
    AUDIT,
)  # fmt: skip
