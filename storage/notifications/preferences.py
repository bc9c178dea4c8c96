"""What people want to be told, how, and when: read for many at once, and set."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from protocol.notifications.quiet_hours import QuietHours
from protocol.notifications.wishes import Digest, Wishes
from storage.database.change_call import ChangeCalls
from storage.database.queries import load_queries

_SQL = load_queries("notifications/preferences")
_CHOSEN = msgspec.json.Decoder(dict[str, bool])
_HOURS = msgspec.json.Decoder(tuple[QuietHours, ...])


class Preferences:
    """What people want. A change is durable when its method returns.

    All methods raise `RequestError` (`unavailable`).
    """

    def __init__(self, calls: ChangeCalls) -> None:
        self._calls = calls

    async def of_users(self, user_ids: Collection[UUID]) -> dict[UUID, Wishes]:
        """What each of these users wants; who is unknown is left out."""
        rows = await self._calls.rows(_SQL["of_users"], list(user_ids))
        return {row["user_id"]: wishes_of(row) for row in rows}

    async def set(self, user_id: UUID, said: Mapping[str, Any]) -> None:
        """Set all that `said` has, or nothing: what it leaves out stays.

        `preferences` are {category, channel, is_enabled}, which add to those before; `quiet_hours`
        are `QuietHours` that take the place of those before; `digest` is {every, hour, weekday}, of
        which None stays; `snooze_until` an aware time or None; `show_text` true or false.
        """
        await self._calls.rows(_SQL["set"], user_id, msgspec.json.encode(said).decode())


def wishes_of(row: asyncpg.Record) -> Wishes:
    """What a row of the function `notification_wishes` says, which any statement may join."""
    chosen = _CHOSEN.decode(row["chosen"])
    return Wishes(
        chosen={_pair(name): is_enabled for name, is_enabled in chosen.items()},
        quiet_hours=_HOURS.decode(row["quiet_hours"]),
        digest=Digest(row["digest"], row["digest_hour"], row["digest_weekday"]),
        snooze_until=row["snooze_until"],
        show_text=row["show_text"],
        zone=row["zone"],
        locale=row["locale"],
    )


def _pair(name: str) -> tuple[str, str]:
    category, _, channel = name.partition(":")
    return category, channel
