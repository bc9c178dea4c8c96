"""Links that turn off mail of one category: what they hold, and what they do.

A link is for one person, category and channel, and for good: old mails have it too. It opens
nothing else, so that whoever is sent a mail on can do no more than turn it off.
"""

import base64
import binascii
import hashlib
import hmac
from typing import NamedTuple
from uuid import UUID

import asyncpg

from protocol.notifications.categories import CATEGORIES, CHANNELS, may_be_turned_off
from storage.database.queries import load_queries

_SQL = load_queries("mail/unsubscribing")

PATH = "/v1/unsubscribe"
_MAC_BYTES = 20
_ID_BYTES = 16
_TOKEN_CHARS = 200


class Choice(NamedTuple):
    """What a link turns off, and whose it is."""

    user_id: UUID
    category: str
    channel: str


class Asked(NamedTuple):
    """A choice as it stands: the person's locale, and whether it is off already."""

    locale: str
    is_off: bool


class UnsubscribeTokens:
    """Makes and reads the tokens of links."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def token(self, choice: Choice) -> str:
        """The token of a choice, of the letters of base64url.

        Raises `ValueError` for what may not be turned off.
        """
        if not _is_free(choice):
            raise ValueError(f"{choice.category} by {choice.channel} cannot be turned off")
        told = choice.user_id.bytes + f"{choice.category}/{choice.channel}".encode()
        return base64.urlsafe_b64encode(self._mac(told) + told).rstrip(b"=").decode()

    def url(self, choice: Choice, public_url: str) -> str | None:
        """The address for `List-Unsubscribe`; None for what may not be turned off."""
        if not _is_free(choice):
            return None
        return f"{public_url.rstrip('/')}{PATH}/{self.token(choice)}"

    def read(self, token: str) -> Choice | None:
        """The choice of a token that was made here; None for any other text."""
        if len(token) > _TOKEN_CHARS or not token.isascii():
            return None
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        except binascii.Error:
            return None
        mac, told = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if len(told) <= _ID_BYTES or not hmac.compare_digest(self._mac(told), mac):
            return None
        category, _, channel = told[_ID_BYTES:].decode().partition("/")
        choice = Choice(UUID(bytes=told[:_ID_BYTES]), category, channel)
        return choice if _is_free(choice) else None

    def _mac(self, told: bytes) -> bytes:
        return hmac.digest(self._secret, b"unsubscribe\0" + told, hashlib.sha256)[:_MAC_BYTES]


class Unsubscribing:
    """Preferences, as links in mails reach them. Methods raise what asyncpg raises."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def look(self, choice: Choice) -> Asked | None:
        """How a choice stands; None where the person is not there any more."""
        row = await self._pool.fetchrow(_SQL["asked"], *choice)
        return None if row is None else Asked(row["locale"], row["is_off"])

    async def turn_off(self, choice: Choice) -> Asked | None:
        """Turn it off, also if it is off already; None where the person is not there any more."""
        row = await self._pool.fetchrow(_SQL["turn_off"], *choice)
        return None if row is None else Asked(row["locale"], is_off=True)


def _is_free(choice: Choice) -> bool:
    is_known = choice.category in CATEGORIES and choice.channel in CHANNELS
    return is_known and may_be_turned_off(choice.category, choice.channel)
