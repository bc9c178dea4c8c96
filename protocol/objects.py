"""The objects that replies and events carry."""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from protocol.notifications.categories import Category, Channel
from protocol.text import Id, Time

NOBODY = "00000000-0000-0000-0000-000000000000"
"""The sender of a system message about what no person did."""


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file as a message shows it; its addresses work until `url_expires_at`.

    They are paths of the HTTP door, `/v1/files/…`, unless the server knows its public address. At
    `thumbnail_url`, of images, is a picture that is no larger than needed.
    """

    file_id: Id
    name: str
    mime: str
    bytes: int
    url: str
    url_expires_at: Time
    width: int | None = None
    height: int | None = None
    thumbnail_url: str | None = None


class SystemText(msgspec.Struct, frozen=True):
    """What a message of type `system` says, for the reader's client to put into words.

    `action` was done to `resource` (a path of the HTTP door, `milestones`) by a person, or by
    nobody, where a time has run out. `facts` are amounts, titles and the like, by name.
    """

    action: str
    resource: str
    resource_id: Id
    actor_id: Id | None = None
    facts: dict[str, Any] = {}


class Message(msgspec.Struct, frozen=True):
    """A message in its present state; a tombstone has `is_deleted` and no content.

    One of type `system` has `system` instead of content. Where nobody acted, its `sender_id` is
    `NOBODY`.
    """

    id: Id
    conversation_id: Id
    seq: int
    rev: int
    sender_id: Id
    client_id: Id
    type: str
    content: str | None
    created_at: Time
    attachments: list[Attachment] = []
    parent_id: Id | None = None
    reply_count: int = 0
    last_reply_at: Time | None = None
    mentions: list[Id] = []
    reactions: dict[str, list[Id]] = {}
    reaction_counts: dict[str, int] = {}
    is_pinned: bool = False
    is_deleted: bool = False
    edited_at: Time | None = None
    system: SystemText | UnsetType = UNSET


class Participant(msgspec.Struct, frozen=True):
    """A member of a conversation and the member's watermarks."""

    user_id: Id
    role: str
    last_read_seq: int
    last_delivered_seq: int
    display_name: str = ""


class Conversation(msgspec.Struct, frozen=True):
    """A conversation; the viewer's own fields are absent in events that go to everyone."""

    id: Id
    type: str
    status: str
    title: str | None
    job_id: Id | None
    contract_id: Id | None
    participants: list[Participant]
    last_seq: int
    rev: int
    last_message: Message | None
    last_message_at: Time | None
    created_at: Time
    last_read_seq: int | UnsetType = UNSET
    unread: int | UnsetType = UNSET
    is_muted: bool | UnsetType = UNSET
    is_archived: bool | UnsetType = UNSET
    is_pinned: bool | UnsetType = UNSET


class Receipt(msgspec.Struct, frozen=True):
    """One member's watermarks in one conversation."""

    conversation_id: Id
    user_id: Id
    last_read_seq: int
    last_delivered_seq: int


class UnreadTotals(msgspec.Struct, frozen=True):
    """What the user has not seen; muted and archived conversations are left out."""

    messages: int
    notifications: int


class Notification(msgspec.Struct, frozen=True):
    """Something that the user should know; `count` repeats of one `group_key` are one. One that
    was put away is in no list any more.

    One of type `message.run` tells of a conversation with `count` unread messages: it is read by
    reading these, and counts in no figure of unread notifications.
    """

    id: Id
    type: str
    category: str
    title: str
    content: str
    data: dict[str, Any]
    priority: str
    action_url: str | None
    group_key: str | None
    count: int
    seen_at: Time | None
    read_at: Time | None
    created_at: Time
    updated_at: Time
    """Of the last repeat: the order of the list."""
    expires_at: Time | None
    archived_at: Time | None = None


class Presence(msgspec.Struct, frozen=True):
    """What a watcher sees of a user: `online`, `away`, `dnd` or `offline`."""

    user_id: Id
    status: str
    text: str | None
    last_seen_at: Time | None


class ChannelPreference(msgspec.Struct, frozen=True):
    """Whether the user is told of a category by a channel."""

    category: Category
    channel: Channel
    is_enabled: bool


class Block(msgspec.Struct, frozen=True):
    """A user whom the caller has blocked."""

    user_id: Id
    created_at: Time


class PersonFound(msgspec.Struct, frozen=True):
    """Somebody whom a search by name has found."""

    user_id: Id
    display_name: str
    kind: Literal["client", "freelancer", "both"]
    avatar: str | None


class Report(msgspec.Struct, frozen=True):
    """A complaint that staff will look at."""

    id: Id
    subject_type: str
    subject_id: Id
    reason: str
    text: str | None
    status: str
    created_at: Time


class Template(msgspec.Struct, frozen=True):
    """A text that the user keeps for reuse, in messages or in reviews."""

    id: Id
    title: str
    content: str
    created_at: Time
    kind: Literal["message", "review"] = "message"


class User(msgspec.Struct, frozen=True):
    """The public part of a user."""

    id: Id
    display_name: str


class LimitsInForce(msgspec.Struct, frozen=True):
    """The limits that a client should keep to; told in the reply to `hello`."""

    frame_bytes: int
    content: int
    attachments: int
    commands_per_s: float
    burst: int
    in_flight: int
    page: int
    watches: int
