"""Objects of the wire with usual values, and a client that is up to date."""

from uuid import UUID

from client.state.changes import Event
from client.state.sync import SyncPass
from protocol.events import MessageEvent, NotificationEvent
from protocol.objects import (
    Conversation,
    LimitsInForce,
    Message,
    Notification,
    Participant,
    UnreadTotals,
    User,
)
from protocol.replies import HelloReply, SyncReply

ME, YOU, KEY = (str(UUID(int=number)) for number in (1, 2, 3))
LIMITS = LimitsInForce(65536, 4000, 10, 20, 60, 64, 200, 200)


def hello(**fields):
    return HelloReply(
        **{
            "session_id": "s",
            "user": User(ME, "Me"),
            "server_time": "",
            "token_expires_at": "",
            "epoch": "e1",
            "offset": "10",
            "resumed": False,
            "missed": 0,
            "stale": [],
            "unread": None,
            "limits": LIMITS,
            "heartbeat_s": 25,
            **fields,
        }
    )


def shown(rev=1, last_seq=0, key=KEY, **fields):
    return Conversation(
        **{
            "id": key,
            "type": "direct",
            "status": "open",
            "title": None,
            "job_id": None,
            "contract_id": None,
            "participants": [Participant(ME, "member", 0, 0), Participant(YOU, "member", 0, 0)],
            "last_seq": last_seq,
            "rev": rev,
            "last_message": None,
            "last_message_at": None,
            "created_at": "t",
            "last_read_seq": 0,
            "unread": last_seq,
            "is_muted": False,
            "is_archived": False,
            "is_pinned": False,
            **fields,
        }
    )


def message(seq, rev=None, **fields):
    return Message(
        **{
            "id": f"m{seq}",
            "conversation_id": KEY,
            "seq": seq,
            "rev": rev or seq + 1,
            "sender_id": YOU,
            "client_id": "c",
            "type": "text",
            "content": f"{seq}",
            "created_at": f"t{seq}",
            **fields,
        }
    )


def created(seq, prev_rev=None, at=None, **fields):
    said = message(seq, **fields)
    prev = said.rev - 1 if prev_rev is None else prev_rev
    return Event("message.created", MessageEvent(said, said.rev, prev), f"{KEY}.{said.rev}", at)


def page(**fields):
    return SyncReply(
        **{
            "conversations": [],
            "messages": [],
            "receipts": [],
            "synced": {},
            "truncated": {},
            "gone": [],
            "reset": [],
            "cursor": None,
            "complete": True,
            **fields,
        }
    )


def synced(state, **fields):
    running = SyncPass(state, batch=10)
    request = running.request()
    changes = running.apply(page(**fields))
    assert running.request() is None
    if state.notifications.behind_since is not None:
        listed(state)
    return request, changes


def notification(number=1, **fields):
    return Notification(
        **{
            "id": f"n{number}",
            "type": "t",
            "category": "c",
            "title": "title",
            "content": "text",
            "data": {},
            "priority": "normal",
            "action_url": None,
            "group_key": None,
            "count": 1,
            "seen_at": None,
            "read_at": None,
            "created_at": f"t{number}",
            "updated_at": f"t{number}",
            "expires_at": None,
            **fields,
        }
    )


def listed(state, *items, since=None, unread=None, is_all=True):
    unread = sum(item.read_at is None for item in items) if unread is None else unread
    since = state.clock if since is None else since
    return state.merge_notifications(items, since, unread=unread, is_all=is_all)


def notified(name, number=1, eid=None, at=None, unread=1, **fields):
    d = NotificationEvent(notification(number, **fields), UnreadTotals(0, unread))
    return Event(f"notification.{name}", d, eid or f"n.{number}.{name}", at)


def names(changes):
    return [(change.name, change.origin) for change in changes]
