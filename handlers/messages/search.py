"""Finding messages by words, by emoji, and by text that puts no spaces between words."""

import re

from handlers.caller import Caller
from handlers.pages import page_size
from protocol.cursor import CursorSigner
from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.replies import SearchPage
from protocol.requests import MessageSearch as SearchRequest
from storage.conversations.reader import ConversationReader
from storage.messages.search import MessageSearch, SearchPosition, SearchQuery

SHORTEST = 2
"""Characters, but for an emoji and for a character of a script without spaces."""
_LONG_ENOUGH = re.compile(r"[A-Za-z0-9]{2}")
"""PostgreSQL decides on what this does not tell."""


class Search:
    """Looks in the conversations that the caller is in."""

    def __init__(
        self,
        conversations: ConversationReader,
        messages: MessageSearch,
        signer: CursorSigner,
        limits: Limits,
    ) -> None:
        self._conversations = conversations
        self._messages = messages
        self._signer = signer
        self._limits = limits

    async def search(self, caller: Caller, request: SearchRequest) -> SearchPage:
        """A page of the messages that hold all the words, newest first."""
        limit = page_size(self._limits, request.limit)
        text = await self._text(request)
        scope = ("message.search", caller.user_id, text, request.conversation_id)
        below = (
            None
            if request.cursor is None
            else self._signer.read(request.cursor, scope, SearchPosition)
        )
        if request.conversation_id is not None:
            last_seq = await self._conversations.visible_last_seq(
                caller.user_id, request.conversation_id
            )
            if last_seq is None:
                raise RequestError.not_found("conversation")
        query = SearchQuery(caller.user_id, text, request.conversation_id)
        messages, following = await self._messages.find(query, below, limit)
        cursor = None if following is None else self._signer.sign(scope, following)
        return SearchPage(messages, cursor)

    async def _text(self, request: SearchRequest) -> str:
        text = " ".join(request.query.split())
        most = self._limits.search_chars
        if len(text) > most:
            raise RequestError.invalid("query", f"at most {most} characters", limit=most)
        if not _LONG_ENOUGH.search(text) and not await self._messages.suffices(text):
            raise RequestError.invalid(
                "query",
                f"at least {SHORTEST} characters, an emoji, or a character of a script that puts "
                "no spaces between words",
                min=SHORTEST,
            )
        return text
