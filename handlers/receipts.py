"""Watermarks: what the caller has received and read."""

from handlers.caller import Caller
from protocol.replies import ReceiptReply
from protocol.requests import ReceiptMark
from storage.receipts import ReceiptWriter


class Receipts:
    """Receipts are gathered: the newest of a group wins."""

    def __init__(self, writer: ReceiptWriter) -> None:
        self._writer = writer

    async def read(self, caller: Caller, request: ReceiptMark) -> ReceiptReply:
        """The caller has read up to `seq`."""
        mark = await self._writer.mark(
            request.conversation_id,
            caller.user_id,
            read=request.seq,
            origin=caller.connection_id or "",
        )
        return ReceiptReply(str(request.conversation_id), mark.read_seq, mark.unread)

    async def delivered(self, caller: Caller, request: ReceiptMark) -> ReceiptReply:
        """The caller has received up to `seq`."""
        mark = await self._writer.mark(
            request.conversation_id,
            caller.user_id,
            delivered=request.seq,
            origin=caller.connection_id or "",
        )
        return ReceiptReply(str(request.conversation_id), mark.delivered_seq, mark.unread)
