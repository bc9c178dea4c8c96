"""The `d` of every event, and which of them are durable."""

import msgspec

from protocol.objects import Conversation, Message, Notification, Presence, UnreadTotals
from protocol.text import Id, Time


class MessageEvent(msgspec.Struct, frozen=True):
    """`message.created` and `message.updated`: the whole message."""

    message: Message
    rev: int
    prev_rev: int


class ConversationEvent(msgspec.Struct, frozen=True):
    """`conversation.created` (the person's own view), `conversation.updated` (the shared one)."""

    conversation: Conversation
    rev: int
    prev_rev: int


class MemberEvent(msgspec.Struct, frozen=True):
    """`member.joined` and `member.left`."""

    conversation_id: Id
    user_id: Id
    role: str
    rev: int
    prev_rev: int
    display_name: str = ""


class ReceiptEvent(msgspec.Struct, frozen=True):
    """`receipt.read` and `receipt.delivered`: a watermark has moved to `seq`."""

    conversation_id: Id
    user_id: Id
    seq: int


class SettingsEvent(msgspec.Struct, frozen=True):
    """`conversation.settings`: the user's own view, for the user's other devices."""

    conversation: Conversation


class UnreadEvent(msgspec.Struct, frozen=True):
    """`unread.changed`: absolute figures; `conversations` names those that moved."""

    messages: int
    notifications: int
    conversations: dict[Id, int]


class NotificationEvent(msgspec.Struct, frozen=True):
    """`notification.created` and `notification.updated`, with the figures as they then are."""

    notification: Notification
    unread: UnreadTotals


class TypingEvent(msgspec.Struct, frozen=True):
    """`typing.started` and `typing.stopped`."""

    conversation_id: Id
    user_id: Id


class PresenceEvent(Presence, frozen=True):
    """`presence.changed`."""


class DomainEvent(msgspec.Struct, frozen=True):
    """A row of the marketplace has changed: its reader reads it for more.

    `resource` and `id` are its path. `status` is what it had after `action`, `version` what it has
    after the whole request or timer, and `actor_id` is None where no person acted.
    """

    resource: str
    id: Id
    status: str
    version: int
    action: str
    actor_id: Id | None = None


class ReminderEvent(DomainEvent, frozen=True, kw_only=True):
    """`action` will be done at `due_at` by itself, unless somebody acts before."""

    due_at: Time


class ResyncEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """`resync`: something may have been missed; without ids, anywhere."""

    conversation_ids: list[Id] | None = None


class DrainingEvent(msgspec.Struct, frozen=True):
    """`server.draining`: this node goes away; come back after the delay."""

    reconnect_after_ms: int


class SessionEvent(msgspec.Struct, frozen=True):
    """`session.revoked`, between processes only: connections of this login must end."""

    session_ids: list[Id]
    at: Time


EventBody = (
    MessageEvent
    | ConversationEvent
    | MemberEvent
    | ReceiptEvent
    | SettingsEvent
    | UnreadEvent
    | NotificationEvent
    | TypingEvent
    | PresenceEvent
    | DomainEvent
    | ReminderEvent
    | ResyncEvent
    | DrainingEvent
    | SessionEvent
)

EVENTS: dict[str, type[EventBody]] = {
    "message.created": MessageEvent,
    "message.updated": MessageEvent,
    "conversation.created": ConversationEvent,
    "conversation.updated": ConversationEvent,
    "member.joined": MemberEvent,
    "member.left": MemberEvent,
    "receipt.read": ReceiptEvent,
    "receipt.delivered": ReceiptEvent,
    "conversation.settings": SettingsEvent,
    "unread.changed": UnreadEvent,
    "notification.created": NotificationEvent,
    "notification.updated": NotificationEvent,
    "typing.started": TypingEvent,
    "typing.stopped": TypingEvent,
    "presence.changed": PresenceEvent,
    "resync": ResyncEvent,
    "server.draining": DrainingEvent,
}
"""The events of conversations, notifications and people, by name."""

DOMAIN_STATES: dict[str, str] = {
    "gig": "draft active paused deleted suspended",
    "job": "draft analyzing open closed cancelled in_progress pending active review delivered"
    " completed disputed",
    "proposal": "pending shortlisted accepted rejected withdrawn",
    "contract": "pending_payment pending_acceptance active in_review revision_requested completed"
    " cancelled disputed terminated refunded",
    "contract_member": "invited accepted declined left",
    "amendment": "proposed accepted declined withdrawn expired",
    "cancellation": "proposed agreed declined withdrawn expired",
    "milestone": "pending in_progress submitted approved paid cancelled",
    "deliverable": "submitted under_review approved revision_requested rejected",
    "escrow": "active releasing released refunding refunded",
    "release": "pending cleared frozen reversed",
    "transaction": "pending processing completed failed cancelled refunded",
    "refund": "requested approved rejected succeeded withdrawn",
    "dispute": "open under_review escalated closed",
    "dispute_offer": "offered accepted declined withdrawn expired",
    "deposit": "pending processing captured failed",
    "deposit_return": "requested processing succeeded failed",
    "withdrawal": "requested approved processing paid failed cancelled returned",
    "payout_batch": "draft submitted settled partially_failed failed cancelled",
    "review_invitation": "invited accepted expired",
    "review": "pending published hidden",
    "ticket": "open in_progress waiting_on_customer resolved closed",
}
"""The states of each machine that is carried out, between blanks: a transition is told as
`MACHINE.STATE`, the state that its row has entered."""

DOMAIN_NAMES = frozenset(
    {
        "gig.published",
        "job.published",
        "proposal.received",
        "contract.started",
        "contract.tipped",
        "milestone.revision_requested",
        "payment.received",
        "dispute.answered",
        "dispute.offered",
        "dispute.raised",
        "dispute.resolved",
        "dispute.settled",
        "dispute.unresolved",
        "dispute.withdrawn",
        "review.answered",
        "review.invited",
    }
)
"""Names of their own by which transitions are told besides."""

CHANGING = ("gig", "job", "proposal", "review", "ticket")
"""The machines whose rows people change by themselves, which is told as `MACHINE.changed`."""

CHANGED_BY_OTHERS = ("contract", "milestone", "contract_member")
"""Those whose rows change with another's transition, as by an amendment, which is told likewise."""

REMINDING = ("milestone", "dispute")
"""The machines of which timers remind those concerned before anything is done."""


def reminder_of(machine: str) -> str:
    """The name of the event that reminds of a timer of a machine."""
    return f"{machine}.reminder"


REMINDERS = frozenset(map(reminder_of, REMINDING))
"""Names of events that say what will be done, and when, unless somebody acts."""

DOMAIN_EVENTS = (
    DOMAIN_NAMES
    | REMINDERS
    | {f"{machine}.changed" for machine in (*CHANGING, *CHANGED_BY_OTHERS)}
    | {
        f"{machine}.{state}"
        for machine, states in DOMAIN_STATES.items()
        for state in states.split()
    }
)
"""Every domain event that a client may receive."""


def shape_of(ev: str) -> type[EventBody] | None:
    """The `d` of an event by its name; None for one that is not known here."""
    if ev in DOMAIN_EVENTS:
        return ReminderEvent if ev in REMINDERS else DomainEvent
    return EVENTS.get(ev)
