"""Registering devices for push: what is wrong with one is told before it is kept."""

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from handlers.caller import Caller
from protocol.errors import Fault, RequestError
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
                _bytes(request.p256dh),
                _bytes(request.auth),
                request.expires_at,
                request.locale,
            ),
        )

    def _faults(self, request: RegisterDevice) -> Iterator[Fault]:
        if request.expires_at is not None and request.expires_at <= self._now():
            yield Fault("expires_at", "is over")
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
        try:
            public_key_of(_bytes(request.p256dh) or b"")
        except ValueError as error:
            yield Fault("p256dh", str(error))
        if len(_bytes(request.auth) or b"") != SECRET_BYTES:
            yield Fault("auth", f"is no secret of {SECRET_BYTES} bytes")


def _bytes(text: str | None) -> bytes | None:
    """Base64url with or without its padding; of a length that none has, nothing."""
    if text is None:
        return None
    bare = text.rstrip("=")
    if len(bare) % 4 == 1:
        return b""
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
