"""Sending a message."""

from handlers.caller import Caller
from handlers.texts import is_visible
from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.replies import MessageReply, Settle
from protocol.requests import MessageSend
from storage.messages.writer import MessageWriter


class Messages:
    """Checks what a request alone can tell; the writer decides the rest under the lock."""

    def __init__(self, writer: MessageWriter, limits: Limits) -> None:
        self._writer = writer
        self._limits = limits

    async def send(self, caller: Caller, request: MessageSend) -> MessageReply:
        """Store a message and answer with it; what is stored is durable."""
        check_message(request, self._limits)
        return await self._writer.put(request, caller.user_id, caller.connection_id or "")

    def start(self, caller: Caller, request: MessageSend, settle: Settle) -> None:
        """Give a message to the writer at once, so that sends keep their order."""
        check_message(request, self._limits)
        self._writer.take(request, caller.user_id, caller.connection_id or "", settle)


def check_message(request: MessageSend, limits: Limits) -> None:
    """Raise `RequestError` (`validation_failed`) for what is too long, too many or invisible."""
    content = request.content
    if content is not None and len(content) > limits.content_chars:
        raise RequestError.invalid(
            "content", f"at most {limits.content_chars} characters", limit=limits.content_chars
        )
    if content:
        if not is_visible(content):
            raise RequestError.invalid("content", "must have a visible character")
    elif not request.attachments:
        raise RequestError.invalid("content", "a message needs text or an attachment")
    if request.type != "text" and not request.attachments:
        raise RequestError.invalid("type", f"a message of type {request.type} needs an attachment")
    if len(request.attachments) > limits.attachments:
        raise RequestError.invalid(
            "attachments", f"at most {limits.attachments}", limit=limits.attachments
        )
    if len(request.mentions) > limits.mentions:
        raise RequestError.invalid("mentions", f"at most {limits.mentions}", limit=limits.mentions)
