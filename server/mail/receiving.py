"""Takes reports of mails that did not arrive: verified on the raw bytes, and noted at once."""

import time
from datetime import UTC, datetime

import asyncpg
import msgspec

from protocol.errors import ErrorCode, RequestError
from storage.database.bounded import database_within
from storage.mail import bounces
from storage.mail.message_ids import MessageIds
from storage.mail.suppressions import Noted, Suppressions
from storage.payments.signatures import SignatureError, verify

NOTE_S = 5.0
_REPORT = "multipart/report"


class Taken(msgspec.Struct, frozen=True):
    """How many bounces and complaints a body told of, and how many addresses take no mail by it."""

    bounces: int
    suppressed: int


class MailEventReceiver:
    """The one way in for reports."""

    def __init__(self, suppressions: Suppressions, ids: MessageIds, secret: str) -> None:
        self._suppressions = suppressions
        self._ids = ids
        self._secret = secret

    async def take(self, raw: bytes, header: str | None, content_type: str) -> Taken:
        """Note what a body tells; the same again changes nothing. It is committed on return.

        Nothing of the body is looked at before its signature fits. Events are the signer's word; a
        report is of whoever has written it, and counts for mails of ours alone.

        Raises `RequestError`: `forbidden` for the signature, `bad_request` and
        `validation_failed` for the body, `unavailable` while it cannot be noted.
        """
        try:
            verify(self._secret, raw, header, time.time())
        except SignatureError as error:
            raise RequestError(ErrorCode.FORBIDDEN, str(error)) from error
        noted = _told(raw, content_type, self._ids)
        async with database_within(NOTE_S):
            try:
                suppressed = await self._suppressions.note(noted)
            except asyncpg.DataError as error:
                raise RequestError.invalid("", "the body cannot be stored") from error
        return Taken(len(noted), suppressed)


def _told(raw: bytes, content_type: str, ids: MessageIds) -> list[Noted]:
    kind = content_type.partition(";")[0].strip().lower()
    now = datetime.now(UTC)
    try:
        if kind == "application/json":
            return bounces.of_events(raw, now)
        body_of = content_type if kind == _REPORT else None
        return bounces.of_report(raw, body_of, now, ids)
    except msgspec.ValidationError as error:
        raise RequestError.invalid("", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(ErrorCode.BAD_REQUEST, "the body is not JSON") from error
    except bounces.NoReportError as error:
        raise RequestError(ErrorCode.BAD_REQUEST, f"the body is no report: {error}") from error
