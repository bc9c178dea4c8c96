"""The `d` of every command. Times and sizes that can be configured are checked by the handlers."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from protocol.notifications.quiet_hours import QuietHours, Weekday
from protocol.notifications.wishes import HourOfDay, Often
from protocol.objects import ChannelPreference
from protocol.text import Moment, Rev, Seq, Text

PageSize = Annotated[int, msgspec.Meta(ge=1)]
ConversationType = Literal["direct", "group", "job_inquiry", "contract_discussion", "support"]


class Request(msgspec.Struct, frozen=True):
    """The base of all requests: unknown fields are ignored, wrong types refused."""


class ConversationRequest(Request, frozen=True):
    """A request about one conversation; such commands are carried out in the order sent."""

    conversation_id: UUID


class ClientInfo(msgspec.Struct, frozen=True):
    """Which program connects; for logs only."""

    name: Text = ""
    version: Text = ""


class Resume(msgspec.Struct, frozen=True):
    """Where a client that comes back had got to."""

    epoch: Text
    offset: Text
    revs: dict[UUID, Rev] = {}


class Hello(Request, frozen=True):
    """The first command of a connection; the token may come in the handshake instead."""

    token: Text | None = None
    client: ClientInfo | None = None
    resume: Resume | None = None


class TokenRefresh(Request, frozen=True):
    """A new access token of the same user and login."""

    token: Text


class Ping(Request, frozen=True):
    """Asks for the server's time."""


class Sync(Request, frozen=True):
    """What changed since the revs held."""

    conversations: dict[UUID, Rev] = {}
    only_named: bool = False
    receipts_since: Text | None = None
    cursor: Text | None = None
    limit: PageSize | None = None


class ConversationCreate(Request, frozen=True):
    """A new conversation, or the one direct conversation that a pair already has."""

    type: ConversationType
    participant_ids: list[UUID]
    title: Text | None = None
    job_id: UUID | None = None
    contract_id: UUID | None = None
    client_id: UUID | None = None


class ConversationList(Request, frozen=True):
    """The inbox, newest activity first."""

    cursor: Text | None = None
    limit: PageSize | None = None
    archived: bool | None = None
    type: ConversationType | None = None


class ConversationGet(ConversationRequest, frozen=True):
    """One conversation."""


class ConversationUpdate(ConversationRequest, frozen=True):
    """A new title or status; owners only."""

    title: Text | msgspec.UnsetType | None = msgspec.UNSET
    status: Literal["open", "closed"] | None = None


class ConversationSettings(ConversationRequest, frozen=True):
    """The caller's own view of a conversation."""

    is_muted: bool | None = None
    is_archived: bool | None = None
    is_pinned: bool | None = None


class MemberChange(ConversationRequest, frozen=True):
    """A member to add or to remove; owners only."""

    user_id: UUID


class ConversationLeave(ConversationRequest, frozen=True):
    """The caller leaves."""


class AttachmentRef(msgspec.Struct, frozen=True):
    """A file that the sender has uploaded."""

    file_id: UUID


class MessageSend(ConversationRequest, frozen=True):
    """A message; `client_id` makes a repetition answer with the first one.

    `type` is how it is meant to be shown; any but `text` needs an attachment. `mentions` of people
    who are not in the conversation are left out.
    """

    client_id: UUID
    content: Text | None = None
    type: Literal["text", "image", "file", "video", "audio"] = "text"
    attachments: list[AttachmentRef] = []
    parent_id: UUID | None = None
    mentions: list[UUID] = []


class MessageRequest(ConversationRequest, frozen=True):
    """A request about one message."""

    message_id: UUID


class MessageEdit(MessageRequest, frozen=True):
    """New content for one's own message."""

    content: Text


class MessageDelete(MessageRequest, frozen=True):
    """Makes a message a tombstone."""


class MessageGet(MessageRequest, frozen=True):
    """One message."""


class MessageHistory(ConversationRequest, frozen=True):
    """A page of a conversation, in ascending order of `seq`, whichever way it was asked for.

    At most one of the three positions; none means the newest.
    """

    before_seq: Seq | None = None
    after_seq: Seq | None = None
    around_seq: Seq | None = None
    limit: PageSize | None = None


class MessageThread(ConversationRequest, frozen=True):
    """Replies to one message, in ascending order of `seq`: the newest, or before `before_seq`."""

    parent_id: UUID
    before_seq: Seq | None = None
    limit: PageSize | None = None


class MessageSearch(Request, frozen=True):
    """Words, spelt as in the messages, in the caller's conversations.

    Case and accents do not count, nor which form of an English word it is; no typing is forgiven.
    """

    query: Text
    conversation_id: UUID | None = None
    cursor: Text | None = None
    limit: PageSize | None = None


class MessagePin(MessageRequest, frozen=True):
    """Pins or unpins a message for everyone."""


class ReactionChange(MessageRequest, frozen=True):
    """An emoji to add or to remove."""

    emoji: Text


class ReceiptMark(ConversationRequest, frozen=True):
    """The caller has read, or received, up to `seq`."""

    seq: Seq


class Typing(ConversationRequest, frozen=True):
    """The caller starts or stops typing."""


class PresenceSet(Request, frozen=True):
    """The caller's status on this connection."""

    status: Literal["online", "away", "dnd", "invisible"]
    text: Text | None = None


class PresenceWatch(Request, frozen=True):
    """Whose presence to watch, or no longer to watch."""

    user_ids: list[UUID]


class NotificationList(Request, frozen=True):
    """The caller's notifications, newest first."""

    cursor: Text | None = None
    limit: PageSize | None = None
    unread: bool = False


class NotificationRead(Request, frozen=True):
    """Marks as read those named, or all up to a time (RFC 3339)."""

    ids: list[UUID] | None = None
    up_to: Text | None = None


class NotificationArchive(Request, frozen=True):
    """Puts notifications away."""

    ids: list[UUID]


class PreferenceGet(Request, frozen=True):
    """What the caller wants to be told, by which channels, and when to be left alone."""


class DigestChange(msgspec.Struct, frozen=True):
    """How often to be told in one, at an hour of the day and, 0 for Monday, a day of the week."""

    every: Often
    hour: HourOfDay | None = None
    weekday: Weekday | None = None


class PreferenceSet(Request, frozen=True):
    """What of it is to be otherwise, all of it or nothing; what is left out stays.

    `preferences` add to those before, `quiet_hours` take their place: by the caller's own clock,
    `HH:MM:SS`, until the next day where `until` is earlier than `from`. `snooze_until`: null ends
    it.
    """

    preferences: list[ChannelPreference] | None = None
    quiet_hours: list[QuietHours] | None = None
    digest: DigestChange | None = None
    snooze_until: Moment | msgspec.UnsetType | None = msgspec.UNSET
    show_text: bool | None = None


class BlockChange(Request, frozen=True):
    """A user to block or to unblock."""

    user_id: UUID


class BlockList(Request, frozen=True):
    """The caller's blocks."""


class PeopleFind(Request, frozen=True):
    """People in whose name each word of the query begins a word; within privacy and blocks."""

    query: Text
    limit: PageSize | None = None


class ReportCreate(Request, frozen=True):
    """A complaint about a message, a conversation, a user, a gig, a job or a review."""

    subject_type: Literal["message", "conversation", "user", "gig", "job", "review"]
    subject_id: UUID
    reason: Literal["spam", "harassment", "fraud", "inappropriate", "off_platform", "other"]
    text: Text | None = None


TemplateKind = Literal["message", "review"]


class TemplateList(Request, frozen=True):
    """The caller's templates of a kind."""

    kind: TemplateKind = "message"


class TemplateCreate(Request, frozen=True):
    """A new template."""

    title: Text
    content: Text
    kind: TemplateKind = "message"


class TemplateDelete(Request, frozen=True):
    """A template to remove, of whatever kind."""

    template_id: UUID


class CommandEnvelope(msgspec.Struct, frozen=True):
    """A command as received: `d` is not yet validated."""

    id: int
    op: str
    d: dict[str, Any]
