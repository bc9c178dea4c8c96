"""What goes with conversations and with being told: files, meetings, texts, reports, settings."""

from typing import get_args

from handlers.resources import machines
from handlers.resources.shared_fields import (
    CREATED,
    EQUAL,
    KEY,
    OWN,
    RANGE,
    STAFF,
    STAMPS,
    in_state,
    mine,
    one_of_mine,
    user,
    whose,
)
from protocol.notifications.categories import CATEGORIES, CHANNELS
from protocol.notifications.judgement import Reason
from protocol.notifications.wishes import Often
from storage.resources.kinds import (
    BOOL,
    DAY_TIME,
    ID,
    INT,
    SIZE,
    TIME,
    URL,
    integer,
    line,
    one_of,
    text,
)
from storage.resources.resource import ALL, EDIT, READ, Field, Resource, Who
from storage.resources.rule import IS_STAFF

_SHARED = one_of_mine("conversation_id", "app_conversations")

FILES = Resource(
    path="files", noun="file", table="files",
    says="What one has uploaded; `/v1/files/{id}` has its address",
    readers={OWN: mine("owner_id")}, verbs=frozenset({"list"}),
    fields=(
        KEY, whose("owner_id"), Field("name", line(200), personal=True),
        Field("mime", line(100), filter=EQUAL), Field("bytes", SIZE, filter=RANGE),
        Field("width", INT, null=True), Field("height", INT, null=True),
        Field("state", one_of("ready", "deleted"), filter=EQUAL), CREATED,
    ),
)  # fmt: skip

MEETINGS = Resource(
    path="meetings", noun="meeting", table="meetings",
    says="When the people of a conversation meet, and where",
    readers={OWN: mine("created_by"), Who.COUNTERPARTY: _SHARED},
    verbs=EDIT, owner="created_by", writer=OWN, creates=_SHARED,
    while_=in_state("scheduled"), sorts=("-created_at", "starts_at"), machine=machines.MEETING,
    fields=(
        KEY, whose("created_by"),
        Field("conversation_id", ID, write=OWN, required=True, once=True, filter=EQUAL),
        Field("title", line(200, 1), write=OWN, required=True, personal=True),
        Field("starts_at", TIME, write=OWN, required=True, filter=RANGE),
        Field("ends_at", TIME, write=OWN, required=True),
        Field("join_url", URL, write=OWN, null=True, personal=True),
        Field("status", one_of(*sorted(machines.MEETING.states)), filter=EQUAL), *STAMPS,
    ),
    expansions=(user("creator", "created_by"),),
)  # fmt: skip

TEMPLATES = Resource(
    path="templates", noun="template", table="templates",
    says="A text that one uses again; the commands `template.*` make and delete them",
    readers={OWN: mine("user_id")}, verbs=READ,
    fields=(
        KEY, whose("user_id"), Field("kind", one_of("message", "review"), filter=EQUAL),
        Field("title", line(200), personal=True), Field("content", text(10_000), personal=True),
        CREATED,
    ),
)  # fmt: skip

REPORTS = Resource(
    path="reports", noun="report", table="reports",
    says="What somebody has reported, to the person and staff",
    readers={OWN: mine("reporter_id"), STAFF: IS_STAFF}, machine=machines.REPORT,
    fields=(
        KEY, whose("reporter_id"),
        Field("subject_type", one_of("message", "conversation", "user", "gig", "job", "review"),
              filter=EQUAL),
        Field("subject_id", ID, filter=EQUAL), Field("conversation_id", ID, null=True),
        Field("reason", line(500)), Field("text", text(10_000), null=True, personal=True),
        Field("status", one_of(*sorted(machines.REPORT.states)), filter=EQUAL), CREATED,
    ),
    expansions=(user("reporter", "reporter_id"),),
)  # fmt: skip

NOTIFICATION_PREFERENCES = Resource(
    path="notification-preferences", noun="preference", table="notification_preferences",
    says="Whether one is told of a category by a channel; what has none is so by default, which "
    "`preference.get` tells too",
    readers={OWN: mine("user_id")}, verbs=ALL, owner="user_id", writer=OWN, sorts=("id",),
    fields=(
        KEY, whose("user_id"),
        Field("category", one_of(*CATEGORIES), write=OWN, required=True, once=True, filter=EQUAL),
        Field("channel", one_of(*CHANNELS), write=OWN, required=True, once=True, filter=EQUAL),
        Field("is_enabled", BOOL, write=OWN, required=True, filter=EQUAL,
              says="Of payment and security always true in-app and by e-mail"),
        Field("updated_at", TIME),
    ),
)  # fmt: skip

NOTIFICATION_SETTINGS = Resource(
    path="notification-settings", noun="settings", table="notification_settings",
    says="When one wants to be left alone, and how often told in one, by one's own clock",
    readers={OWN: mine("user_id")}, verbs=EDIT, key="user_id", owner="user_id", writer=OWN,
    sorts=("user_id",),
    fields=(
        Field("user_id", ID),
        Field("quiet_from", DAY_TIME, write=OWN, null=True,
              says="Of every day; null also where days differ, as `preference.get` tells"),
        Field("quiet_until", DAY_TIME, write=OWN, null=True,
              says="Of the next day where it is earlier than `quiet_from`"),
        Field("digest", one_of(*get_args(Often)), write=OWN),
        Field("digest_hour", integer(0, 23), write=OWN, says="Of daily and weekly ones"),
        Field("digest_weekday", integer(0, 6), write=OWN, says="Of weekly ones; 0 is Monday"),
        Field("snooze_until", TIME, write=OWN, null=True, says="It may be past"),
        Field("show_text", BOOL, write=OWN, says="Whether push and mail may quote messages"),
        Field("updated_at", TIME),
    ),
)  # fmt: skip

DELIVERIES = Resource(
    path="notification-deliveries", noun="delivery", table="notification_deliveries",
    says="An e-mail or a push that tells of notifications, and why it stands as it does",
    readers={OWN: mine("user_id")}, machine=machines.NOTIFICATION_DELIVERY,
    fields=(
        KEY, whose("user_id"), Field("channel", one_of("email", "push"), filter=EQUAL),
        Field("category", one_of(*CATEGORIES, "digest"), filter=EQUAL),
        Field("priority", one_of("low", "normal", "high", "urgent")),
        Field("status", one_of("pending", "deferred", "leased", "sent", "cancelled", "suppressed",
                               "dead"), filter=EQUAL),
        Field("reason", one_of(*(reason.value for reason in Reason)), null=True,
              says="why it was sent, waits or is over"),
        Field("attempts", INT), Field("next_attempt_at", TIME, null=True),
        Field("sent_at", TIME, null=True), CREATED,
    ),
)  # fmt: skip

CONVERSING = (
    FILES, MEETINGS, TEMPLATES, REPORTS, NOTIFICATION_PREFERENCES, NOTIFICATION_SETTINGS,
    DELIVERIES,
)  # fmt: skip
