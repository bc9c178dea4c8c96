"""The caller's conversations: the inbox, and one of them."""

from handlers.caller import Caller
from handlers.pages import page_size
from protocol.cursor import CursorSigner
from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.replies import ConversationPage, ConversationReply
from protocol.requests import ConversationGet, ConversationList
from storage.conversations.reader import ConversationReader, InboxPosition


class Inbox:
    """What the caller is in, newest activity first."""

    def __init__(
        self, conversations: ConversationReader, signer: CursorSigner, limits: Limits
    ) -> None:
        self._conversations = conversations
        self._signer = signer
        self._limits = limits

    async def page(self, caller: Caller, request: ConversationList) -> ConversationPage:
        """A page of the conversations that are not archived, or (`archived`) of those that are.

        After the last one come those that have moved up since the first, perhaps again.
        """
        limit = page_size(self._limits, request.limit)
        is_archived = bool(request.archived)
        scope = ("conversation.list", caller.user_id, is_archived, request.type)
        below = (
            None
            if request.cursor is None
            else self._signer.read(request.cursor, scope, InboxPosition)
        )
        conversations, following = await self._conversations.inbox(
            caller.user_id, below, limit, is_archived=is_archived, kind=request.type
        )
        cursor = None if following is None else self._signer.sign(scope, following)
        return ConversationPage(conversations, cursor)

    async def get(self, caller: Caller, request: ConversationGet) -> ConversationReply:
        """One conversation as the caller sees it."""
        found = await self._conversations.for_user(caller.user_id, [request.conversation_id])
        if request.conversation_id not in found:
            raise RequestError.not_found("conversation")
        return ConversationReply(found[request.conversation_id])
