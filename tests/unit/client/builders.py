"""Objects of the wire with usual values, and a client that is up to date."""

from uuid import UUID

from client.changes import Event
from client.sync import SyncPass
from protocol.events import MessageEvent
from protocol.objects import Conversation, LimitsInForce, Message, Participant, User
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
    return request, changes


def names(changes):
    return [(change.name, change.origin) for change in changes]
