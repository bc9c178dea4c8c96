"""What delivers a push: the port. Web push is behind it; APNs and FCM would be."""

from typing import Literal, Protocol
from uuid import UUID

import msgspec

PAYLOAD_BYTES = 3072
"""The longest payload before encryption: push services take 4,096 bytes of what it becomes."""

Urgency = Literal["very-low", "low", "normal", "high"]
"""RFC 8030, section 5.3: what a device may leave until it is charged, and what wakes it."""

URGENCIES: dict[str, Urgency] = {"low": "low", "normal": "normal", "high": "high", "urgent": "high"}
"""By the priority of a notification."""


class Device(msgspec.Struct, frozen=True):
    """A device of somebody's. For `web`, `endpoint` is the URL of its push service.

    `p256dh` is its public key (65 bytes, uncompressed P-256), `auth` its secret (16 bytes).
    """

    id: UUID
    platform: str
    endpoint: str
    p256dh: bytes
    auth: bytes


class Push(msgspec.Struct, frozen=True):
    """What to deliver: at most `PAYLOAD_BYTES`, within `ttl_s` seconds, or not at all (0: now).

    A later push with the same `topic` replaces one that the device has not fetched; any text.
    """

    device: Device
    payload: bytes
    ttl_s: int
    urgency: Urgency = "normal"
    topic: str | None = None


class PushOutcome(msgspec.Struct, frozen=True):
    """How it went.

    `sent`: the service has it. `gone`: the device is to be deleted. `stale`: the service does not
    take our key for this device, which has to be registered anew. `too_large`: the same may be
    sent shorter. `retry`: perhaps later, if the service says so after `retry_after_s` seconds;
    for `pause_s` it takes nothing for any device; `answered` is true where it says so of this
    device alone.
    `rejected`: the same will never be taken. `reason` is for people.
    """

    state: Literal["sent", "gone", "stale", "too_large", "retry", "rejected"]
    retry_after_s: float | None = None
    pause_s: float = 0.0
    reason: str = ""
    answered: bool = False


class PushPort(Protocol):
    """Delivers pushes; `timeout_s` bounds each."""

    timeout_s: float

    async def send(self, push: Push) -> PushOutcome:
        """Deliver one; raises nothing for what the network does."""
        ...
