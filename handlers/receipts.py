"""Watermarks: what the caller has received and read."""

import asyncio

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
        return await self.start_read(caller, request)

    async def delivered(self, caller: Caller, request: ReceiptMark) -> ReceiptReply:
        """The caller has received up to `seq`."""
        return await self.start_delivered(caller, request)

    def start_read(self, caller: Caller, request: ReceiptMark) -> "asyncio.Future[ReceiptReply]":
        """Give the writer at once what the caller has read."""
        origin = caller.connection_id or ""
        return self._writer.put(request, caller.user_id, origin, is_read=True)

    def start_delivered(
        self, caller: Caller, request: ReceiptMark
    ) -> "asyncio.Future[ReceiptReply]":
        """Give the writer at once what the caller has received."""
        origin = caller.connection_id or ""
        return self._writer.put(request, caller.user_id, origin, is_read=False)
