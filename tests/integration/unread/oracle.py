"""What the database must hold, in plain Python: conversations, members, watermarks, blocks.

Every method carries out one command on the model and returns the code that refuses it, or None.
"""

import itertools
from dataclasses import dataclass, field
from uuid import UUID

from protocol.errors import ErrorCode

Refusal = ErrorCode | None
_NO_ID = UUID(int=0)


@dataclass(frozen=True)
class Body:
    """What a client asked to send: the same `client_id` with another body is a mismatch."""

    content: str
    parent_id: UUID | None = None


@dataclass
class Said:
    """A message as it is now."""

    sender: UUID
    client_id: UUID
    body: Body
    seq: int
    rev: int
    content: str | None
    id: UUID = _NO_ID
    replies: int = 0
    is_pinned: bool = False
    is_deleted: bool = False
    reactions: set[tuple[str, UUID]] = field(default_factory=set)

    def counts(self) -> dict[str, int]:
        """Reactions by emoji."""
        emojis = [emoji for emoji, _ in self.reactions]
        return {emoji: emojis.count(emoji) for emoji in emojis}


@dataclass
class Member:
    """Somebody who is or was in a conversation."""

    role: str
    joined: int
    read: int = 0
    delivered: int = 0
    is_in: bool = True
    is_muted: bool = False
    is_archived: bool = False
    """Until somebody else writes, unless it is muted; until the member writes, always."""
    archived_at: int = 0

    def mark(self, read: int, delivered: int) -> None:
        """Watermarks never go back, and reading implies delivery."""
        self.read = max(self.read, read)
        self.delivered = max(self.delivered, delivered, self.read)


@dataclass
class Talk:
    """A conversation."""

    id: UUID
    kind: str
    members: dict[UUID, Member]
    rev: int = 1
    is_open: bool = True
    messages: list[Said] = field(default_factory=list)

    def present(self) -> list[UUID]:
        """Who is in it now."""
        return [user for user, member in self.members.items() if member.is_in]

    def member(self, user: UUID) -> Member | None:
        """The membership of somebody who is in it now."""
        member = self.members.get(user)
        return member if member is not None and member.is_in else None

    def unread(self, user: UUID) -> int:
        """Counted one by one, which is what the server never does."""
        read = self.members[user].read
        return sum(1 for said in self.messages if said.seq > read and not said.is_deleted)

    def next_rev(self) -> int:
        self.rev += 1
        return self.rev

    def known(self, message_id: UUID | None) -> Said | None:
        return next((said for said in self.messages if said.id == message_id), None)


class World:
    """Everybody and everything."""

    def __init__(self, people: list[UUID]) -> None:
        self.people = people
        self.talks: list[Talk] = []
        self.blocks: set[tuple[UUID, UUID]] = set()
        self._clock = itertools.count(1)

    def are_apart(self, one: UUID, other: UUID) -> bool:
        """Whether either has blocked the other."""
        return bool({(one, other), (other, one)} & self.blocks)

    def total(self, user: UUID) -> int:
        """Unread over all conversations but muted and archived ones."""
        return sum(
            talk.unread(user)
            for talk in self.talks
            if (member := talk.member(user)) and not member.is_muted and not member.is_archived
        )

    # Conversations and members.

    def judge_creation(self, kind: str, creator: UUID, others: list[UUID]) -> Refusal | Talk:
        """The talk that a pair has already, or whether a new one may be made."""
        people = {creator, *others}
        for talk in self.talks:
            if kind == talk.kind == "direct" and set(talk.members) == people:
                return talk
        is_blocked = any(self.are_apart(creator, other) for other in others)
        return ErrorCode.BLOCKED if is_blocked else None

    def create(self, talk_id: UUID, kind: str, creator: UUID, others: list[UUID]) -> None:
        members = {
            user: Member("owner" if user == creator else "member", next(self._clock))
            for user in sorted([creator, *others])
        }
        self.talks.append(Talk(talk_id, kind, members))

    def add(self, talk: Talk, owner: UUID, user: UUID) -> Refusal:
        if (refusal := self._judge_owner(talk, owner)) is not None:
            return refusal
        if talk.kind == "direct":
            return ErrorCode.FORBIDDEN
        if talk.member(user):
            return None
        if not talk.is_open:
            return ErrorCode.CONVERSATION_CLOSED
        if self.are_apart(owner, user):
            return ErrorCode.BLOCKED
        member = talk.members.setdefault(user, Member("member", 0))
        member.role, member.joined, member.is_in = "member", next(self._clock), True
        member.mark(len(talk.messages), len(talk.messages))
        talk.next_rev()
        return None

    def remove(self, talk: Talk, owner: UUID, user: UUID) -> Refusal:
        if (refusal := self._judge_owner(talk, owner)) is not None:
            return refusal
        if talk.kind == "direct":
            return ErrorCode.FORBIDDEN
        if user not in talk.members:
            return ErrorCode.NOT_FOUND
        if talk.member(user):
            self._part(talk, user)
        return None

    def leave(self, talk: Talk, user: UUID) -> Refusal:
        if talk.member(user) is None:
            return ErrorCode.NOT_FOUND
        if talk.kind == "direct":
            return ErrorCode.FORBIDDEN
        self._part(talk, user)
        return None

    def close(self, talk: Talk, owner: UUID, *, is_open: bool) -> Refusal:
        if (refusal := self._judge_owner(talk, owner)) is not None:
            return refusal
        if talk.is_open != is_open:
            talk.is_open = is_open
            talk.next_rev()
        return None

    def _judge_owner(self, talk: Talk, user: UUID) -> Refusal:
        member = talk.member(user)
        if member is None:
            return ErrorCode.NOT_FOUND
        return None if member.role == "owner" else ErrorCode.FORBIDDEN

    def _part(self, talk: Talk, user: UUID) -> None:
        """Whoever is in it longest follows the last owner, which is a change of its own."""
        talk.members[user].is_in = False
        talk.next_rev()
        left = [talk.members[other] for other in sorted(talk.present())]
        if left and all(member.role != "owner" for member in left):
            min(left, key=lambda member: member.joined).role = "owner"
            talk.next_rev()

    # Messages.

    def send(self, talk: Talk, sender: UUID, client_id: UUID, body: Body) -> Refusal | Said:
        """The new message, the one that the `client_id` made, or why there is none."""
        for said in talk.messages:
            if (said.sender, said.client_id) == (sender, client_id):
                return said if said.body == body else ErrorCode.DUPLICATE_MISMATCH
        if (refusal := self._judge_writing(talk, sender)) is not None:
            return refusal
        parent = talk.known(body.parent_id)
        if body.parent_id is not None and (parent is None or parent.is_deleted):
            return ErrorCode.VALIDATION_FAILED
        seq = len(talk.messages) + 1
        said = Said(sender, client_id, body, seq, talk.next_rev(), body.content)
        talk.messages.append(said)
        talk.members[sender].mark(seq, seq)
        for user, member in talk.members.items():
            if user == sender or not member.is_muted:
                member.is_archived = False
        if parent is not None:
            parent.replies += 1
            parent.rev = said.rev
        return said

    def change(self, talk: Talk, user: UUID, said: Said, verb: str, text: str) -> Refusal:
        """`verb`: edit, delete, pin, unpin, react, unreact; `text` is content or an emoji."""
        refusal = self._judge_change(talk, user, said, verb)
        if refusal is None and self._is_changed(said, user, verb, text):
            said.rev = talk.next_rev()
            parent = talk.known(said.body.parent_id)
            if verb == "delete" and parent is not None:
                parent.replies -= 1
                parent.rev = talk.next_rev()
        return refusal

    def _judge_writing(self, talk: Talk, user: UUID) -> Refusal:
        if talk.member(user) is None:
            return ErrorCode.NOT_FOUND
        if not talk.is_open:
            return ErrorCode.CONVERSATION_CLOSED
        present = talk.present()
        if len(present) == 2 and self.are_apart(*present):
            return ErrorCode.BLOCKED
        return None

    def _judge_change(self, talk: Talk, user: UUID, said: Said, verb: str) -> Refusal:
        refusal = self._judge_writing(talk, user)
        if verb == "delete":
            # Also where nothing more may be said.
            member = talk.member(user)
            if member is None:
                return ErrorCode.NOT_FOUND
            may = said.sender == user or (member.role == "owner" and talk.kind != "direct")
            return None if may else ErrorCode.FORBIDDEN
        if refusal is not None:
            return refusal
        if verb == "edit" and said.sender != user:
            return ErrorCode.FORBIDDEN
        # What is not there on a tombstone can be taken away without a word.
        is_conflict = said.is_deleted and verb in {"edit", "pin", "react"}
        return ErrorCode.CONFLICT if is_conflict else None

    def _is_changed(self, said: Said, user: UUID, verb: str, text: str) -> bool:
        before = (said.content, said.is_deleted, said.is_pinned, frozenset(said.reactions))
        match verb:
            case "edit":
                said.content = text
            case "delete":
                said.content, said.is_deleted, said.is_pinned = None, True, False
                said.reactions.clear()
            case "pin" | "unpin":
                said.is_pinned = verb == "pin"
            case "react":
                said.reactions.add((text, user))
            case _:
                said.reactions.discard((text, user))
        after = (said.content, said.is_deleted, said.is_pinned, frozenset(said.reactions))
        return before != after

    # Watermarks.

    def mark(self, talk: Talk, user: UUID, *, read: int, delivered: int) -> Refusal:
        member = talk.member(user)
        if member is None:
            return ErrorCode.NOT_FOUND
        last = len(talk.messages)
        member.mark(min(read, last), min(delivered, last))
        return None

    def set(
        self, talk: Talk, user: UUID, *, is_muted: bool | None, is_archived: bool | None
    ) -> Refusal:
        member = talk.member(user)
        last = len(talk.messages)
        if member is None:
            return ErrorCode.NOT_FOUND
        member.is_muted = member.is_muted if is_muted is None else is_muted
        if not member.is_muted and member.archived_at < last:
            # Without mute, what has come since ends an archive.
            member.is_archived = False
        if is_archived and not member.is_archived:
            member.archived_at = last
        if is_archived is not None:
            member.is_archived = is_archived
        return None
