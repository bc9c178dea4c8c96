"""Making conversations, changing what they are called, and one's own view of them."""

import hashlib
from uuid import UUID

import msgspec

from handlers.caller import Caller
from handlers.texts import check_line
from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.replies import ConversationReply, RepeatedConversation
from protocol.requests import ConversationCreate, ConversationSettings, ConversationUpdate
from storage.conversations.members import (
    ConversationChanges,
    NewConversation,
    NewSettings,
)
from storage.conversations.reader import ConversationReader


class Conversations:
    """Each command answers with the conversation as the caller then sees it."""

    def __init__(
        self, changes: ConversationChanges, conversations: ConversationReader, limits: Limits
    ) -> None:
        self._changes = changes
        self._conversations = conversations
        self._limits = limits

    async def create(self, caller: Caller, request: ConversationCreate) -> ConversationReply:
        """A new conversation, the pair's direct one, or what the same `client_id` made before."""
        others = sorted(set(request.participant_ids) - {caller.user_id})
        if request.type == "direct" and len(others) != 1:
            raise RequestError.invalid("participant_ids", "direct: exactly one other person")
        if not others:
            raise RequestError.invalid("participant_ids", "at least one other person")
        check_line("title", request.title, self._limits.title_chars)
        made = await self._changes.create(
            NewConversation(
                creator_id=caller.user_id,
                type=request.type,
                others=others,
                title=request.title,
                job_id=request.job_id,
                contract_id=request.contract_id,
                client_id=request.client_id,
                request_hash=_hash(request, others),
            )
        )
        answer = await self._reply(caller, made.conversation_id)
        return RepeatedConversation(answer.conversation) if made.is_repeat else answer

    async def update(self, caller: Caller, request: ConversationUpdate) -> ConversationReply:
        """A new title, none (null), or another status; owners only."""
        if isinstance(request.title, str):
            check_line("title", request.title, self._limits.title_chars)
        await self._changes.update(
            request.conversation_id, caller.user_id, request.title, request.status
        )
        return await self._reply(caller, request.conversation_id)

    async def settings(self, caller: Caller, request: ConversationSettings) -> ConversationReply:
        """Mute, archive or pin for the caller alone."""
        await self._changes.set_settings(
            request.conversation_id,
            caller.user_id,
            NewSettings(request.is_muted, request.is_archived, request.is_pinned),
        )
        return await self._reply(caller, request.conversation_id)

    async def _reply(self, caller: Caller, conversation_id: UUID) -> ConversationReply:
        found = await self._conversations.for_user(caller.user_id, [conversation_id])
        if conversation_id not in found:
            raise RequestError.not_found("conversation")
        return ConversationReply(found[conversation_id])


def _hash(request: ConversationCreate, others: list[UUID]) -> bytes:
    """The same for requests that ask for the same; the order of participants says nothing."""
    asked = (request.type, others, request.title, request.job_id, request.contract_id)
    return hashlib.sha256(msgspec.msgpack.encode(asked)).digest()
