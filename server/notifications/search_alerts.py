"""Tells people what has appeared that their saved searches find."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from protocol.errors import RequestError
from protocol.notifications.kinds import KINDS
from server.schedules.schedule import Every, Outcome, Schedule
from storage.database.bounded import database_within
from storage.notifications.store import NewNotification, notify
from storage.outbox.rows import Connection
from storage.resources import search_alerts
from storage.resources.search import Searchable
from storage.resources.search_alerts import DueSearch, SavedQuery
from storage.search.rebuild import RenewedColumns

log = structlog.get_logger()

Read = Callable[[str, Mapping[str, Any], UUID], SavedQuery]
"""What a saved search of a kind asks for, from its parameters; raises `RequestError`."""

EVERY_S = 20.0
MARGIN_S = 10.0
"""What is published now may be committed so much later."""
AT_ONCE = 100
"""Searches of one transaction, which keeps their rows locked."""
SHOWN = 5
"""Ids that a notification names."""
LOOKED_BACK = timedelta(days=8)
"""What appeared longer ago is told to nobody: to who has just switched alerts on, above all."""
SLICE_S = 60.0
_WITHIN_S = 120.0
_STEP_S = 15.0
SEARCH_MS = 1_000
"""The longest that one search takes: it must keep no other from being told."""
SEARCHES_S = 5.0
"""After so long the rest of a step is left to the next one."""
_KIND = KINDS["saved_search.found"]


class SearchAlerts:
    """Looks at saved searches of which something may have appeared. `wake` wakes the relay."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        searchables: Mapping[str, Searchable],
        read: Read,
        wake: Callable[[], None],
        margin_s: float = MARGIN_S,
    ) -> None:
        self._pool = pool
        self._of = {kind: searchables[kind] for kind in search_alerts.APPEARS}
        self._read = read
        self._wake = wake
        self._margin_s = margin_s
        self._columns = RenewedColumns(pool)

    def schedule(self) -> Schedule:
        """What is done again and again."""
        return Schedule("search_alerts", Every(EVERY_S), self.run, _WITHIN_S)

    async def run(self) -> Outcome:
        """Look at all that are due, or as many as there is time for."""
        began, looked, told = time.monotonic(), 0, 0
        while time.monotonic() - began < SLICE_S:
            step = await self._step()
            looked, told = looked + step[0], told + step[1]
            if not step[0]:
                return Outcome({"looked_at": looked, "told": told})
        return Outcome({"looked_at": looked, "told": told}, again_s=0)

    async def _step(self) -> tuple[int, int]:
        """How many searches were looked at, and of how many people are told."""
        async with database_within(_STEP_S):
            folded = {
                kind: await self._columns.are_filled(of.resource.table)
                for kind, of in self._of.items()
            }
            async with self._pool.acquire() as connection, connection.transaction():
                until = await search_alerts.seen_until(connection, self._margin_s)
                newest = {
                    kind: appeared
                    for kind, of in self._of.items()
                    if (appeared := await search_alerts.newest(connection, of, kind, until))
                }
                due = await search_alerts.due(
                    connection, until, until - LOOKED_BACK, newest, AT_ONCE
                )
                keys = {
                    kind: await search_alerts.appeared(
                        connection, self._of[kind], kind, min(one.since for one in mine), until
                    )
                    for kind in self._of
                    if (mine := [one for one in due if one.kind == kind])
                }
                expires_at = _KIND.expires_at(until + timedelta(seconds=self._margin_s))
                looked, items = await self._asked(connection, due, keys, folded, expires_at)
                await notify(connection, items)
                await search_alerts.looked(connection, looked, until)
        if items:
            self._wake()
        return len(looked), len(items)

    async def _asked(
        self,
        connection: Connection,
        due: Sequence[DueSearch],
        keys: Mapping[str, Sequence[UUID]],
        folded: Mapping[str, bool],
        expires_at: datetime | None,
    ) -> tuple[list[UUID], list[NewNotification]]:
        """The searches that were asked, and what is told of what they find.

        One that fails, or takes too long, has been asked: others after it are not kept waiting.
        """
        began = time.monotonic()
        looked: list[UUID] = []
        items: list[NewNotification] = []
        await connection.execute(f"SET LOCAL statement_timeout = {SEARCH_MS}")
        for search in due:
            if looked and time.monotonic() - began > SEARCHES_S:
                break
            looked.append(search.id)
            try:
                async with connection.transaction():
                    found = await self._found(
                        connection, search, keys[search.kind], is_folded=folded[search.kind]
                    )
            except asyncpg.PostgresError as error:
                reason = type(error).__name__
                log.warning("saved_search_failed", search=str(search.id), reason=reason)
                continue
            if found:
                items.append(_told(search, found, expires_at))
        await connection.execute("SET LOCAL statement_timeout = DEFAULT")
        return looked, items

    async def _found(
        self, connection: Connection, search: DueSearch, keys: Sequence[UUID], *, is_folded: bool
    ) -> Sequence[UUID]:
        try:
            query = self._read(search.kind, search.params, search.user_id)
        except RequestError as error:
            # It was kept before searches were checked.
            log.info("saved_search_unreadable", search=str(search.id), reason=str(error))
            return ()
        return await search_alerts.matching(
            connection, self._of[search.kind], search, query, keys, is_folded=is_folded
        )


def _told(search: DueSearch, found: Sequence[UUID], expires_at: datetime | None) -> NewNotification:
    return NewNotification(
        user_id=search.user_id,
        type=_KIND.type,
        category=_KIND.category,
        priority=_KIND.priority,
        data={
            "search_id": str(search.id),
            "search_type": search.kind,
            "found": len(found),
            "ids": [str(key) for key in found[:SHOWN]],
        },
        group_key=f"saved_search:{search.id}",
        expires_at=expires_at,
        subject_type="saved-searches",
        subject_id=search.id,
    )
