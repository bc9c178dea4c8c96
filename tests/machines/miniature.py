"""A server in miniature: the log of conversations as the protocol describes it, in memory.

It serves as the oracle of the client's state: whatever way the client learned it, in the end it
must hold what is here. Events are built when published, which may be later than the commit.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from client.state.changes import Event
from protocol.events import (
    ConversationEvent,
    MemberEvent,
    MessageEvent,
    ReceiptEvent,
    SettingsEvent,
    UnreadEvent,
)
from protocol.objects import Conversation, Message, Participant, Receipt
from protocol.replies import SyncReply
from protocol.requests import Sync
from storage.conversations.gap_reader import Departed, Missed

ME, YOU, THIRD = (str(UUID(int=number)) for number in (1, 2, 3))
PEOPLE = (ME, YOU, THIRD)
LARGE = 2
"""With more people a conversation has a channel of its own."""
SYNC_MESSAGES = 4
PAGE_MESSAGES = 3
Build = Callable[[], Event]


@dataclass
class Member:
    read: int = 0
    delivered: int = 0
    is_muted: bool = False
    joined_at: int = 0
    joined_rev: int = 0
    left_rev: int = 0


@dataclass
class Note:
    """A change that is committed and not yet published."""

    build: Build
    own: str | None = None
    """Of a send by the client's own connection, its client_id."""
    fanout: str = "user"
    is_mine: bool = True
    """Whether it goes to the user's own channel."""
    is_personal: bool = False
    """Whether it goes nowhere else."""
    leaves: bool = False
    """Whether it says that the user is no longer a member."""
    key: tuple[str, str] = ("", "")
    """Of a receipt by somebody else: of one key the newest is kept."""


@dataclass
class Log:
    """One conversation: its state, and for every unpublished change how to build the event."""

    id: str
    rev: int = 1
    title: str = ""
    messages: list[Message] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    former: dict[str, Member] = field(default_factory=dict)
    unpublished: list["Note"] = field(default_factory=list)
    fanout: str = "user"
    """Then `both`, then `conversation`: it only grows."""

    @property
    def last_seq(self) -> int:
        return len(self.messages)

    def unread(self, user: str) -> int:
        read = self.members[user].read
        return sum(1 for m in self.messages if m.seq > read and not m.is_deleted)

    def view(self, user: str | None) -> Conversation:
        last = self.messages[-1] if self.messages else None
        shared = Conversation(
            id=self.id,
            type="group",
            status="open",
            title=self.title,
            job_id=None,
            contract_id=None,
            participants=[
                Participant(key, "member", member.read, member.delivered)
                for key, member in sorted(self.members.items())
            ],
            last_seq=self.last_seq,
            rev=self.rev,
            last_message=last,
            last_message_at=None if last is None else last.created_at,
            created_at="2026-11-20T00:00:00.000Z",
        )
        if user is None:
            return shared
        return msgspec.structs.replace(
            shared,
            last_read_seq=self.members[user].read,
            unread=self.unread(user),
            is_muted=self.members[user].is_muted,
            is_archived=False,
            is_pinned=False,
        )


def is_told(log: Log, rev: int) -> bool:
    """Whether the user is one of those whom a rev is told."""
    if ME in log.members:
        return log.members[ME].joined_rev <= rev
    return ME in log.former and rev <= log.former[ME].left_rev


def may_see(log: Log, event: Event) -> bool:
    """Whether the user may see what an event holds by now: nothing of after leaving."""
    last = log.former[ME].left_rev if ME in log.former else log.rev
    if isinstance(event.d, MessageEvent):
        return event.d.message.rev <= last
    if isinstance(event.d, ConversationEvent):
        return event.d.conversation.rev <= last
    return True


class Miniature:
    """Conversations, and the log of what one user's connections are told."""

    def __init__(self) -> None:
        self.logs: dict[str, Log] = {}
        self._settings = 0

    # Changes.

    def create(self, members: tuple[str, ...]) -> Log:
        log = Log(str(UUID(int=1000 + len(self.logs))))
        log.members = {user: Member() for user in members}
        self.logs[log.id] = log
        self._grow(log)
        if ME in members:
            self._note(log, lambda: self._created(log, 1, 0), is_mine=True, is_personal=True)
        return log

    def send(self, log: Log, user: str, parent: Message | None, *, own: str | None = None) -> None:
        log.rev += 1
        seq, rev = log.last_seq + 1, log.rev
        # Several messages share a millisecond.
        at = f"2026-11-20T00:00:00.{seq // 3:03}Z"
        message = Message(
            id=str(UUID(int=int(UUID(log.id)) << 64 | seq)),
            conversation_id=log.id,
            seq=seq,
            rev=rev,
            sender_id=user,
            client_id=own or str(UUID(int=0)),
            type="text",
            content=f"text {seq}",
            created_at=at,
            parent_id=None if parent is None else parent.id,
        )
        log.messages.append(message)
        if parent is not None:
            self.change(
                log,
                parent.seq,
                rev=rev,
                reply_count=log.messages[parent.seq - 1].reply_count + 1,
                last_reply_at=at,
            )
        log.members[user].read = log.members[user].delivered = seq
        self._note(log, lambda: self._message(log, seq, rev, "created"), own=own)

    def change(self, log: Log, seq: int, **fields: object) -> None:
        log.messages[seq - 1] = msgspec.structs.replace(log.messages[seq - 1], **fields)

    def update(self, log: Log, seq: int, **fields: object) -> None:
        log.rev += 1
        rev = log.rev
        self.change(log, seq, rev=rev, **fields)
        self._note(log, lambda: self._message(log, seq, rev, "updated"))

    def delete(self, log: Log, seq: int) -> None:
        """A tombstone, and at the next rev its parent, which has a reply less."""
        self.update(log, seq, content=None, is_deleted=True)
        parent_id = log.messages[seq - 1].parent_id
        if parent_id is not None:
            alive = [m for m in log.messages if m.parent_id == parent_id and not m.is_deleted]
            at = max((reply.created_at for reply in alive), default=None)
            parent = next(m for m in log.messages if m.id == parent_id)
            self.update(log, parent.seq, reply_count=len(alive), last_reply_at=at)

    def rename(self, log: Log, title: str) -> None:
        log.rev += 1
        rev = log.rev
        log.title = title
        self._note(log, lambda: self._updated(log, rev))

    def join(self, log: Log, user: str) -> None:
        log.rev += 1
        rev = log.rev
        former = log.former.pop(user, Member())
        log.members[user] = Member(log.last_seq, log.last_seq, former.is_muted, log.last_seq, rev)
        self._grow(log)
        if user == ME:
            back = partial(self._created, log, rev, rev - 1)
            self._note(log, back, is_mine=True, is_personal=True)
        d = MemberEvent(log.id, user, "member", rev, rev - 1)
        self._note(log, lambda: self._event("member.joined", d))

    def leave(self, log: Log, user: str) -> None:
        log.rev += 1
        d = MemberEvent(log.id, user, "member", log.rev, log.rev - 1)
        if user == ME:
            self._note(log, lambda: self._event("member.left", d), is_mine=True, leaves=True)
        else:
            self._note(log, lambda: self._event("member.left", d))
        log.former[user] = log.members.pop(user)
        log.former[user].left_rev = log.rev

    def read(self, log: Log, user: str, seq: int) -> None:
        member = log.members[user]
        member.read = max(member.read, min(seq, log.last_seq))
        member.delivered = max(member.delivered, member.read)
        d = ReceiptEvent(log.id, user, member.read)
        eid = f"{log.id}.read.{user}.{member.read}" if user == ME else None
        if user == ME or (ME in log.members and log.fanout == "user"):
            receipt = Event("receipt.read", d, eid)
            key = (log.id, user)
            self._note(log, lambda: receipt, is_mine=True, is_personal=True, key=key)

    def mute(self, log: Log, *, is_muted: bool) -> None:
        log.members[ME].is_muted = is_muted
        self._settings += 1
        eid = f"{log.id}.settings.{self._settings}"
        self._note(
            log,
            lambda: Event("conversation.settings", SettingsEvent(self._seen(log)), eid),
            is_mine=True,
            is_personal=True,
        )

    def _grow(self, log: Log) -> None:
        if log.fanout == "user" and len(log.members) > LARGE:
            log.fanout = "both"

    # What is asked.

    def unread_event(self, keys: list[str]) -> Event:
        visible = {key: log for key, log in self.logs.items() if ME in log.members}
        total = sum(log.unread(ME) for log in visible.values() if not log.members[ME].is_muted)
        named = {key: visible[key].unread(ME) for key in keys if key in visible}
        return Event("unread.changed", UnreadEvent(total, 0, named))

    def sync(self, request: Sync, pinned: dict[str, int]) -> SyncReply:
        """A page: whole conversations until enough messages, the rest after the cursor."""
        named = {str(key): rev for key, rev in request.conversations.items()}
        visible = {key: log for key, log in self.logs.items() if ME in log.members}
        shown: list[Conversation] = []
        messages: list[Message] = []
        receipts: list[Receipt] = []
        synced: dict[str, int] = {}
        truncated: dict[str, int] = {}
        gone: list[str] = []
        cursor: str | None = None
        for key in sorted(named):
            if request.cursor is not None and key <= request.cursor:
                continue
            log = visible.get(key)
            if log is None:
                gone.append(key)
                continue
            if len(messages) >= PAGE_MESSAGES:
                cursor = max([*synced, *gone])
                break
            changed = [m for m in log.messages if m.rev > named[key]]
            if len(changed) > SYNC_MESSAGES:
                changed = changed[-SYNC_MESSAGES:]
                truncated[key] = changed[0].seq
            messages += changed
            shown.append(log.view(ME))
            synced[key] = min(pinned.get(key, log.rev), log.rev)
            receipts += [
                Receipt(key, user, member.read, member.delivered)
                for user, member in log.members.items()
                if log.fanout == "user" or user == ME
            ]
        if cursor is None and not request.only_named:
            shown += [log.view(ME) for key, log in visible.items() if key not in named]
        return SyncReply(
            shown, messages, receipts, synced, truncated, gone, [], cursor, cursor is None
        )

    def missed(self, log: Log, held: int) -> Missed:
        """What a fetch of a gap finds."""
        left = {
            user: Departed(one.left_rev, "member", "", one.joined_rev)
            for user, one in log.former.items()
            if one.left_rev > held
        }
        messages = [message for message in log.messages if message.rev > held]
        came = {user: one.joined_rev for user, one in log.members.items() if one.joined_rev > held}
        return Missed(log.view(None), messages, left, came)

    def history(self, key: str, low: int, high: int) -> list[Message]:
        log = self.logs[key]
        return log.messages[low - 1 : high] if ME in log.members else []

    # Publishing.

    def publish(self, log: Log) -> Event:
        """The event of the oldest change that is not published, as it is told now."""
        return log.unpublished.pop(0).build()

    def _note(self, log: Log, build: Build, **fields: Any) -> None:
        """What goes to everybody in it, and to the user while she is."""
        is_mine = ME in log.members and log.fanout != "conversation"
        log.unpublished.append(Note(build, fanout=log.fanout, **{"is_mine": is_mine, **fields}))

    def _message(self, log: Log, seq: int, rev: int, verb: str) -> Event:
        d = MessageEvent(log.messages[seq - 1], rev, rev - 1)
        return self._event(f"message.{verb}", d)

    def _created(self, log: Log, rev: int, prev_rev: int) -> Event:
        d = ConversationEvent(self._seen(log), rev, prev_rev)
        return Event("conversation.created", d, f"{log.id}.{rev}.c")

    def _seen(self, log: Log) -> Conversation:
        return log.view(ME if ME in log.members else None)

    def _updated(self, log: Log, rev: int) -> Event:
        return self._event("conversation.updated", ConversationEvent(log.view(None), rev, rev - 1))

    def _event(self, name: str, d: MessageEvent | ConversationEvent | MemberEvent) -> Event:
        key = d.conversation_id if isinstance(d, MemberEvent) else ""
        if isinstance(d, MessageEvent):
            key = d.message.conversation_id
        if isinstance(d, ConversationEvent):
            key = d.conversation.id
        return Event(name, d, f"{key}.{d.rev}")
