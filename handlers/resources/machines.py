"""The machines: every status of the marketplace, and how it may change.

Those that run are declared with their workflows. The others stand here: nothing carries them out
yet, and their actions have no path. Each row reads: action, from, to, who. Rows without anybody who
could ask are what other transitions and timers do.
"""

from handlers.workflows import WORKFLOWS
from handlers.workflows.words import OWNER, SYSTEM, C, F, S, T
from protocol.machine import Machine, transition

ACCOUNT = Machine("account", "users", {OWNER: "id"}, (
    transition("register", "", "active", SYSTEM),
    transition("register_held", "", "pending_verification", SYSTEM),
    transition("verify", "pending_verification", "active", OWNER),
    transition("suspend", "active", "suspended", S),
    transition("reinstate", "suspended", "active", S),
    transition("delete", "active suspended", "deleted", OWNER, S, guards="nothing_owed_or_live"),
    transition("restore", "deleted", "active", OWNER, guards="within_restore_days"),
    transition("anonymize", "deleted", "anonymized", T),
))  # fmt: skip

VERIFICATION = Machine("identity_verification", "identity_verifications", {OWNER: "user_id"}, (
    transition("request", "", "pending", SYSTEM),
    transition("approve", "pending", "approved", S, events="identity.verified"),
    transition("reject", "pending", "rejected", S, events="identity.rejected"),
    transition("expire", "approved", "expired", T),
))  # fmt: skip

TRANSACTION = Machine("transaction", "transactions", {}, (
    transition("begin", "", "pending", SYSTEM),
    transition("record", "", "completed", SYSTEM),
    transition("process", "pending", "processing", SYSTEM),
    transition("complete", "pending processing", "completed", SYSTEM),
    transition("fail", "pending processing", "failed", SYSTEM),
    transition("cancel", "pending processing", "cancelled", SYSTEM),
    transition("refund", "completed", "refunded", SYSTEM),
))  # fmt: skip

REPORT = Machine("report", "reports", {OWNER: "reporter_id"}, (
    transition("report", "", "open", SYSTEM),
    transition("review", "open", "reviewing", S),
    transition("act", "open reviewing", "actioned", S),
    transition("dismiss", "open reviewing", "dismissed", S),
))  # fmt: skip

CERTIFICATION = Machine("certification", "certifications", {OWNER: "user_id"}, (
    transition("begin", "", "in_progress", SYSTEM),
    transition("certify", "in_progress", "active", S, guards="exam_and_practical"),
    transition("expire", "active", "expired", T, events="certification.expired"),
    transition("renew", "expired", "active", OWNER, guards="enough_hours"),
    transition("revoke", "active", "revoked", S),
))  # fmt: skip

TASK = Machine("task", "tasks", {OWNER: "client_id"}, (
    transition("plan", "", "pending", SYSTEM),
    transition("assign", "pending", "assigned", OWNER, SYSTEM, guards="ready"),
    transition("start", "assigned", "in_progress", SYSTEM),
    transition("complete", "in_progress", "completed", SYSTEM),
    transition("fail", "assigned in_progress", "failed", SYSTEM),
    transition("retry", "failed", "pending", SYSTEM, T, guards="retries_left"),
    transition("release", "assigned in_progress", "pending", SYSTEM, T),
))  # fmt: skip

ANALYSIS = Machine("analysis", "ai_analyses", {OWNER: "user_id"}, (
    transition("queue", "", "queued", SYSTEM),
    transition("answer", "queued", "ok", SYSTEM),
    transition("find", "queued", "cached", SYSTEM),
    transition("fall_back", "queued", "fallback", SYSTEM),
    transition("fail", "queued", "failed", SYSTEM),
    transition("retry", "failed", "queued", SYSTEM),
))  # fmt: skip

LEARNING = Machine("learning", "course_enrollments", {OWNER: "user_id"}, (
    transition("enroll", "", "enrolled", SYSTEM),
    transition("start", "enrolled", "in_progress", OWNER),
    transition("complete", "in_progress", "completed", OWNER),
))  # fmt: skip

SHADOWING = Machine(
    "shadowing", "shadowing_sessions", {OWNER: "student_id", C: "client_id", F: "mentor_id"}, (
    transition("request", "", "requested", SYSTEM),
    transition("approve", "requested", "approved", C, F, guards="both_approved"),
    transition("sign", "approved", "active", OWNER),
    transition("complete", "active", "completed", F, T),
))  # fmt: skip

EVENT = Machine("event", "community_events", {OWNER: "organizer_id"}, (
    transition("plan", "", "scheduled", SYSTEM),
    transition("start", "scheduled", "live", OWNER, T),
    transition("end", "live", "ended", OWNER, T),
    transition("cancel", "scheduled", "cancelled", OWNER, S),
))  # fmt: skip

MEETING = Machine("meeting", "meetings", {OWNER: "created_by"}, EVENT.transitions)

DATA_REQUEST = Machine("data_request", "data_requests", {OWNER: "user_id"}, (
    transition("request", "", "received", SYSTEM),
    transition("verify", "received", "verifying", SYSTEM),
    transition("process", "verifying", "processing", SYSTEM),
    transition("complete", "processing", "completed", SYSTEM),
    transition("reject", "received verifying", "rejected", S),
))  # fmt: skip

WEBHOOK_ENDPOINT = Machine("webhook_endpoint", "webhook_endpoints", {OWNER: "user_id"}, (
    transition("create", "", "enabled", SYSTEM),
    transition("disable", "enabled", "disabled", OWNER, SYSTEM),
    transition("enable", "disabled", "enabled", OWNER),
))  # fmt: skip

WEBHOOK_DELIVERY = Machine("webhook_delivery", "webhook_deliveries", {}, (
    transition("queue", "", "pending", SYSTEM),
    transition("deliver", "pending", "ok", SYSTEM),
    transition("give_up", "pending", "dead", SYSTEM),
    transition("replay", "ok dead", "pending", OWNER),
))  # fmt: skip

NOTIFICATION_DELIVERY = Machine("notification_delivery", "notification_deliveries", {}, (
    transition("queue", "", "pending", SYSTEM),
    transition("take", "pending deferred", "leased", SYSTEM),
    transition("send", "leased", "sent", SYSTEM),
    transition("cancel", "leased", "cancelled", SYSTEM),
    transition("suppress", "leased", "suppressed", SYSTEM),
    transition("defer", "leased", "deferred", SYSTEM),
    transition("give_up", "leased", "dead", SYSTEM),
    transition("replay", "dead", "pending", SYSTEM),
))  # fmt: skip

MACHINES = (
    *(workflow.machine for workflow in WORKFLOWS.values()),
    ACCOUNT, VERIFICATION, TRANSACTION, REPORT, CERTIFICATION, TASK, ANALYSIS, LEARNING, SHADOWING,
    EVENT, MEETING, DATA_REQUEST, WEBHOOK_ENDPOINT, WEBHOOK_DELIVERY, NOTIFICATION_DELIVERY,
)  # fmt: skip
