"""Reading a conversation: pages of its history, threads, single messages."""

from uuid import UUID

from handlers.caller import Caller
from handlers.pages import page_size
from protocol import history
from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.replies import MessagePage, MessageReply
from protocol.requests import MessageGet, MessageHistory, MessageThread
from storage.conversations.reader import ConversationReader
from storage.messages.reader import MessageReader


class History:
    """The messages of the conversations that the caller is in."""

    def __init__(
        self, conversations: ConversationReader, messages: MessageReader, limits: Limits
    ) -> None:
        self._conversations = conversations
        self._messages = messages
        self._limits = limits

    async def history(self, caller: Caller, request: MessageHistory) -> MessagePage:
        """A page in ascending `seq`: before, after or around one, or the newest."""
        limit = page_size(self._limits, request.limit)
        _check_one_position(request)
        last_seq = await self._last_seq(caller, request.conversation_id)
        page = _page(request, last_seq, limit)
        found = await self._messages.range(request.conversation_id, page.first, page.last)
        return MessagePage(found, page.has_more)

    async def thread(self, caller: Caller, request: MessageThread) -> MessagePage:
        """The newest replies to a message, or those below a seq; `has_more` tells of older ones."""
        limit = page_size(self._limits, request.limit)
        last_seq = await self._last_seq(caller, request.conversation_id)
        if await self._messages.get(request.conversation_id, request.parent_id) is None:
            raise RequestError.not_found("message")
        before_seq = last_seq + 1 if request.before_seq is None else request.before_seq
        found = await self._messages.thread(
            request.conversation_id, request.parent_id, before_seq, limit + 1
        )
        return MessagePage(found[-limit:], has_more=len(found) > limit)

    async def get(self, caller: Caller, request: MessageGet) -> MessageReply:
        """One message as it is now."""
        await self._last_seq(caller, request.conversation_id)
        message = await self._messages.get(request.conversation_id, request.message_id)
        if message is None:
            raise RequestError.not_found("message")
        return MessageReply(message)

    async def _last_seq(self, caller: Caller, conversation_id: UUID) -> int:
        last_seq = await self._conversations.visible_last_seq(caller.user_id, conversation_id)
        if last_seq is None:
            raise RequestError.not_found("conversation")
        return last_seq


def _check_one_position(request: MessageHistory) -> None:
    named = [
        name
        for name in ("before_seq", "after_seq", "around_seq")
        if getattr(request, name) is not None
    ]
    if len(named) > 1:
        raise RequestError.invalid(
            named[1], f"only one of {', '.join(named)} may be given", fields=named
        )


def _page(request: MessageHistory, last_seq: int, limit: int) -> history.Page:
    if request.before_seq is not None:
        return history.before(last_seq, request.before_seq, limit)
    if request.after_seq is not None:
        return history.after(last_seq, request.after_seq, limit)
    if request.around_seq is not None:
        return history.around(last_seq, request.around_seq, limit)
    return history.newest(last_seq, limit)
