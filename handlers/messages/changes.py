"""Changing messages: edit, delete, pin, react."""

from handlers.caller import Caller
from handlers.texts import check_emoji, check_emoji_length, check_text
from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.replies import MessageReply
from protocol.requests import (
    MessageDelete,
    MessageEdit,
    MessagePin,
    MessageRequest,
    ReactionChange,
)
from storage.messages.changes import MessageChanges, Target
from storage.messages.reader import MessageReader


class Changes:
    """Each command answers with the whole message as it then is."""

    def __init__(self, changes: MessageChanges, messages: MessageReader, limits: Limits) -> None:
        self._changes = changes
        self._messages = messages
        self._limits = limits

    async def edit(self, caller: Caller, request: MessageEdit) -> MessageReply:
        """New content for one's own message."""
        check_text("content", request.content, self._limits.content_chars)
        seq = await self._changes.edit(_target(caller, request), request.content)
        return await self._reply(request, seq)

    async def delete(self, caller: Caller, request: MessageDelete) -> MessageReply:
        """Make a message a tombstone: one's own, or anyone's in a group one owns."""
        seq = await self._changes.delete(_target(caller, request))
        return await self._reply(request, seq)

    async def pin(self, caller: Caller, request: MessagePin) -> MessageReply:
        """Pin a message for everyone."""
        seq = await self._changes.pin(_target(caller, request), self._limits.pins)
        return await self._reply(request, seq)

    async def unpin(self, caller: Caller, request: MessagePin) -> MessageReply:
        """Take the pin of a message away."""
        seq = await self._changes.unpin(_target(caller, request))
        return await self._reply(request, seq)

    async def react(self, caller: Caller, request: ReactionChange) -> MessageReply:
        """Add one's reaction to a message."""
        check_emoji("emoji", request.emoji, self._limits.emoji_chars)
        seq = await self._changes.react(
            _target(caller, request),
            request.emoji,
            max_emojis=self._limits.emojis_per_message,
            max_own=self._limits.emojis_per_person,
        )
        return await self._reply(request, seq)

    async def unreact(self, caller: Caller, request: ReactionChange) -> MessageReply:
        """Take one's reaction away, also one that could not be added any more."""
        check_emoji_length("emoji", request.emoji, self._limits.emoji_chars)
        seq = await self._changes.unreact(_target(caller, request), request.emoji)
        return await self._reply(request, seq)

    async def _reply(self, request: MessageRequest, seq: int) -> MessageReply:
        ref = (request.conversation_id, seq)
        found = await self._messages.by_refs([ref])
        if ref not in found:
            raise RequestError.not_found("message")
        return MessageReply(found[ref])


def _target(caller: Caller, request: MessageRequest) -> Target:
    return Target(caller.user_id, request.conversation_id, request.message_id)
