"""Web push: encrypted for the browser, signed by the installation, sent to its push service.

Source: RFC 8030, with RFC 8291 and RFC 8292.
"""

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from storage.outbound.client import Answer, OutboundClient, OutboundFailedError
from storage.outbound.targets import RefusedTargetError
from storage.push.encryption import CODING, encrypted
from storage.push.port import PAYLOAD_BYTES, Push, PushOutcome
from storage.push.vapid import Vapid, base64url

TTL_MOST_S = 28 * 86_400
"""The longest that the large services keep a push; some refuse a longer one."""
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
_TOPIC_HASH_BYTES = 24  # 32 characters
_REASON_CHARS = 200
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class WebPushTimes:
    """`timeout_s` bounds one push; a service's Retry-After counts up to `retry_after_most_s`."""

    timeout_s: float = 10.0
    retry_after_most_s: float = 3600.0


class WebPush:
    """Delivers to browsers; a device of another platform is `rejected`."""

    def __init__(
        self,
        client: OutboundClient,
        vapid: Vapid,
        times: WebPushTimes,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._vapid = vapid
        self._times = times
        self._now = now
        self.timeout_s = times.timeout_s

    async def send(self, push: Push) -> PushOutcome:
        """Deliver one push. Nothing is raised for what the network or the service does."""
        device = push.device
        if device.platform != "web":
            return PushOutcome("rejected", reason=f"nothing delivers to {device.platform}")
        if len(push.payload) > PAYLOAD_BYTES:
            return PushOutcome("too_large", reason=f"more than {PAYLOAD_BYTES} bytes")
        try:
            target = self._client.rules.target_of(device.endpoint)
            body = encrypted(push.payload, device.p256dh, device.auth)
            headers = self._headers(push, target.origin)
            answer = await self._client.post(
                device.endpoint, headers, body, timeout_s=self.timeout_s
            )
        except RefusedTargetError as error:
            return PushOutcome("rejected", reason=f"the endpoint {error}")
        except OutboundFailedError as error:
            return PushOutcome("retry", reason=str(error))
        except ValueError as error:
            return PushOutcome("rejected", reason=f"the browser's key {error}")
        return self._outcome(answer)

    def _headers(self, push: Push, origin: str) -> dict[str, str]:
        headers = {
            "Authorization": self._vapid.authorization(origin),
            "Content-Encoding": CODING,
            "Content-Type": "application/octet-stream",
            "TTL": str(min(max(push.ttl_s, 0), TTL_MOST_S)),
            "Urgency": push.urgency,
        }
        return headers if push.topic is None else headers | {"Topic": topic_of(push.topic)}

    def _outcome(self, answer: Answer) -> PushOutcome:
        reason = _reason(answer)
        match answer.status:
            case status if 200 <= status < 300:
                return PushOutcome("sent")
            case 404 | 410:
                return PushOutcome("gone", reason=reason)
            case 401 | 403:
                return PushOutcome("stale", reason=reason)
            case 413:
                return PushOutcome("too_large", reason=reason)
            case status if status in {408, 429} or status >= 500:
                wait_s = self._retry_after_s(answer.headers)
                # 429 is about one device (RFC 8030, section 8.4), what fails is the service.
                is_of_device = status < 500
                pause_s = 0.0 if is_of_device or wait_s is None else wait_s
                return PushOutcome("retry", wait_s, pause_s, reason, answered=is_of_device)
            case _:
                return PushOutcome("rejected", reason=reason)

    def _retry_after_s(self, headers: Mapping[str, str]) -> float | None:
        wait_s = retry_after_s(headers.get("Retry-After", ""), self._now())
        return None if wait_s is None else min(wait_s, self._times.retry_after_most_s)


def topic_of(text: str) -> str:
    """A topic as the header takes it: itself, or a hash of what is longer or has other letters."""
    if _TOPIC.fullmatch(text):
        return text
    return base64url(hashlib.sha256(text.encode()).digest()[:_TOPIC_HASH_BYTES])


def retry_after_s(text: str, now: float) -> float | None:
    """The seconds that Retry-After asks to wait, not below 0; None for what cannot be read.

    It may be a number of seconds or a date (RFC 9110, section 10.2.3).
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, zoned.timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _reason(answer: Answer) -> str:
    """The status and the beginning of what the service says, in printable ASCII."""
    said = _UNPRINTABLE.sub(" ", answer.body.decode("latin-1")).strip()
    return f"{answer.status} {said}".strip()[:_REASON_CHARS]
