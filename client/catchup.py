"""Does what the state asks for: sync passes, pages of history that are owed, notifications."""

import asyncio
import random
from collections.abc import Callable, Iterable

import structlog

from client.connection.connection import Connection
from client.errors import CommandError, ReplyTimeout
from client.state.changes import Change
from client.state.client_state import ClientState
from client.state.sync import SyncPass
from protocol.objects import Notification
from protocol.replies import MessagePage, NotificationPage, SyncReply
from protocol.text import Id

log = structlog.get_logger()

BATCH = 200
"""Conversations a request names: well within the server's limit and one frame."""
NOTIFICATION_PAGES = 4
"""Pages of notifications to keep at hand."""
RETRY_S = 0.25
"""The first bound of the delay after a pass that left something; it doubles."""
RETRY_CAP_S = 15.0
STALE_CURSOR = {"bad_request", "validation_failed"}
NOT_A_MEMBER = {"not_found", "forbidden"}


class CatchUp:
    """Keeps the state whole while a connection lasts. One task at a time."""

    def __init__(self, state: ClientState, publish: Callable[[Iterable[Change]], None]) -> None:
        self._state = state
        self._publish = publish
        self._wake = asyncio.Event()
        self._chance = random.SystemRandom()

    def look(self) -> None:
        """The state has changed: wakes the work if there is any."""
        if self.is_due:
            self._wake.set()

    @property
    def is_due(self) -> bool:
        """Whether something is missing."""
        return bool(self._state.store.owed) or not self._is_synced()

    async def run(self, connection: Connection, page: int) -> None:
        """Works until cancelled or the connection is lost; `page` is the server's page size.

        Raises `ConnectionLost`, `BadFrame`.
        """
        bound = RETRY_S
        while True:
            self.look()
            await self._wake.wait()
            self._wake.clear()
            delay = self._chance.uniform(0, bound)
            try:
                await self._work(connection, page)
            except (CommandError, ReplyTimeout) as error:
                log.warning("catch_up_refused", reason=str(error))
                named = error.retry_after_s if isinstance(error, CommandError) else None
                delay = max(delay, named or 0.0)
            if self.is_due:
                await asyncio.sleep(delay)
                bound = min(bound * 2, RETRY_CAP_S)
            else:
                bound = RETRY_S

    async def _work(self, connection: Connection, page: int) -> None:
        if not self._is_synced():
            await self._sync(connection)
            if self._state.notifications.behind_since is not None:
                await self._list_notifications(connection, page)
            if self._is_synced():
                self._publish([Change("session.synced")])
        for key in list(self._state.store.owed):
            await self._fill(connection, key, page)

    def _is_synced(self) -> bool:
        state = self._state
        is_listed = state.notifications.behind_since is None
        return is_listed and not state.is_behind and state.store.is_whole

    async def _sync(self, connection: Connection) -> None:
        running = SyncPass(self._state, batch=BATCH)
        while (request := running.request()) is not None:
            try:
                await connection.request(
                    "sync",
                    request,
                    SyncReply,
                    timeout_s=30.0,
                    applied=lambda page: self._publish(running.apply(page)),
                )
            except CommandError as error:
                if error.code not in STALE_CURSOR or request.cursor is None:
                    raise
                running.restart()

    async def _list_notifications(self, connection: Connection, page: int) -> None:
        since, items = self._state.clock, list[Notification]()
        cursor: str | None = None
        for number in range(1, NOTIFICATION_PAGES + 1):

            def merge(reply: NotificationPage, number: int = number) -> None:
                items.extend(reply.notifications)
                is_all = reply.next_cursor is None
                if is_all or number == NOTIFICATION_PAGES:
                    self._publish(
                        self._state.merge_notifications(
                            items, since, unread=reply.unread, is_all=is_all
                        )
                    )

            d = {"cursor": cursor, "limit": page}
            reply = await connection.request(
                "notification.list", d, NotificationPage, applied=merge
            )
            cursor = reply.next_cursor
            if cursor is None:
                return

    async def _fill(self, connection: Connection, key: Id, page: int) -> None:
        """Loads what is owed of one conversation, from the oldest on."""
        owed = self._state.store.owed
        while key in owed:
            low, high = next(iter(owed[key]))
            since = self._state.clock

            def merge(reply: MessagePage, since: int = since) -> None:
                self._publish(self._state.merge_messages(key, reply.messages, since))

            d = {"conversation_id": key, "after_seq": low - 1, "limit": min(page, high - low + 1)}
            try:
                await connection.request("message.history", d, MessagePage, applied=merge)
            except CommandError as error:
                if error.retryable:
                    raise
                if error.code in NOT_A_MEMBER:
                    # A sync tells whether it is gone: the user may have come back since, unheard.
                    if key in self._state.store.held:
                        self._state.store.suspect(key)
                elif not self._is_news(key, since):
                    owed.pop(key, None)
                return
            if key in owed and low in owed[key] and not self._is_news(key, since):
                # The server has no such message: an announcement of what was rolled back.
                self._state.store.paid(key, low, high)

    def _is_news(self, key: Id, since: int) -> bool:
        """Whether what is owed came after the clock `since`: by being cut off, or joining again."""
        held = self._state.store.held.get(key)
        return held is not None and max(held.cut_at, held.born) > since
