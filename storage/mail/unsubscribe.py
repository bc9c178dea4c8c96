"""Links that turn off mail of one category: what they hold, and what they do.

A link is for one person, category and channel, and for good: old mails have it too. That of a
digest is for all categories that may be turned off: the next digest is of others. It opens nothing
else, so that whoever is sent a mail on can do no more than turn it off.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

import asyncpg

from protocol.notifications.categories import CATEGORIES, CHANNELS, may_be_turned_off
from storage.database.queries import load_queries

_SQL = load_queries("mail/unsubscribing")

PATH = "/v1/unsubscribe"
DIGEST = "digest"
"""In place of a category: all that may be turned off."""
_MAC_BYTES = 20
_ID_BYTES = 16
_TOKEN_CHARS = 200


class Choice(NamedTuple):
    """What a link turns off, and whose it is; the category may be `DIGEST`."""

    user_id: UUID
    category: str
    channel: str

    @property
    def categories(self) -> list[str]:
        """Those that it turns off."""
        asked = CATEGORIES if self.category == DIGEST else (self.category,)
        return [one for one in asked if _is_free(one, self.channel)]


def choice_of(user_id: UUID, categories: Collection[str], channel: str) -> Choice | None:
    """What a link turns off in a mail that tells of these; None for what may not be turned off."""
    free = [one for one in categories if _is_free(one, channel)]
    if not free:
        return None
    return Choice(user_id, free[0] if len(categories) == 1 else DIGEST, channel)


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
        if not choice.categories:
            raise ValueError(f"{choice.category} by {choice.channel} cannot be turned off")
        told = choice.user_id.bytes + f"{choice.category}/{choice.channel}".encode()
        return base64.urlsafe_b64encode(self._mac(told) + told).rstrip(b"=").decode()

    def url(self, choice: Choice, public_url: str) -> str:
        """The address for `List-Unsubscribe`. Raises as `token` does."""
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
        return choice if choice.categories else None

    def _mac(self, told: bytes) -> bytes:
        return hmac.digest(self._secret, b"unsubscribe\0" + told, hashlib.sha256)[:_MAC_BYTES]


class Unsubscribing:
    """Preferences, as links in mails reach them. Methods raise what asyncpg raises."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def look(self, choice: Choice) -> Asked | None:
        """How a choice stands; None where the person is not there any more."""
        row = await self._pool.fetchrow(_SQL["asked"], *_rows(choice))
        return None if row is None else Asked(row["locale"], row["is_off"])

    async def turn_off(self, choice: Choice) -> Asked | None:
        """Turn it off, also if it is off already; None where the person is not there any more."""
        row = await self._pool.fetchrow(_SQL["turn_off"], *_rows(choice))
        return None if row is None else Asked(row["locale"], is_off=True)


def _is_free(category: str, channel: str) -> bool:
    is_known = category in CATEGORIES and channel in CHANNELS
    return is_known and may_be_turned_off(category, channel)


def _rows(choice: Choice) -> tuple[UUID, list[str], str]:
    return choice.user_id, choice.categories, choice.channel
