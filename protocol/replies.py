"""The `d` of every reply."""

from collections.abc import Callable

import msgspec

from protocol.notifications.quiet_hours import QuietHours
from protocol.notifications.wishes import Digest
from protocol.objects import (
    Block,
    ChannelPreference,
    Conversation,
    LimitsInForce,
    Message,
    Notification,
    PersonFound,
    Presence,
    Receipt,
    Report,
    Template,
    UnreadTotals,
    User,
)
from protocol.text import Id, Time


class Reply(msgspec.Struct, frozen=True):
    """The base of all replies."""


Settle = Callable[[Reply | Exception], None]
"""Told a command's reply, or why there is none; it never raises."""


class Empty(Reply, frozen=True):
    """Done, nothing to tell."""


class HelloReply(Reply, frozen=True):
    """The connection is open; with `resumed` false the client must sync."""

    session_id: Id
    user: User
    server_time: Time
    token_expires_at: Time
    epoch: str
    offset: str
    resumed: bool
    missed: int
    stale: list[Id]
    unread: UnreadTotals | None
    limits: LimitsInForce
    heartbeat_s: float


class TokenRefreshReply(Reply, frozen=True):
    """The credential now in force on this connection."""

    token_expires_at: Time


class PingReply(Reply, frozen=True):
    """The server's time."""

    server_time: Time


class SyncReply(Reply, frozen=True):
    """One snapshot of a part of what changed; only `synced` advances a stored rev."""

    conversations: list[Conversation]
    messages: list[Message]
    receipts: list[Receipt]
    synced: dict[Id, int]
    truncated: dict[Id, int]
    gone: list[Id]
    reset: list[Id]
    cursor: str | None
    complete: bool


class ConversationReply(Reply, frozen=True):
    """One conversation as the caller sees it."""

    conversation: Conversation


class RepeatedConversation(ConversationReply, frozen=True):
    """What the same `client_id` has made before. On the wire it is the reply as it was."""


class ConversationPage(Reply, frozen=True):
    """A page of the inbox."""

    conversations: list[Conversation]
    next_cursor: str | None


class MessageReply(Reply, frozen=True):
    """One message."""

    message: Message


class RepeatedMessage(MessageReply, frozen=True):
    """What the same `client_id` has stored before. On the wire it is the reply as it was."""


class MessagePage(Reply, frozen=True):
    """Messages in ascending `seq`; `has_more` in the direction asked for."""

    messages: list[Message]
    has_more: bool


class SearchPage(Reply, frozen=True):
    """Messages found, newest first."""

    messages: list[Message]
    next_cursor: str | None


class ReceiptReply(Reply, frozen=True):
    """Where the watermark now stands and what is unread above it."""

    conversation_id: Id
    seq: int
    unread: int


class PresencesReply(Reply, frozen=True):
    """The presence of those whom the caller may see."""

    presences: list[Presence]


class NotificationPage(Reply, frozen=True):
    """A page of notifications and the number of unread ones."""

    notifications: list[Notification]
    next_cursor: str | None
    unread: int


class NotificationsUnread(Reply, frozen=True):
    """How many notifications are unread now."""

    unread: int


class PreferencesReply(Reply, frozen=True):
    """All that the caller wants: every pair of category and channel, whoever has set it.

    `snooze_until` may be past.
    """

    preferences: list[ChannelPreference]
    quiet_hours: list[QuietHours]
    digest: Digest
    snooze_until: Time | None
    show_text: bool


class BlocksReply(Reply, frozen=True):
    """All the caller's blocks."""

    blocks: list[Block]


class PeopleReply(Reply, frozen=True):
    """People by name: of just this name first, then whom the caller knows, then others."""

    people: list[PersonFound]


class ReportReply(Reply, frozen=True):
    """The report as taken."""

    report: Report


class TemplatesReply(Reply, frozen=True):
    """All the caller's templates of a kind."""

    templates: list[Template]
