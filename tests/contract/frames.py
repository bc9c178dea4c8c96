"""One frame of every reply, event and error; run as a module it writes `tests/contract/golden/`.

The golden files are what clients already out there understand: a change there is a change of the
protocol, to be made on purpose.
"""

import sys
from datetime import time
from pathlib import Path

import msgspec

from protocol import events, objects, replies
from protocol.codec import JSON, MSGPACK, Codec, encode_error
from protocol.errors import ErrorCode, RequestError
from protocol.limits import Limits
from protocol.notifications.quiet_hours import QuietHours
from protocol.notifications.wishes import Digest
from server.ws.session import limits_in_force

GOLDEN = Path(__file__).parent / "golden"
FILES = {"json": GOLDEN / "frames.jsonl", "msgpack": GOLDEN / "frames.msgpack.hex"}

ANNA = "01a1fb99-9161-7007-a12a-254701bdd66b"
BEN = "01a1fb99-9334-7dde-9fec-c3b94e07cdcf"
ROOM = "01a1fb99-9192-782a-8ea6-4d482e92b7db"
MESSAGE = "01a1fb99-a3f8-7c41-8000-000000000002"
PARENT = "01a1fb99-a3a0-7c41-8000-000000000001"
OTHER = "01a1fb99-b000-7000-8000-00000000000f"
AT = "2026-11-20T22:03:00.123Z"
LATER = "2026-11-20T23:03:00.000Z"
OFFSET = "1795212180123-0"

MESSAGE_SENT = objects.Message(
    id=MESSAGE,
    conversation_id=ROOM,
    seq=2,
    rev=5,
    sender_id=ANNA,
    client_id=OTHER,
    type="image",
    content='Quotes ", a \\, a line\n and 約定 👋',
    created_at=AT,
    attachments=[
        objects.Attachment(OTHER, "plan.png", "image/png", 1234, "/v1/files/x", LATER, 640, 480),
        objects.Attachment(OTHER, "notes.txt", "text/plain", 12, "/v1/files/y", LATER),
    ],
    parent_id=PARENT,
    mentions=[BEN],
    reactions={"👍": [BEN, ANNA]},
    reaction_counts={"👍": 22},
    is_pinned=True,
    edited_at=LATER,
)
TOMBSTONE = objects.Message(
    id=PARENT,
    conversation_id=ROOM,
    seq=1,
    rev=6,
    sender_id=BEN,
    client_id=OTHER,
    type="text",
    content=None,
    created_at=AT,
    reply_count=1,
    last_reply_at=AT,
    is_deleted=True,
)
DELETED_REPLY = objects.Message(
    id=MESSAGE,
    conversation_id=ROOM,
    seq=2,
    rev=6,
    sender_id=ANNA,
    client_id=OTHER,
    type="image",
    content=None,
    created_at=AT,
    parent_id=PARENT,
    is_deleted=True,
)
LEFT_ALONE = objects.Message(
    id=PARENT,
    conversation_id=ROOM,
    seq=1,
    rev=7,
    sender_id=BEN,
    client_id=OTHER,
    type="text",
    content="What is planned?",
    created_at=AT,
)
SHARED = objects.Conversation(
    id=ROOM,
    type="group",
    status="open",
    title="Pier",
    job_id=None,
    contract_id=OTHER,
    participants=[
        objects.Participant(ANNA, "owner", 2, 2, "anna"),
        objects.Participant(BEN, "member", 0, 1, "ben"),
    ],
    last_seq=2,
    rev=6,
    last_message=MESSAGE_SENT,
    last_message_at=AT,
    created_at=AT,
)
OWN = msgspec.structs.replace(
    SHARED, last_read_seq=1, unread=1, is_muted=False, is_archived=False, is_pinned=True
)
EMPTY_ROOM = msgspec.structs.replace(
    OWN, type="direct", title=None, last_seq=0, rev=1, last_message=None, last_message_at=None
)
NOTIFICATION = objects.Notification(
    id=OTHER,
    type="message",
    category="messages",
    title="anna",
    content="hello",
    data={"conversation_id": ROOM, "amount": "12.50"},
    priority="normal",
    action_url=None,
    group_key=f"message:{ROOM}",
    count=3,
    seen_at=AT,
    read_at=None,
    created_at=AT,
    updated_at=LATER,
    expires_at=LATER,
)
PRESENCE = objects.Presence(BEN, "offline", None, AT)

REPLIES: list[replies.Reply] = [
    replies.HelloReply(
        session_id=OTHER,
        user=objects.User(ANNA, "anna"),
        server_time=AT,
        token_expires_at=LATER,
        epoch=OTHER,
        offset=OFFSET,
        resumed=False,
        missed=0,
        stale=[],
        unread=objects.UnreadTotals(1, 2),
        limits=limits_in_force(Limits()),
        heartbeat_s=25.0,
    ),
    replies.TokenRefreshReply(LATER),
    replies.PingReply(AT),
    replies.SyncReply(
        conversations=[OWN],
        messages=[MESSAGE_SENT, TOMBSTONE],
        receipts=[objects.Receipt(ROOM, BEN, 0, 1)],
        synced={ROOM: 6},
        truncated={ROOM: 2},
        gone=[OTHER],
        reset=[OTHER],
        cursor="opaque",
        complete=False,
    ),
    replies.ConversationReply(EMPTY_ROOM),
    replies.ConversationPage([OWN], "opaque"),
    replies.MessageReply(MESSAGE_SENT),
    replies.MessagePage([TOMBSTONE, MESSAGE_SENT], has_more=True),
    replies.SearchPage([MESSAGE_SENT], None),
    replies.ReceiptReply(ROOM, 2, 0),
    replies.PresencesReply([PRESENCE]),
    replies.NotificationPage([NOTIFICATION], None, 1),
    replies.NotificationsUnread(0),
    replies.BlocksReply([objects.Block(BEN, AT)]),
    replies.PeopleReply([objects.PersonFound(BEN, "Ben", "freelancer", None)]),
    replies.ReportReply(objects.Report(OTHER, "message", MESSAGE, "spam", None, "open", AT)),
    replies.PreferencesReply(
        preferences=[objects.ChannelPreference("message", "email", is_enabled=False)],
        quiet_hours=[QuietHours(4, time(22), time(7, 30))],
        digest=Digest("weekly", 18, 6),
        snooze_until=LATER,
        show_text=True,
    ),
    replies.TemplatesReply([objects.Template(OTHER, "greeting", "Hello!", AT)]),
    replies.Empty(),
]
EVENTS: dict[str, events.EventBody] = {
    "message.created": events.MessageEvent(MESSAGE_SENT, 5, 4),
    "message.updated": events.MessageEvent(TOMBSTONE, 6, 5),
    "message.updated of a deleted reply": events.MessageEvent(DELETED_REPLY, 6, 5),
    "message.updated of its parent": events.MessageEvent(LEFT_ALONE, 7, 6),
    "conversation.created": events.ConversationEvent(EMPTY_ROOM, 1, 0),
    "conversation.updated": events.ConversationEvent(SHARED, 6, 5),
    "member.joined": events.MemberEvent(ROOM, BEN, "member", 6, 5, "ben"),
    "member.left": events.MemberEvent(ROOM, BEN, "member", 6, 5, "ben"),
    "receipt.read": events.ReceiptEvent(ROOM, BEN, 2),
    "receipt.delivered": events.ReceiptEvent(ROOM, BEN, 2),
    "conversation.settings": events.SettingsEvent(OWN),
    "unread.changed": events.UnreadEvent(1, 0, {ROOM: 1}),
    "notification.created": events.NotificationEvent(NOTIFICATION, objects.UnreadTotals(4, 1)),
    "notification.updated": events.NotificationEvent(NOTIFICATION, objects.UnreadTotals(0, 0)),
    "typing.started": events.TypingEvent(ROOM, BEN),
    "typing.stopped": events.TypingEvent(ROOM, BEN),
    "presence.changed": events.PresenceEvent(BEN, "away", "back soon", None),
    "resync": events.ResyncEvent(),
    "resync of some": events.ResyncEvent([ROOM]),
    "server.draining": events.DrainingEvent(1500),
}
DURABLE = {
    name
    for name in EVENTS
    if name.partition(".")[0] in {"message", "conversation", "member", "notification"}
}
ERRORS: dict[str, RequestError] = {
    **{code: RequestError(code, "one sentence for a developer") for code in ErrorCode},
    ErrorCode.NOT_FOUND: RequestError.not_found("conversation"),
    ErrorCode.VALIDATION_FAILED: RequestError.invalid("content", "at most 5 characters", limit=5),
    ErrorCode.RATE_LIMITED: RequestError.rate_limited("commands", 0.0504),
    ErrorCode.UNAVAILABLE: RequestError.unavailable("the database"),
    ErrorCode.INTERNAL: RequestError(ErrorCode.INTERNAL, "internal error", {"request_id": OTHER}),
}


def frames(codec: Codec) -> dict[str, bytes]:
    """Every frame by its name."""
    told = {}
    for reply in REPLIES:
        told[f"reply {type(reply).__name__}"] = codec.reply(7, codec.encode(reply))
    for name, body in EVENTS.items():
        ev = name.partition(" ")[0]
        eid, at = (f"{ROOM}.6".encode(), OFFSET) if name in DURABLE else (b"", "")
        told[f"event {name}"] = codec.event(ev.encode(), eid, at, codec.encode(body))
    for code, error in ERRORS.items():
        told[f"error {code}"] = encode_error(codec, 2**53 - 1, error.body())
    bad = ERRORS[ErrorCode.BAD_REQUEST].body()
    told["error of a frame that was not understood"] = encode_error(codec, None, bad)
    return told


def written() -> dict[str, str]:
    """The golden files as they should be, by format: a line a frame, its name before it."""
    packed = {name: frame.hex() for name, frame in frames(MSGPACK).items()}
    return {
        "json": _lines({name: frame.decode() for name, frame in frames(JSON).items()}),
        "msgpack": _lines(packed),
    }


def _lines(told: dict[str, str]) -> str:
    return "".join(f"{name}\t{frame}\n" for name, frame in told.items())


def golden(form: str) -> dict[str, bytes]:
    """The frames of a golden file by their names."""
    lines = FILES[form].read_text(encoding="utf-8").splitlines()
    told = dict(line.split("\t") for line in lines)
    return {
        name: bytes.fromhex(frame) if form == "msgpack" else frame.encode()
        for name, frame in told.items()
    }


if __name__ == "__main__":
    for form, text in written().items():
        FILES[form].write_text(text, encoding="utf-8")
        sys.stdout.write(f"{FILES[form]} written\n")
