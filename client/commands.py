"""The common commands as methods. What they answer is merged into the state."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar
from uuid import uuid4

from client.state.changes import Change
from client.state.client_state import ClientState
from protocol.objects import Conversation, Message
from protocol.replies import (
    ConversationPage,
    ConversationReply,
    Empty,
    MessagePage,
    MessageReply,
    ReceiptReply,
)
from protocol.text import Id

T = TypeVar("T")
Merge = Callable[[T, int], list[Change] | None]


class Commands(ABC):
    """What a session can be told to do. Methods raise as `request` does."""

    state: ClientState

    @abstractmethod
    async def request(
        self,
        op: str,
        d: object,
        shape: type[T],
        *,
        merge: Merge[T] | None = None,
        timeout_s: float | None = None,
    ) -> T:
        """Carries out one command; the session says how."""

    async def create_direct(self, user_id: Id) -> Conversation:
        """The one direct conversation with a person, made if there is none."""
        return await self._conversation(
            "conversation.create", type="direct", participant_ids=[user_id]
        )

    async def create(
        self, participant_ids: Sequence[Id], *, kind: str = "group", **fields: Any
    ) -> Conversation:
        """A new conversation of type `kind`; `fields` are title, job_id, contract_id, client_id."""
        fields = {"client_id": str(uuid4()), **fields}
        return await self._conversation(
            "conversation.create", type=kind, participant_ids=list(participant_ids), **fields
        )

    async def conversations(self, cursor: str | None = None, **filters: Any) -> ConversationPage:
        """A page of the inbox, newest activity first; `filters` are limit, archived, type."""

        def merge(page: ConversationPage, since: int) -> list[Change]:
            changes = []
            for conversation in page.conversations:
                changes += self.state.merge_conversation(conversation, since)
            return changes

        d = {"cursor": cursor, **filters}
        return await self.request("conversation.list", d, ConversationPage, merge=merge)

    async def get(self, conversation_id: Id) -> Conversation:
        """One conversation."""
        return await self._conversation("conversation.get", conversation_id=conversation_id)

    async def configure(self, conversation_id: Id, **settings: bool) -> Conversation:
        """The own view: is_muted, is_archived, is_pinned."""
        return await self._conversation(
            "conversation.settings", conversation_id=conversation_id, **settings
        )

    async def change_member(
        self, conversation_id: Id, user_id: Id, *, verb: Literal["add", "remove"]
    ) -> Conversation:
        """Adds or removes a member."""
        return await self._conversation(
            f"member.{verb}", conversation_id=conversation_id, user_id=user_id
        )

    async def leave(self, conversation_id: Id) -> None:
        """Leaves; `member.left` follows."""
        await self.request("conversation.leave", {"conversation_id": conversation_id}, Empty)

    async def history(self, conversation_id: Id, **position: int) -> MessagePage:
        """A page of messages, the newest by default; before_seq, after_seq or around_seq, limit."""
        d = {"conversation_id": conversation_id, **position}
        return await self.request(
            "message.history",
            d,
            MessagePage,
            merge=lambda page, since: self.state.merge_messages(
                conversation_id, page.messages, since
            ),
        )

    async def edit(self, message: Message, content: str) -> Message:
        """New content for an own message."""
        return await self._message("message.edit", message, content=content)

    async def delete(self, message: Message) -> Message:
        """Makes a message a tombstone."""
        return await self._message("message.delete", message)

    async def react(self, message: Message, emoji: str, *, remove: bool = False) -> Message:
        """Adds a reaction, or takes it back."""
        verb = "remove" if remove else "add"
        return await self._message(f"reaction.{verb}", message, emoji=emoji)

    async def read(self, conversation_id: Id, seq: int) -> ReceiptReply:
        """Everything up to `seq` is read."""
        return await self._receipt("receipt.read", conversation_id, seq)

    async def delivered(self, conversation_id: Id, seq: int) -> ReceiptReply:
        """Everything up to `seq` has arrived."""
        return await self._receipt("receipt.delivered", conversation_id, seq)

    async def typing(self, conversation_id: Id, *, stop: bool = False) -> None:
        """The user types, or no longer does."""
        op = "typing.stop" if stop else "typing.start"
        await self.request(op, {"conversation_id": conversation_id}, Empty)

    async def _conversation(self, op: str, **d: Any) -> Conversation:
        reply = await self.request(
            op,
            d,
            ConversationReply,
            merge=lambda answer, since: self.state.merge_conversation(answer.conversation, since),
        )
        return reply.conversation

    async def _message(self, op: str, message: Message, **rest: Any) -> Message:
        key = message.conversation_id
        reply = await self.request(
            op,
            {"conversation_id": key, "message_id": message.id, **rest},
            MessageReply,
            merge=lambda answer, since: self.state.merge_messages(key, [answer.message], since),
        )
        return reply.message

    async def _receipt(self, op: str, conversation_id: Id, seq: int) -> ReceiptReply:
        def merge(reply: ReceiptReply, _: int) -> None:
            self.state.merge_receipt(reply, is_read=op == "receipt.read")

        d = {"conversation_id": conversation_id, "seq": seq}
        return await self.request(op, d, ReceiptReply, merge=merge)
