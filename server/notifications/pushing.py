"""Deliveries by push: what a device shows of one notification, and what replaces what there."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import msgspec
import structlog

from protocol.errors import RequestError
from protocol.notifications.judgement import Reason
from protocol.notifications.rendering import Rendered
from server.notifications.sender import Handed
from storage.notifications.judging import Facts
from storage.push.devices import PushDevices
from storage.push.port import PAYLOAD_BYTES, URGENCIES, Device, Push, PushOutcome, PushPort

log = structlog.get_logger()

TTL_S = 86_400
"""For what does not expire by itself."""
_UNNOTED = 1_000
_CUT = "…"


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a page's service worker is handed: it shows `title` and `body`, opens `url`.

    What has the same `tag` is replaced on the device. `id` is the notification's.
    """

    id: str
    type: str
    tag: str
    title: str
    body: str = ""
    url: str | None = None


class _Learned(NamedTuple):
    """What a push told of its device, which was read at `read_at`."""

    device: UUID
    state: str
    read_at: dt.datetime


class Pushing:
    """The sender of pushes."""

    def __init__(self, port: PushPort, devices: PushDevices, *, at_once: int) -> None:
        self._port = port
        self._devices = devices
        self._learned: list[_Learned] = []
        # One that is too large is sent once more.
        self.timeout_s = 2 * port.timeout_s
        self.at_once = at_once

    def provider(self, facts: Facts) -> str:
        """The push service of the device's browser."""
        if facts.device is None:
            return ""
        return urlsplit(facts.device.endpoint).netloc.rpartition("@")[2]

    async def unreachable(self, batch: Sequence[Facts]) -> Collection[UUID]:
        """None: which devices are there is a fact of the judgement."""
        del batch
        return ()

    def compose(self, facts: Facts, words: Sequence[Rendered]) -> Shown:
        """What the device is to show."""
        return _shown(facts, words[0])

    async def send(self, facts: Facts, composed: object) -> Handed:
        """Hand a push to the device's service; one that is too large without its text."""
        assert isinstance(composed, Shown)
        assert facts.device is not None
        outcome = await self._port.send(_push(facts, composed))
        if outcome.state == "too_large":
            bare = msgspec.structs.replace(composed, body="")
            outcome = await self._port.send(_push(facts, bare))
        self._learned.append(_Learned(facts.device.id, outcome.state, facts.now))
        return _handed(outcome)

    async def note(self) -> None:
        """Forget devices that are gone, leave out those that refuse our key until they are
        registered anew, and note which were pushed to.
        """
        learned, self._learned = self._learned, []
        try:
            if gone := [one.device for one in learned if one.state == "gone"]:
                await self._devices.delete_gone(gone)
            if stale := [one for one in learned if one.state == "stale"]:
                # One that was registered anew by the first of these moments is asked once more.
                read_at = min(one.read_at for one in stale)
                await self._devices.mark_stale([one.device for one in stale], read_at)
            if sent := [one.device for one in learned if one.state == "sent"]:
                await self._devices.touch_used(sent)
        except (RequestError, asyncpg.PostgresError) as error:
            log.warning("devices_not_noted", reason=type(error).__name__, devices=len(learned))
            self._learned = [*learned, *self._learned][-_UNNOTED:]


def _handed(outcome: PushOutcome) -> Handed:
    match outcome.state:
        case "sent":
            return Handed(state="sent")
        case "retry":
            return Handed(
                state="retry",
                answered=outcome.answered,
                pause_s=outcome.pause_s,
                retry_after_s=outcome.retry_after_s,
                error=outcome.reason,
            )
        case "gone" | "stale":
            return Handed(state="unreachable", reason=Reason.DEVICE_GONE, error=outcome.reason)
        case _:
            return Handed(state="refused", error=outcome.reason)


def _shown(one: Facts, words: Rendered) -> Shown:
    """With as much of the text as there is room for, in bytes as JSON has them."""
    item = one.items[0]
    shown = Shown(
        str(item.id), item.type, one.group_key, words.title, words.content, words.action_url
    )
    over = len(msgspec.json.encode(shown)) - PAYLOAD_BYTES
    if over <= 0:
        return shown
    room = len(msgspec.json.encode(words.content)) - over - len(_CUT.encode())
    return msgspec.structs.replace(shown, body=_beginning(words.content, room) + _CUT)


def _beginning(text: str, room: int) -> str:
    """As many characters as take so many bytes in JSON, its quotes included."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        is_short = len(msgspec.json.encode(text[:middle])) <= room
        low, high = (middle, high) if is_short else (low, middle - 1)
    return text[:low]


def _push(one: Facts, shown: Shown) -> Push:
    assert one.device is not None
    left = None if one.expires_at is None else int((one.expires_at - one.now).total_seconds())
    return Push(
        device=Device(*one.device),
        payload=msgspec.json.encode(shown),
        ttl_s=TTL_S if left is None else max(0, left),
        urgency=URGENCIES[one.priority],
        topic=one.group_key,
    )
