"""The caller's notifications: the list, reading, putting away."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from handlers.caller import Caller
from handlers.pages import page_size
from protocol.cursor import CursorSigner
from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.replies import NotificationPage, NotificationsUnread
from protocol.requests import NotificationArchive, NotificationList, NotificationRead
from storage.notifications.reader import ListPosition, NotificationReader
from storage.notifications.store import Notifications

_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class NotificationCommands:
    """Each command also tells how many notifications are then unread."""

    def __init__(
        self,
        notifications: Notifications,
        reader: NotificationReader,
        signer: CursorSigner,
        limits: Limits,
    ) -> None:
        self._notifications = notifications
        self._reader = reader
        self._signer = signer
        self._limits = limits

    async def page(self, caller: Caller, request: NotificationList) -> NotificationPage:
        """A page of what is not put away, newest first; with `unread`, of the unread ones."""
        limit = page_size(self._limits, request.limit)
        scope = ("notification.list", caller.user_id, request.unread)
        below = (
            None
            if request.cursor is None
            else self._signer.read(request.cursor, scope, ListPosition)
        )
        page, following = await self._reader.page(
            caller.user_id, below, limit, only_unread=request.unread
        )
        cursor = None if following is None else self._signer.sign(scope, following)
        return NotificationPage(page, cursor, await self._unread(caller))

    async def read(self, caller: Caller, request: NotificationRead) -> NotificationsUnread:
        """Mark some as read, or all up to a time."""
        if request.ids is None and request.up_to is None:
            raise RequestError.invalid("ids", "either ids or up_to must be given")
        if request.ids is not None and request.up_to is not None:
            raise RequestError.invalid("ids", "ids and up_to were both given: only one may be")
        if request.ids is not None:
            self._check_ids(request.ids)
            await self._notifications.read(caller.user_id, request.ids)
        elif request.up_to is not None:
            await self._notifications.read_up_to(caller.user_id, _moment(request.up_to))
        return NotificationsUnread(await self._unread(caller))

    async def archive(self, caller: Caller, request: NotificationArchive) -> NotificationsUnread:
        """Put some away; they count as read."""
        self._check_ids(request.ids)
        await self._notifications.archive(caller.user_id, request.ids)
        return NotificationsUnread(await self._unread(caller))

    def _check_ids(self, ids: Sequence[UUID]) -> None:
        most = self._limits.page_max
        if len(ids) > most:
            raise RequestError.invalid("ids", f"at most {most}", limit=most)

    async def _unread(self, caller: Caller) -> int:
        return (await self._reader.unread([caller.user_id]))[caller.user_id]


def _moment(text: str) -> datetime:
    try:
        return msgspec.convert(text, _Moment).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError) as error:
        raise RequestError.invalid("up_to", "not a time of RFC 3339 with its zone") from error
