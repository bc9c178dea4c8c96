"""Who is in a conversation: taking in, putting out, leaving."""

from uuid import UUID

from handlers.caller import Caller
from protocol.errors import RequestError
from protocol.replies import ConversationReply, Empty
from protocol.requests import ConversationLeave, MemberChange
from storage.conversations.members import ConversationChanges
from storage.conversations.reader import ConversationReader


class Members:
    """Owners take in and put out; everyone may leave, except a direct conversation."""

    def __init__(self, changes: ConversationChanges, conversations: ConversationReader) -> None:
        self._changes = changes
        self._conversations = conversations

    async def add(self, caller: Caller, request: MemberChange) -> ConversationReply:
        """Take somebody in."""
        await self._changes.add_member(request.conversation_id, caller.user_id, request.user_id)
        return await self._reply(caller, request.conversation_id)

    async def remove(self, caller: Caller, request: MemberChange) -> ConversationReply:
        """Put somebody else out."""
        if request.user_id == caller.user_id:
            # The answer would be a conversation that the caller no longer sees.
            raise RequestError.invalid("user_id", "to go oneself is conversation.leave")
        await self._changes.remove_member(request.conversation_id, caller.user_id, request.user_id)
        return await self._reply(caller, request.conversation_id)

    async def leave(self, caller: Caller, request: ConversationLeave) -> Empty:
        """Go; the conversation is no longer visible to the caller."""
        await self._changes.leave(request.conversation_id, caller.user_id)
        return Empty()

    async def _reply(self, caller: Caller, conversation_id: UUID) -> ConversationReply:
        found = await self._conversations.for_user(caller.user_id, [conversation_id])
        if conversation_id not in found:
            raise RequestError.not_found("conversation")
        return ConversationReply(found[conversation_id])
