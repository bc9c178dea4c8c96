"""Deliveries by push: what a device shows of one notification, and what replaces what there."""

import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import structlog

from protocol.errors import RequestError
from protocol.notifications.judgement import Reason
from protocol.notifications.rendering import Rendered
from server.notifications.sender import Handed
from server.notifications.telling import told
from storage.notifications.judging import Facts
from storage.notifications.rendering import Renderer
from storage.push.port import PAYLOAD_BYTES, URGENCIES, Device, Push, PushOutcome, PushPort

log = structlog.get_logger()

TTL_S = 86_400
"""For what does not expire by itself."""


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


class Forgetting(NamedTuple):
    """What becomes of devices: gone ones are deleted, those that refuse our key are left out until
    they are registered anew, unless they were since the time given.
    """

    gone: Callable[[Sequence[UUID]], Awaitable[None]]
    stale: Callable[[Sequence[UUID], dt.datetime], Awaitable[None]]


class Pushing:
    """The sender of pushes."""

    def __init__(
        self, port: PushPort, renderer: Renderer, forgetting: Forgetting, *, at_once: int
    ) -> None:
        self._port = port
        self._renderer = renderer
        self._forgetting = forgetting
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

    async def written(self, batch: Sequence[Facts]) -> Mapping[UUID, object]:
        """What each device is to show."""
        words = await told(self._renderer, batch)
        return {one.ref.id: _shown(one, words[one.ref.id][0]) for one in batch}

    async def send(self, facts: Facts, written: object) -> Handed:
        """Hand a push to the device's service; one that is too large without its text."""
        assert isinstance(written, Shown)
        outcome = await self._port.send(_push(facts, written))
        if outcome.state == "too_large":
            bare = msgspec.structs.replace(written, body="")
            outcome = await self._port.send(_push(facts, bare))
        return await self._handed(facts, outcome)

    async def _handed(self, facts: Facts, outcome: PushOutcome) -> Handed:
        assert facts.device is not None
        match outcome.state:
            case "sent":
                return Handed(state="sent")
            case "retry":
                # Who asks for patience has answered.
                is_told = outcome.retry_after_s is not None
                return Handed(
                    state="retry",
                    answered=is_told,
                    retry_after_s=outcome.retry_after_s,
                    error=outcome.reason,
                )
            case "gone":
                await self._forget(self._forgetting.gone([facts.device.id]))
            case "stale":
                await self._forget(self._forgetting.stale([facts.device.id], facts.now))
            case _:
                return Handed(state="refused", error=outcome.reason)
        return Handed(state="unreachable", reason=Reason.DEVICE_GONE, error=outcome.reason)

    async def _forget(self, forgetting: Awaitable[None]) -> None:
        try:
            await forgetting
        except RequestError as error:
            # It is asked once more, and says so again.
            log.warning("device_not_forgotten", reason=str(error.code))


def _shown(one: Facts, words: Rendered) -> Shown:
    item = one.items[0]
    shown = Shown(
        str(item.id), item.type, one.group_key, words.title, words.content, words.action_url
    )
    over = len(msgspec.json.encode(shown)) - PAYLOAD_BYTES
    if over <= 0:
        return shown
    # In bytes, as JSON has them: at least one for each character that is cut.
    shorter = words.content[: max(0, len(words.content) - over)]
    while shorter and len(msgspec.json.encode(shown)) > PAYLOAD_BYTES:
        shown = msgspec.structs.replace(shown, body=shorter + "…")
        shorter = shorter[:-32]
    return shown


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
