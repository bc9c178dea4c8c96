"""Takes events of the payment provider: verified on the raw bytes, and stored before the answer."""

import time
from collections.abc import Callable

import asyncpg
import msgspec

from protocol.errors import ErrorCode, RequestError
from storage.database.bounded import database_within
from storage.payments.events import ProviderEvents, SentEvent
from storage.payments.local import Clock
from storage.payments.signatures import SignatureError, signature, verify

STORE_S = 5.0


class EventReceiver:
    """The one way in for events, by HTTP and from the local provider."""

    def __init__(self, events: ProviderEvents, provider: str, secret: str, clock: Clock) -> None:
        self.provider = provider
        self._events = events
        self._secret = secret
        self._clock = clock
        self.stored: Callable[[], None] = lambda: None
        """Called for each event that was not there before."""

    async def take(self, raw: bytes, header: str | None) -> bool:
        """Keep an event; False where it was kept before. It is committed on return.

        Nothing of the body is looked at before its signature fits. Raises `RequestError`:
        `forbidden` for the signature, `bad_request` and `validation_failed` for the body,
        `unavailable` while it cannot be kept.
        """
        try:
            verify(self._secret, raw, header, time.time())
        except SignatureError as error:
            raise RequestError(ErrorCode.FORBIDDEN, str(error)) from error
        event, body = _decoded(raw)
        async with database_within(STORE_S):
            try:
                is_new = await self._events.store(self.provider, event, body, await self._clock())
            except asyncpg.DataError as error:
                raise RequestError.invalid("", "the body cannot be stored") from error
        if is_new:
            self.stored()
        return is_new

    async def take_own(self, raw: bytes) -> None:
        """Sign an event of the local provider, and take it as any other."""
        await self.take(raw, signature(self._secret, raw, int(time.time())))


def _decoded(raw: bytes) -> tuple[SentEvent, str]:
    try:
        return msgspec.json.decode(raw, type=SentEvent), raw.decode()
    except msgspec.ValidationError as error:
        raise RequestError.invalid("", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(ErrorCode.BAD_REQUEST, "the body is not JSON") from error
