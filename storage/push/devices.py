"""The devices of people: registered by a login, read for sending, forgotten when they are gone."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from protocol.errors import ErrorCode, RequestError
from storage.database.change_call import ChangeCalls
from storage.database.queries import load_queries
from storage.database.verdicts import raise_for

_SQL = load_queries("push/devices")


class NewDevice(msgspec.Struct, frozen=True):
    """What is registered. `token` is the endpoint's URL for `web`, which alone has keys."""

    platform: str
    token: str
    p256dh: bytes | None
    auth: bytes | None
    expires_at: datetime | None
    locale: str | None


class Registered(NamedTuple):
    """The device, and whether the person did not have it before."""

    id: UUID
    is_new: bool


class PushDevices:
    """The table of devices; each call is one statement. Raises `RequestError` (`unavailable`)."""

    def __init__(self, calls: ChangeCalls, *, most: int) -> None:
        """`most` is how many a person may have."""
        self._calls = calls
        self._most = most

    async def register(self, user_id: UUID, session_id: UUID, device: NewDevice) -> Registered:
        """Keep a device for a login; one that the person has already is refreshed.

        Raises `unauthenticated` for a login that has ended, `conflict` for a device that another
        login has with other keys, and at the limit.
        """
        given = msgspec.structs.astuple(device)
        (row,) = await self._calls.rows(_SQL["register"], user_id, session_id, *given, self._most)
        if row["verdict"] == "ended":
            raise RequestError(ErrorCode.UNAUTHENTICATED, "the login has ended")
        raise_for(row["verdict"], "device", limit=self._most)
        return Registered(row["device_id"], row["verdict"] == "ok")

    async def delete_gone(self, device_ids: Sequence[UUID]) -> None:
        """Forget devices whose push service answered that they are gone."""
        await self._calls.rows(_SQL["delete_gone"], list(device_ids))

    async def mark_stale(self, device_ids: Sequence[UUID], read_at: datetime) -> None:
        """Push no more to devices whose service refuses our key, until they are registered anew.

        Those that were registered after `read_at`, when they were read for sending, stay.
        """
        await self._calls.rows(_SQL["mark_stale"], list(device_ids), read_at)

    async def touch_used(self, device_ids: Sequence[UUID]) -> None:
        """Note that devices were pushed to."""
        await self._calls.rows(_SQL["touch_used"], list(device_ids))
