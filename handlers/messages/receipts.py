"""Watermarks: what the caller has received and read."""

from handlers.caller import Caller
from protocol.replies import ReceiptReply, Settle
from protocol.requests import ReceiptMark
from storage.messages.receipts import ReceiptWriter


class Receipts:
    """Receipts are gathered: the newest of a group wins."""

    def __init__(self, writer: ReceiptWriter) -> None:
        self._writer = writer

    async def read(self, caller: Caller, request: ReceiptMark) -> ReceiptReply:
        """The caller has read up to `seq`."""
        origin = caller.connection_id or ""
        return await self._writer.put(request, caller.user_id, origin, is_read=True)

    async def delivered(self, caller: Caller, request: ReceiptMark) -> ReceiptReply:
        """The caller has received up to `seq`."""
        origin = caller.connection_id or ""
        return await self._writer.put(request, caller.user_id, origin, is_read=False)

    def start_read(self, caller: Caller, request: ReceiptMark, settle: Settle) -> None:
        """Give the writer at once what the caller has read."""
        origin = caller.connection_id or ""
        self._writer.take(request, caller.user_id, origin, settle, is_read=True)

    def start_delivered(self, caller: Caller, request: ReceiptMark, settle: Settle) -> None:
        """Give the writer at once what the caller has received."""
        origin = caller.connection_id or ""
        self._writer.take(request, caller.user_id, origin, settle, is_read=False)
