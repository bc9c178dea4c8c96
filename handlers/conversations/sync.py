"""Catching up: what changed in the caller's conversations since the revs held."""

from datetime import datetime

from handlers.caller import Caller
from handlers.pages import page_size
from protocol.cursor import CursorSigner
from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.replies import SyncReply
from protocol.requests import Sync as SyncRequest
from storage.conversations.sync import SyncPosition, SyncQuestion, SyncReader


class Sync:
    """Pages of changes.

    A cursor belongs to the conversations named, whatever their revs: a client may name those of
    the pages that it has applied. Watermarks have no time of their own, so `receipts_since` brings
    those of all unnamed conversations; without it, and always with `only_named`, they stay out.
    """

    def __init__(self, reader: SyncReader, signer: CursorSigner, limits: Limits) -> None:
        self._reader = reader
        self._signer = signer
        self._limits = limits

    async def sync(self, caller: Caller, request: SyncRequest) -> SyncReply:
        """One page, at most `limit` conversations; it ends when its messages reach `limit`."""
        if len(request.conversations) > self._limits.sync_conversations:
            most = self._limits.sync_conversations
            raise RequestError.invalid("conversations", f"at most {most}", limit=most)
        _check_time(request.receipts_since)
        scope = (
            "sync",
            caller.user_id,
            request.only_named,
            request.receipts_since,
            sorted(request.conversations),
        )
        start = (
            None
            if request.cursor is None
            else self._signer.read(request.cursor, scope, SyncPosition)
        )
        page = await self._reader.page(
            SyncQuestion(
                user_id=caller.user_id,
                held=request.conversations,
                only_named=request.only_named,
                receipts_of_unnamed=request.receipts_since is not None,
                start=start,
                limit=page_size(self._limits, request.limit or self._limits.page_max),
            )
        )
        following = page.following
        return SyncReply(
            conversations=page.conversations,
            messages=page.messages,
            receipts=page.receipts,
            synced=page.synced,
            truncated=page.truncated,
            gone=page.gone,
            reset=page.reset,
            cursor=None if following is None else self._signer.sign(scope, following),
            complete=following is None,
        )


def _check_time(value: str | None) -> None:
    if value is None:
        return
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise RequestError.invalid("receipts_since", "not an RFC 3339 time") from error
    if moment.tzinfo is None:
        raise RequestError.invalid("receipts_since", "must name its offset from UTC")
