"""Registering devices for push: what is wrong with one is told before it is kept."""

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from handlers.caller import Caller
from protocol.errors import MISSING, Fault, RequestError
from protocol.faults.calendar import calendar_faults, in_calendar
from protocol.notifications.push import RegisterDevice
from storage.outbound.client import OutboundRules
from storage.outbound.targets import RefusedTargetError
from storage.push.devices import NewDevice, PushDevices, Registered
from storage.push.encryption import SECRET_BYTES, public_key_of


def _utc_now() -> datetime:
    return datetime.now(UTC)


class PushDeviceCommands:
    """Registers the devices of whoever asks."""

    def __init__(
        self, devices: PushDevices, rules: OutboundRules, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self._devices = devices
        self._rules = rules
        self._now = now

    async def register(self, caller: Caller, request: RegisterDevice) -> Registered:
        """Keep a device for the caller's login, or refresh it.

        The endpoint is judged by what it says; where its name leads is judged at each push.
        Raises `validation_failed`, `conflict`, `unauthenticated` for a login that has ended.
        """
        faults = [*self._faults(request)]
        if faults:
            raise RequestError.of_faults(faults)
        return await self._devices.register(
            caller.user_id,
            caller.session_id,
            NewDevice(
                request.platform,
                request.token,
                None if request.p256dh is None else _bytes(request.p256dh),
                None if request.auth is None else _bytes(request.auth),
                request.expires_at,
                request.locale,
            ),
        )

    def _faults(self, request: RegisterDevice) -> Iterator[Fault]:
        yield from _faults_of_end(request.expires_at, self._now())
        if request.platform == "web":
            yield from self._faults_of_web(request)
            return
        for name in ("p256dh", "auth"):
            if getattr(request, name) is not None:
                yield Fault(name, "belongs to web alone")

    def _faults_of_web(self, request: RegisterDevice) -> Iterator[Fault]:
        try:
            self._rules.target_of(request.token)
        except RefusedTargetError as error:
            yield Fault("token", str(error))
        if request.p256dh is None:
            yield Fault("p256dh", MISSING, "required")
        else:
            try:
                public_key_of(_bytes(request.p256dh))
            except ValueError as error:
                yield Fault("p256dh", str(error))
        if request.auth is None:
            yield Fault("auth", MISSING, "required")
        elif len(_bytes(request.auth)) != SECRET_BYTES:
            yield Fault("auth", f"is no secret of {SECRET_BYTES} bytes")


def _faults_of_end(end: datetime | None, now: datetime) -> Iterator[Fault]:
    if end is None:
        return
    if not in_calendar(end):
        yield from calendar_faults(end, "expires_at")
    elif end <= now:
        yield Fault("expires_at", "is over")


def _bytes(text: str) -> bytes:
    """Base64url with or without its padding; of a length that none has, nothing."""
    bare = text.rstrip("=")
    if len(bare) % 4 == 1:
        return b""
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
